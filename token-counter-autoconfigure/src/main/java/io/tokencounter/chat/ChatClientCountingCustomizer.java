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

import java.lang.reflect.Field;
import java.util.function.Supplier;

import io.tokencounter.support.FaultLog;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.core.Ordered;
import org.springframework.util.ReflectionUtils;

/**
 * Adds a counting advisor to each {@link ChatClient} whose model needs one: a proxied
 * model does not.
 *
 * @since 0.1.0
 */
public final class ChatClientCountingCustomizer implements ChatClientBuilderCustomizer, Ordered {

	private static final Log logger = LogFactory.getLog(ChatClientCountingCustomizer.class);

	private final Supplier<ChatCallCounter> counter;

	private final Supplier<ChatModelBeans> beans;

	/**
	 * Create a customizer.
	 * @param counter the counter, asked for with the first client
	 * @param beans the chat model beans, asked for with the first client
	 */
	public ChatClientCountingCustomizer(Supplier<ChatCallCounter> counter, Supplier<ChatModelBeans> beans) {
		this.counter = counter;
		this.beans = beans;
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void customize(ChatClient.Builder builder) {
		try {
			CountingStreamAdvisor advisor = advisor(modelOf(builder));
			if (advisor != null) {
				builder.defaultAdvisors(advisor);
			}
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			// What keeps the counter from being created stops the start with a better
			// message
			logger.warn("A ChatClient is left without the advisor that counts its streams: " + ex);
			logger.debug("A ChatClient is left without the advisor that counts its streams", ex);
		}
	}

	private @Nullable CountingStreamAdvisor advisor(@Nullable ChatModel model) {
		if (model == null) {
			return new CountingAdvisor(this.counter.get(), CountedModel.UNKNOWN);
		}
		if (model instanceof CountingChatModel || ChatModelPostProcessor.isProxied(model)) {
			return null;
		}
		String beanName = this.beans.get().nameOf(model);
		CaptureMode mode = (beanName != null) ? this.beans.get().modeOf(beanName) : null;
		if (mode == CaptureMode.EXCLUDED || mode == CaptureMode.GIVEN_MODELS) {
			return null;
		}
		ChatCallCounter counter = this.counter.get();
		CountedModel counted = CountedModel.of(beanName, model, counter.isLeaf(model));
		boolean observed = counter.isOurs(ModelClasses.registryOf(model)) && (mode == null || mode.isGated());
		return (counted.leaf() && observed) ? new CountingStreamAdvisor(counter, counted)
				: new CountingAdvisor(counter, counted);
	}

	/**
	 * Return the model that a builder was made for. The builder does not tell; if it can
	 * not be read, the client gets an advisor that makes do without.
	 */
	private static @Nullable ChatModel modelOf(ChatClient.Builder builder) {
		Object request = read(builder, "defaultRequest");
		return (request != null && read(request, "chatModel") instanceof ChatModel model) ? model : null;
	}

	private static @Nullable Object read(Object object, String name) {
		Field field = ReflectionUtils.findField(object.getClass(), name);
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return ReflectionUtils.getField(field, object);
	}

}
