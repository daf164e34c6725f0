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

import java.lang.reflect.Method;
import java.util.function.Supplier;

import io.tokencounter.support.FaultLog;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ClassUtils;

/**
 * Counts the calls to one model bean.
 */
final class ChatModelInterceptor implements MethodInterceptor {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ChatModelInterceptor.class));

	private final Supplier<ChatCallCounter> counter;

	private final String beanName;

	private final boolean counted;

	private final boolean beside;

	private volatile @Nullable CountedModel latest;

	ChatModelInterceptor(Supplier<ChatCallCounter> counter, String beanName, boolean counted, boolean beside) {
		this.counter = counter;
		this.beanName = beanName;
		this.counted = counted;
		this.beside = beside;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		if (!(invocation.getThis() instanceof ChatModel target)) {
			return invocation.proceed();
		}
		ChatCallCounter counter = counter();
		if (counter == null) {
			return invocation.proceed();
		}
		CountedModel model = model(counter, target);
		boolean streaming = Flux.class.isAssignableFrom(invocation.getMethod().getReturnType());
		Object argument = invocation.getArguments()[0];
		if (argument instanceof Prompt prompt) {
			return streaming ? stream(counter, model, prompt, invocation) : call(counter, model, prompt, invocation);
		}
		Method method = ClassUtils.getMostSpecificMethod(invocation.getMethod(), target.getClass());
		if (method.isDefault() && method.getDeclaringClass().isAssignableFrom(ChatModel.class)) {
			// The interface's own overload would call the target behind the proxy's back
			return AopUtils.invokeJoinpointUsingReflection(new CountingChatModel(counter, model, target), method,
					invocation.getArguments());
		}
		return streaming ? stream(counter, model, null, invocation) : call(counter, model, null, invocation);
	}

	/**
	 * A counter that cannot be created, as a bean that it needs fails, is no reason to
	 * fail the application's call.
	 */
	private @Nullable ChatCallCounter counter() {
		try {
			return this.counter.get();
		}
		catch (Throwable ex) {
			this.faults.log("Calls to chat model bean '" + this.beanName + "' can not be counted", ex);
			return null;
		}
	}

	private static @Nullable Object call(ChatCallCounter counter, CountedModel model, @Nullable Prompt prompt,
			MethodInvocation invocation) throws Throwable {
		return counter.<@Nullable Object, Throwable>call(model, prompt, invocation::proceed,
				ChatModelInterceptor::toResponse);
	}

	private static @Nullable Object stream(ChatCallCounter counter, CountedModel model, @Nullable Prompt prompt,
			MethodInvocation invocation) throws Throwable {
		return counter.<Object, Throwable>stream(model, prompt, () -> flux(invocation.proceed()),
				ChatModelInterceptor::toResponse);
	}

	@SuppressWarnings("unchecked")
	private static @Nullable Flux<Object> flux(@Nullable Object result) {
		return (Flux<Object>) result;
	}

	private static @Nullable ChatResponse toResponse(@Nullable Object result) {
		return (result instanceof ChatResponse response) ? response : null;
	}

	/**
	 * The target is the same on each call but for beans of a scope or a prototype.
	 */
	private CountedModel model(ChatCallCounter counter, ChatModel target) {
		CountedModel model = this.latest;
		if (model == null || model.model() != target) {
			model = CountedModel.of(this.beanName, target, !this.beside && counter.isLeaf(target))
				.counted(this.counted)
				.beside(this.beside);
			this.latest = model;
		}
		return model;
	}

}
