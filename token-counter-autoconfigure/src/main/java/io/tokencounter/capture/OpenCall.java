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

package io.tokencounter.capture;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.CallOutcome;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

import org.springframework.ai.chat.model.ChatResponse;

/**
 * A call that is going on: its scope, and the observation that makes the scope known to
 * other threads. None of its methods throws, so that it can stand beside the
 * application's call.
 */
final class OpenCall {

	private final ChatCallCounter counter;

	private final CallScope scope;

	private final @Nullable Observation observation;

	/**
	 * Create a call.
	 * @param counter where the call ends
	 * @param scope the scope of the call
	 * @param observation the observation that was started for the scope, if any
	 */
	OpenCall(ChatCallCounter counter, CallScope scope, @Nullable Observation observation) {
		this.counter = counter;
		this.scope = scope;
		this.observation = observation;
	}

	CallScope scope() {
		return this.scope;
	}

	@Nullable Observation observation() {
		return this.observation;
	}

	/**
	 * Make the observation current on this thread. A handler of the application that
	 * fails must not leave it so.
	 * @return leaves the observation, on the same thread
	 */
	Runnable enterObservation() {
		if (this.observation == null) {
			return () -> {
			};
		}
		ObservationRegistry registry = this.observation.getObservationRegistry();
		Observation.Scope previous = registry.getCurrentObservationScope();
		Observation.Scope scope = openScope(this.observation, registry, previous);
		return () -> {
			try {
				scope.close();
			}
			catch (Throwable ex) {
				registry.setCurrentObservationScope(previous);
				this.counter.fault("The observation of a call could not be left", ex);
			}
		};
	}

	private Observation.Scope openScope(Observation observation, ObservationRegistry registry,
			Observation.@Nullable Scope previous) {
		try {
			return observation.openScope();
		}
		catch (Throwable ex) {
			registry.setCurrentObservationScope(previous);
			this.counter.fault("The observation of a call could not be made current", ex);
			return Observation.Scope.NOOP;
		}
	}

	Context addTo(Context context) {
		Context added = context.put(CallScope.class, this.scope);
		return (this.observation != null) ? added.put(ObservationThreadLocalAccessor.KEY, this.observation) : added;
	}

	void saw(@Nullable ChatResponse response) {
		if (response == null) {
			return;
		}
		try {
			this.scope.saw(response);
		}
		catch (Throwable ex) {
			this.counter.fault("A response could not be read", ex);
		}
	}

	void end(CallOutcome outcome, @Nullable Throwable error) {
		this.counter.end(this, outcome, error);
	}

}
