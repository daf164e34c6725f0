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

package io.tokencounter.embedding;

import java.lang.reflect.Method;
import java.util.function.Supplier;

import io.tokencounter.support.FaultLog;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ClassUtils;

/**
 * Counts the calls to one embedding model bean that is not observed, or sees to it that
 * those to an excluded one are not.
 */
final class EmbeddingModelInterceptor implements MethodInterceptor {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(EmbeddingModelInterceptor.class));

	private final Supplier<EmbeddingCallCounter> counter;

	private final String beanName;

	private final boolean counted;

	EmbeddingModelInterceptor(Supplier<EmbeddingCallCounter> counter, String beanName, boolean counted) {
		this.counter = counter;
		this.beanName = beanName;
		this.counted = counted;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		EmbeddingCallCounter counter = counter();
		if (counter == null || !(invocation.getThis() instanceof EmbeddingModel model)) {
			return invocation.proceed();
		}
		if (!this.counted) {
			return counter.<@Nullable Object, Throwable>ignore(invocation::proceed);
		}
		Method method = ClassUtils.getMostSpecificMethod(invocation.getMethod(), model.getClass());
		if (method.isDefault() && method.getDeclaringClass().isAssignableFrom(EmbeddingModel.class)) {
			// The interface's own method would call the target behind the proxy's back
			return AopUtils.invokeJoinpointUsingReflection(new CountingEmbeddingModel(counter, this.beanName, model),
					method, invocation.getArguments());
		}
		if (method.getParameterCount() == 0) {
			// Own dimensions are known, or asked for once behind the proxy's back
			return invocation.proceed();
		}
		EmbeddingRequest request = (invocation.getArguments()[0] instanceof EmbeddingRequest made) ? made : null;
		return counter.<@Nullable Object, Throwable>call(model, this.beanName, request, invocation::proceed);
	}

	/**
	 * A counter that cannot be created, as a bean that it needs fails, is no reason to
	 * fail the application's call.
	 */
	private @Nullable EmbeddingCallCounter counter() {
		try {
			return this.counter.get();
		}
		catch (Throwable ex) {
			this.faults.log("Calls to embedding model bean '" + this.beanName + "' can not be counted", ex);
			return null;
		}
	}

}
