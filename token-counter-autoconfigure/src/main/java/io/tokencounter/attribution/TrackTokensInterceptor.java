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

package io.tokencounter.attribution;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.core.MethodClassKey;

/**
 * Runs tracked methods in a scope of their own.
 */
final class TrackTokensInterceptor implements MethodInterceptor {

	private static final Log logger = LogFactory.getLog(TrackTokensInterceptor.class);

	private final Supplier<CallerScopes> scopes;

	private final Map<MethodClassKey, Optional<TrackedMethod>> methods = new ConcurrentHashMap<>();

	private volatile boolean warned;

	TrackTokensInterceptor(Supplier<CallerScopes> scopes) {
		this.scopes = scopes;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		TrackedMethod method = trackedMethod(invocation);
		if (method == null) {
			return invocation.proceed();
		}
		Map<String, String> tags = method.tags(invocation.getArguments());
		return method.returnsPublisher() ? invokePublisher(method, tags, invocation)
				: invokePlain(method, tags, invocation);
	}

	private @Nullable TrackedMethod trackedMethod(MethodInvocation invocation) {
		if (invocation.getThis() == null || invocation.getMethod().getDeclaringClass() == Object.class) {
			return null;
		}
		Class<?> type = invocation.getThis().getClass();
		return this.methods
			.computeIfAbsent(new MethodClassKey(invocation.getMethod(), type),
					(key) -> Optional.ofNullable(TrackedMethod.of(invocation.getMethod(), type)))
			.orElse(null);
	}

	private @Nullable Object invokePlain(TrackedMethod method, Map<String, String> tags, MethodInvocation invocation)
			throws Throwable {
		TrackedRun run = start(method, tags, Context.empty(), null);
		if (run == null) {
			return invocation.proceed();
		}
		Runnable leave = run.scope().enter();
		try {
			Object result = invocation.proceed();
			if (result instanceof CompletionStage<?> stage) {
				stage.whenComplete((ignored, error) -> {
					if (error != null) {
						run.failed(error);
					}
					run.end();
				});
			}
			else {
				run.end();
			}
			return result;
		}
		catch (Throwable ex) {
			run.failed(ex);
			run.end();
			throw ex;
		}
		finally {
			leave.run();
		}
	}

	/**
	 * What the method does itself before it returns is one run, and each subscription is
	 * one.
	 */
	private @Nullable Object invokePublisher(TrackedMethod method, Map<String, String> tags,
			MethodInvocation invocation) throws Throwable {
		TrackedRun assembly = new TrackedRun(method);
		assembly.startedIn(this.scopes.get().threadScope(method.feature(), tags, assembly));
		Observation caller = this.scopes.get().currentObservation();
		Runnable leave = assembly.scope().enter();
		Object result;
		try {
			result = invocation.proceed();
		}
		finally {
			leave.run();
			assembly.end();
		}
		if (result instanceof Flux<?> flux) {
			return track(flux, (context) -> start(method, tags, context, caller));
		}
		if (result instanceof Mono<?> mono) {
			return track(mono, (context) -> start(method, tags, context, caller));
		}
		return result;
	}

	private static <T> Flux<T> track(Flux<T> flux, Function<ContextView, @Nullable TrackedRun> starter) {
		return Flux.deferContextual((context) -> {
			TrackedRun run = starter.apply(context);
			return (run != null) ? run.scope().carry(flux).doOnError(run::failed).doFinally((signal) -> run.end())
					: flux;
		});
	}

	private static <T> Mono<T> track(Mono<T> mono, Function<ContextView, @Nullable TrackedRun> starter) {
		return Mono.deferContextual((context) -> {
			TrackedRun run = starter.apply(context);
			return (run != null) ? run.scope().carry(mono).doOnError(run::failed).doFinally((signal) -> run.end())
					: mono;
		});
	}

	private @Nullable TrackedRun start(TrackedMethod method, Map<String, String> tags, ContextView context,
			@Nullable Observation caller) {
		try {
			TrackedRun run = new TrackedRun(method);
			run.startedIn(this.scopes.get().openRun(method.feature(), tags, run, context, caller));
			return run;
		}
		catch (Exception | LinkageError ex) {
			if (!this.warned) {
				this.warned = true;
				logger.warn("A method is not tracked. Further faults are logged at debug level.", ex);
			}
			logger.debug("A method is not tracked", ex);
			return null;
		}
	}

}
