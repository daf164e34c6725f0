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
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

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

	private final Map<String, ChatModelBean> beans = new ConcurrentHashMap<>();

	/**
	 * Create the beans.
	 * @param beanFactory the factory of the beans
	 * @param excluded the names of the beans that are not to be counted
	 */
	public ChatModelBeans(ConfigurableListableBeanFactory beanFactory, Set<String> excluded) {
		this.beanFactory = beanFactory;
		this.excluded = Set.copyOf(excluded);
	}

	/**
	 * Remember a bean, and warn if nothing can count it.
	 */
	void add(String beanName, ChatModel model, CaptureMode mode) {
		ChatModelBean before = this.beans.put(beanName, new ChatModelBean(new WeakReference<>(model), mode));
		if (mode == CaptureMode.NONE && before == null) {
			Class<?> type = AopUtils.getTargetClass(model);
			String mend = CountedModel.isSpringAi(type)
					? "Build it with the application's ObservationRegistry, by builder().observationRegistry(registry)"
					: "Return TokenCounter.track(chatModel) from its bean method";
			logger.warn("Calls to chat model bean '" + beanName + "' can not be counted: " + type.getName()
					+ " can not be proxied as " + CountedModel.whyNotProxied(type)
					+ ", and its calls are not observed. " + mend
					+ ". Calls through a ChatClient.Builder of Spring AI's auto-configuration are counted.");
		}
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

	boolean isExcluded(@Nullable String beanName) {
		ChatModelBean bean = (beanName != null) ? this.beans.get(beanName) : null;
		return bean != null && bean.mode() == CaptureMode.EXCLUDED;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<String> unknown = new TreeSet<>(this.excluded);
		StringBuilder message = new StringBuilder();
		for (String name : this.beanFactory.getBeanNamesForType(ChatModel.class, true, false)) {
			if (ScopedProxyUtils.isScopedTarget(name)) {
				continue;
			}
			unknown.remove(name);
			ChatModelBean bean = this.beans.get(name);
			message.append(message.isEmpty() ? "" : ", ")
				.append(name)
				.append(" (")
				.append((bean != null) ? bean.mode().description() : "when it is created")
				.append(")");
		}
		logger.info(message.isEmpty() ? "No chat model bean to count tokens of"
				: "Counting tokens of chat model beans: " + message);
		if (!unknown.isEmpty()) {
			logger.warn("No chat model bean has the name " + unknown
					+ " that is given in token-counter.chat-models.exclude");
		}
	}

	private record ChatModelBean(WeakReference<ChatModel> model, CaptureMode mode) {

	}

}
