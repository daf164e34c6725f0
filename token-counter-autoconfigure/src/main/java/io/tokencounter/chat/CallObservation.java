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

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.chat.ModelObservationDocumentation.KeyNames;
import io.tokencounter.support.FaultLog;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/**
 * The observation of a call to a model that may call others, which makes the scope of the
 * call known to other threads. None of its methods throws, so that it can stand beside
 * the application's call.
 */
final class CallObservation {

	private final Observation observation;

	private final FaultLog faults;

	private CallObservation(Observation observation, FaultLog faults) {
		this.observation = observation;
		this.faults = faults;
	}

	/**
	 * Start the observation of a call.
	 * @param scope the scope of the call
	 * @param parent the observation that the call is made in, if any
	 * @param registry the registry
	 * @param faults where faults are logged
	 * @return the observation, {@code null} if there is none
	 */
	static @Nullable CallObservation start(CallScope scope, @Nullable Observation parent, ObservationRegistry registry,
			FaultLog faults) {
		if (registry.isNoop()) {
			return null;
		}
		String bean = scope.model().beanName();
		String name = (bean != null) ? bean : "none";
		try {
			Observation observation = ModelObservationDocumentation.MODEL.observation(registry)
				.contextualName("chat " + name)
				.lowCardinalityKeyValue(KeyNames.BEAN.withValue(name))
				.parentObservation(parent);
			observation.getContext().put(CallScope.class, scope);
			return new CallObservation(observation.start(), faults);
		}
		catch (Throwable ex) {
			faults.log("The observation of a call could not be started", ex);
			return null;
		}
	}

	/**
	 * Make the observation current on this thread. A handler of the application that
	 * fails must not leave it so.
	 * @return leaves the observation, on the same thread
	 */
	Runnable enter() {
		ObservationRegistry registry = this.observation.getObservationRegistry();
		Observation.Scope previous = registry.getCurrentObservationScope();
		Observation.Scope scope = openScope(registry, previous);
		return () -> {
			try {
				scope.close();
			}
			catch (Throwable ex) {
				registry.setCurrentObservationScope(previous);
				this.faults.log("The observation of a call could not be left", ex);
			}
		};
	}

	private Observation.Scope openScope(ObservationRegistry registry, Observation.@Nullable Scope previous) {
		try {
			return this.observation.openScope();
		}
		catch (Throwable ex) {
			registry.setCurrentObservationScope(previous);
			this.faults.log("The observation of a call could not be made current", ex);
			return Observation.Scope.NOOP;
		}
	}

	Context addTo(Context context) {
		return context.put(ObservationThreadLocalAccessor.KEY, this.observation);
	}

	void stop(@Nullable Throwable error) {
		try {
			if (error != null) {
				this.observation.error(error);
			}
			this.observation.stop();
		}
		catch (Throwable ex) {
			this.faults.log("The observation of a call could not be stopped", ex);
		}
	}

}
