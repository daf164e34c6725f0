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
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

import io.tokencounter.support.FaultLog;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.util.ReflectionUtils;

/**
 * Runs tracked methods in a scope of their own.
 */
final class TrackTokensInterceptor implements MethodInterceptor {

	private static final Log logger = LogFactory.getLog(TrackTokensInterceptor.class);

	private final Supplier<CallerScopes> scopes;

	private final TrackedMethods methods;

	private final FaultLog faults = new FaultLog(logger);

	TrackTokensInterceptor(Supplier<CallerScopes> scopes, TrackedMethods methods) {
		this.scopes = scopes;
		this.methods = methods;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Invocation tracked = track(invocation);
		if (tracked == null) {
			return invocation.proceed();
		}
		Object result;
		try {
			result = proceed(invocation, tracked.run());
		}
		catch (Throwable ex) {
			tracked.run().failed(ex);
			tracked.run().end();
			throw ex;
		}
		return tracked.whenEnded(result);
	}

	private @Nullable Invocation track(MethodInvocation invocation) {
		try {
			TrackedMethod method = trackedMethod(invocation);
			return (method != null) ? new Invocation(method, method.tags(invocation.getArguments())) : null;
		}
		catch (Throwable ex) {
			this.faults.log(invocation.getMethod() + " is not tracked", ex);
			return null;
		}
	}

	private @Nullable TrackedMethod trackedMethod(MethodInvocation invocation) {
		if (invocation.getThis() == null || ReflectionUtils.isObjectMethod(invocation.getMethod())) {
			return null;
		}
		return this.methods.get(invocation.getMethod(), invocation.getThis().getClass());
	}

	private static @Nullable Object proceed(MethodInvocation invocation, TrackedRun run) throws Throwable {
		Runnable leave = run.scope().enter();
		try {
			return invocation.proceed();
		}
		finally {
			leave.run();
		}
	}

	/**
	 * One invocation of a tracked method. Where it returns a publisher, what the method
	 * does itself before it returns is one run, and each subscription is one.
	 */
	private final class Invocation {

		private final CallerScopes scopes = TrackTokensInterceptor.this.scopes.get();

		private final TrackedMethod method;

		private final Map<String, String> tags;

		private final CallerScopes.Place invokedIn = this.scopes.place();

		private final TrackedRun run;

		Invocation(TrackedMethod method, Map<String, String> tags) {
			this.method = method;
			this.tags = tags;
			// Hardly any time or call is spent before a publisher is returned
			this.run = method.returnsPublisher()
					? new TrackedRun(method, (listener) -> this.scopes.openOnThread(method, tags, listener))
					: start(Context.empty());
		}

		TrackedRun run() {
			return this.run;
		}

		@Nullable Object whenEnded(@Nullable Object result) {
			if (result instanceof CompletionStage<?> stage) {
				endWith(stage);
				return result;
			}
			this.run.end();
			if (result instanceof Flux<?> flux && this.method.canReturn(Flux.class)) {
				return track(flux);
			}
			if (result instanceof Mono<?> mono && this.method.canReturn(Mono.class)) {
				return track(mono);
			}
			return result;
		}

		private void endWith(CompletionStage<?> stage) {
			try {
				stage.whenComplete((ignored, error) -> {
					if (error != null) {
						this.run.failed(error);
					}
					this.run.end();
				});
			}
			catch (Throwable ex) {
				this.run.end();
				TrackTokensInterceptor.this.faults
					.log(this.method + " is tracked until it returns, as its stage does not tell its end", ex);
			}
		}

		private <T> Flux<T> track(Flux<T> flux) {
			return Flux.deferContextual((context) -> tracked(context, flux,
					// Whoever waits for the end finds that the run has ended
					(started) -> started.scope()
						.carryInto(flux)
						.doOnError(started::failed)
						.doOnTerminate(started::end)
						.doFinally((signal) -> started.end())));
		}

		private <T> Mono<T> track(Mono<T> mono) {
			return Mono.deferContextual((context) -> tracked(context, mono,
					(started) -> started.scope()
						.carryInto(mono)
						.doOnError(started::failed)
						.doOnTerminate(started::end)
						.doFinally((signal) -> started.end())));
		}

		private <P> P tracked(ContextView context, P publisher, Function<TrackedRun, P> operators) {
			TrackedRun run;
			try {
				run = start(context);
			}
			catch (Throwable ex) {
				TrackTokensInterceptor.this.faults.log("A subscription is not tracked", ex);
				return publisher;
			}
			return operators.apply(run);
		}

		private TrackedRun start(ContextView context) {
			return new TrackedRun(this.method,
					(listener) -> this.scopes.openRun(this.method, this.tags, listener, context, this.invokedIn));
		}

	}

}
