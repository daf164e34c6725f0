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

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Something that calls belong to, and can be carried to where they are made.
 */
class CallerScope {

	private static final FaultLog faults = new FaultLog(LogFactory.getLog(CallerScope.class));

	private final CallAttribution attribution;

	private final @Nullable Observation observation;

	/**
	 * Create a scope.
	 * @param attribution whom the calls in the scope belong to
	 * @param observation the running observation that carries the attribution,
	 * {@code null} if the thread and the Reactor context have to
	 */
	CallerScope(CallAttribution attribution, @Nullable Observation observation) {
		this.attribution = attribution;
		this.observation = observation;
	}

	final CallAttribution attribution() {
		return this.attribution;
	}

	final @Nullable Observation observation() {
		return this.observation;
	}

	/**
	 * Enter the scope on the current thread.
	 * @return leaves the scope, to be called on the same thread
	 */
	final Runnable open() {
		if (this.observation != null) {
			return open(this.observation);
		}
		CallAttribution previous = CallerScopes.replaceThreadAttribution(this.attribution);
		return () -> CallerScopes.replaceThreadAttribution(previous);
	}

	/**
	 * A handler of the application that fails is no reason to fail its call, nor to leave
	 * the scope on the thread, for later calls to be attributed to.
	 */
	private static Runnable open(Observation observation) {
		ObservationRegistry registry = observation.getObservationRegistry();
		Observation.Scope previous = registry.getCurrentObservationScope();
		try {
			Observation.Scope scope = observation.openScope();
			return () -> close(scope, registry, previous);
		}
		catch (Exception | LinkageError ex) {
			faults.log("An observation could not be made current", ex);
			registry.setCurrentObservationScope(previous);
			return () -> {
			};
		}
	}

	private static void close(Observation.Scope scope, ObservationRegistry registry,
			Observation.@Nullable Scope previous) {
		try {
			scope.close();
		}
		catch (Exception | LinkageError ex) {
			faults.log("An observation could not be left", ex);
			registry.setCurrentObservationScope(previous);
		}
	}

	private static void run(Runnable end) {
		try {
			end.run();
		}
		catch (Exception | LinkageError ex) {
			faults.log("An observation could not be ended", ex);
		}
	}

	/**
	 * Carry the scope into a stream.
	 * @param <T> the type of the elements
	 * @param stream the stream
	 * @return the stream, in the scope
	 */
	final <T> Flux<T> carryInto(Flux<T> stream) {
		return Flux.<T>from((subscriber) -> CallerScopeSubscriber.subscribe(stream, subscriber, this))
			.contextWrite(this::addTo);
	}

	/**
	 * Carry the scope into a stream.
	 * @param <T> the type of the element
	 * @param stream the stream
	 * @return the stream, in the scope
	 */
	final <T> Mono<T> carryInto(Mono<T> stream) {
		return Mono.<T>fromDirect((subscriber) -> CallerScopeSubscriber.subscribe(stream, subscriber, this))
			.contextWrite(this::addTo);
	}

	private Context addTo(Context context) {
		Context added = context.put(CallAttribution.class, this.attribution);
		return (this.observation != null) ? added.put(ObservationThreadLocalAccessor.KEY, this.observation) : added;
	}

	final void failed(Throwable error) {
		if (this.observation != null) {
			run(() -> this.observation.error(error));
		}
	}

	final void stop() {
		if (this.observation != null) {
			run(this.observation::stop);
		}
	}

}
