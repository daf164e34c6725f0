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
import io.tokencounter.chat.ChatModelGatePredicate.Probe;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.observation.conventions.AiProvider;
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
		ChatModelBean before = this.beans.get(beanName);
		CaptureMode known = (mode == null && this.started) ? decide(beanName, model) : mode;
		this.beans.put(beanName, new ChatModelBean(new WeakReference<>(model), known));
		if (known == CaptureMode.NONE && (before == null || before.mode() != known)) {
			warn(beanName, model);
		}
	}

	/**
	 * Return how a bean is counted whose class allows no proxy. All that is counted is
	 * what our handler hears of: a registry that it is not at tells nobody.
	 */
	private CaptureMode decide(String beanName, ChatModel model) {
		boolean springAi = ModelClasses.isSpringAi(AopUtils.getTargetClass(model));
		boolean observed = isObserved(model, springAi);
		if (this.excluded.contains(beanName)) {
			if (springAi && observed) {
				throw new ChatModelNotExcludableException(beanName,
						ModelClasses.whyNotProxied(AopUtils.getTargetClass(model))
								+ ", and the observations of its calls do not tell which model they belong to");
			}
			return CaptureMode.EXCLUDED;
		}
		if (!observed) {
			return CaptureMode.NONE;
		}
		return isHeard(beanName) ? CaptureMode.WIRE : CaptureMode.OBSERVATION;
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

	private boolean isObserved(ChatModel model, boolean springAi) {
		try {
			ObservationRegistry registry = ModelClasses.registryOf(model);
			return registry != null && this.observationRegistries.get().contains(registry) && isObserving(registry);
		}
		catch (RuntimeException ex) {
			logger.debug("Whether calls to " + model.getClass().getName() + " are observed can not be told", ex);
			return springAi;
		}
	}

	/**
	 * Return whether a registry observes calls to models: the application may have
	 * switched such observations off.
	 */
	private static boolean isObserving(ObservationRegistry registry) {
		Supplier<ChatModelObservationContext> context = () -> {
			ChatModelObservationContext probe = ChatModelObservationContext.builder()
				.prompt(new Prompt(""))
				.provider(AiProvider.SPRING_AI.value())
				.build();
			probe.put(Probe.class, Probe.INSTANCE);
			return probe;
		};
		try {
			return !ChatModelObservationDocumentation.CHAT_MODEL_OPERATION
				.observation(null, new DefaultChatModelObservationConvention(), context, registry)
				.isNoop();
		}
		catch (RuntimeException ex) {
			// A predicate of the application that does not expect such a call
			return !registry.isNoop();
		}
	}

	private static void warn(String beanName, ChatModel model) {
		Class<?> type = AopUtils.getTargetClass(model);
		String mend = ModelClasses.isSpringAi(type)
				? "Build it with the application's ObservationRegistry, by builder().observationRegistry(registry)"
				: "Return TokenCounter.track(chatModel) from its bean method";
		String reason = ModelClasses.whyNotProxied(type);
		logger.warn("Calls to chat model bean '" + beanName + "' can not be counted: " + type.getName()
				+ " can not be proxied as "
				+ ((reason != null) ? reason : "it was created before the beans that count could be asked")
				+ ", and its calls are not observed by the application's registry. " + mend
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
