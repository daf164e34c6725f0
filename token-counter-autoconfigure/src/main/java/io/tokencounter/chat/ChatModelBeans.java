/*
 * Copyright 2026-present the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.tokencounter.chat;

import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.call.CallGate;
import io.tokencounter.call.HeardAnswers;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;

/**
 * The chat model beans of the application and how each is counted, for one line in the
 * log at start-up, and for whoever meets a model and wants to know which bean it is.
 *
 * @since 0.1.0
 */
public final class ChatModelBeans implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(ChatModelBeans.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final Set<String> excluded;

	private final Set<String> included;

	private final Supplier<List<ObservationRegistry>> observationRegistries;

	private final Map<String, ChatModelBean> beans = new ConcurrentHashMap<>();

	private final Set<String> excludedProviders = ConcurrentHashMap.newKeySet();

	private volatile boolean started;

	/**
	 * Create the beans.
	 * @param beanFactory the factory of the beans
	 * @param excluded the names of the beans that are not to be counted
	 * @param included the names of the beans that count beside the models that they call
	 * @param observationRegistries the application's registries, asked for when all beans
	 * are there
	 */
	public ChatModelBeans(ConfigurableListableBeanFactory beanFactory, Set<String> excluded, Set<String> included,
			Supplier<List<ObservationRegistry>> observationRegistries) {
		this.beanFactory = beanFactory;
		this.excluded = Set.copyOf(excluded);
		this.included = Set.copyOf(included);
		this.observationRegistries = observationRegistries;
	}

	/**
	 * Remember a bean.
	 * @param mode how it is counted, {@code null} if its observations decide
	 */
	void add(String beanName, ChatModel model, @Nullable CaptureMode mode) {
		String provider = ModelClasses.providerOf(model);
		if (provider != null && this.excluded.contains(beanName)) {
			this.excludedProviders.add(provider);
		}
		ChatModelBean before = this.beans.get(beanName);
		CaptureMode known = (mode == null && this.started) ? decide(beanName, model) : mode;
		this.beans.put(beanName, new ChatModelBean(new WeakReference<>(model), known));
		if (known != null && known.uncounted() != null && (before == null || before.mode() != known)) {
			warn(beanName, model, known);
		}
	}

	/**
	 * Return how a bean is counted whose class allows no proxy. All that is counted is
	 * what our handler hears of: a registry that it is not at tells nobody.
	 */
	private CaptureMode decide(String beanName, ChatModel model) {
		ObservedCalls observed = ObservedCalls.of(model, this.observationRegistries.get());
		if (this.excluded.contains(beanName)) {
			if (ModelClasses.isSpringAi(AopUtils.getTargetClass(model)) && observed != ObservedCalls.NONE) {
				throw new ChatModelNotExcludableException(beanName,
						ModelClasses.whyNotProxied(AopUtils.getTargetClass(model))
								+ ", and the observations of its calls do not tell which model they belong to");
			}
			return CaptureMode.EXCLUDED;
		}
		boolean heard = isHeard(beanName);
		return switch (observed) {
			case ALL -> heard ? CaptureMode.WIRE : CaptureMode.OBSERVATION;
			case SOME -> heard ? CaptureMode.WIRE_ALONE : CaptureMode.SOME_OBSERVATIONS;
			case NONE -> heard ? CaptureMode.WIRE_ALONE : CaptureMode.NONE;
		};
	}

	/**
	 * Spring AI's auto-configurations give their clients what listens. What an
	 * application gives to a client of its own is not known.
	 */
	private boolean isHeard(String beanName) {
		if (!hasBean(HeardAnswers.class) || !this.beanFactory.containsBeanDefinition(beanName)
				|| !(this.beanFactory.getMergedBeanDefinition(beanName) instanceof RootBeanDefinition definition)) {
			return false;
		}
		Method method = definition.getResolvedFactoryMethod();
		return method != null && ModelClasses.isSpringAi(method.getDeclaringClass());
	}

	private boolean hasBean(Class<?> type) {
		return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type, true, false).length > 0;
	}

	private static void warn(String beanName, ChatModel model, CaptureMode mode) {
		Class<?> type = AopUtils.getTargetClass(model);
		String mend = ModelClasses.isSpringAi(type)
				? "Build it with the application's ObservationRegistry, by builder().observationRegistry(registry)"
				: "Return TokenCounter.track(chatModel) from its bean method";
		String reason = ModelClasses.whyNotProxied(type);
		logger.warn(mode.uncounted() + " chat model bean '" + beanName + "' can not be counted: " + type.getName()
				+ " can not be proxied as "
				+ ((reason != null) ? reason : "it was created before the beans that count could be asked")
				+ ", and its calls are not" + ((mode == CaptureMode.NONE) ? "" : " all")
				+ " observed by the application's registry. " + mend
				+ ". Calls through a ChatClient.Builder of Spring AI's auto-configuration are counted.");
	}

	/**
	 * Return the name of a model's bean.
	 * @return the name, {@code null} if the model is no known bean
	 */
	@Nullable String nameOf(ChatModel model) {
		for (Map.Entry<String, ChatModelBean> bean : this.beans.entrySet()) {
			if (bean.getValue().model().get() == model) {
				return bean.getKey();
			}
		}
		return null;
	}

	/**
	 * Return whether any model of a provider is excluded. What is heard on the wire does
	 * not tell the model.
	 */
	boolean isExcludedAt(String provider) {
		return this.excludedProviders.contains(provider);
	}

	/**
	 * Return how a bean is counted.
	 * @return the mode, {@code null} if it is not known yet
	 */
	@Nullable CaptureMode modeOf(String beanName) {
		ChatModelBean bean = this.beans.get(beanName);
		if (bean != null && bean.mode() != null) {
			return bean.mode();
		}
		return this.excluded.contains(beanName) ? CaptureMode.EXCLUDED : null;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.started = true;
		Set<String> excluded = new TreeSet<>(this.excluded);
		Set<String> included = new TreeSet<>(this.included);
		StringBuilder message = new StringBuilder();
		Set<String> gated = new TreeSet<>();
		Set<String> ungated = new TreeSet<>();
		for (String name : this.beanFactory.getBeanNamesForType(ChatModel.class, true, false)) {
			if (ScopedProxyUtils.isScopedTarget(name)) {
				continue;
			}
			excluded.remove(name);
			included.remove(name);
			message.append(message.isEmpty() ? "" : ", ").append(name).append(" (").append(describe(name)).append(")");
			CaptureMode mode = modeOf(name);
			if (mode != null) {
				(mode.isGated() ? gated : ungated).add(name);
			}
		}
		logger.info(message.isEmpty() ? "No chat model bean to count tokens of"
				: "Counting tokens of chat model beans: " + message);
		if (hasBean(CallGate.class)) {
			logger.info("Budgets can refuse calls of chat model beans " + gated
					+ (ungated.isEmpty() ? "" : ", and not those of " + ungated));
		}
		warnOfUnknown("exclude", excluded);
		warnOfUnknown("include", included);
	}

	private String describe(String name) {
		ChatModelBean bean = this.beans.get(name);
		ChatModel model = (bean != null) ? bean.model().get() : null;
		if (bean == null && this.beanFactory.getSingleton(name) instanceof ChatModel early
				&& !ModelClasses.isMock(early)) {
			// Created before our post-processor, as something depends on it that is
			model = early;
		}
		if (model != null && (bean == null || bean.mode() == null)) {
			add(name, model, null);
			bean = this.beans.get(name);
		}
		CaptureMode mode = (bean != null) ? bean.mode() : null;
		if (mode != null) {
			return mode.description();
		}
		return this.beanFactory.containsSingleton(name) ? "not at all, a mock" : "when it is created";
	}

	private static void warnOfUnknown(String property, Set<String> names) {
		if (!names.isEmpty()) {
			logger.warn("No chat model bean has the name " + names + " that is given in token-counter.chat-models."
					+ property);
		}
	}

	private record ChatModelBean(WeakReference<ChatModel> model, @Nullable CaptureMode mode) {

	}

}
