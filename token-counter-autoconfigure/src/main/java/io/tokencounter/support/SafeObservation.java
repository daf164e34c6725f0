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

package io.tokencounter.support;

import java.util.function.Consumer;
import java.util.function.Supplier;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * An observation of ours that stands beside the application's call: whatever a handler, a
 * predicate or a registry throws is logged, and no scope is left open by it.
 *
 * @since 0.1.0
 */
public final class SafeObservation {

	private final Observation observation;

	private final FaultLog faults;

	private SafeObservation(Observation observation, FaultLog faults) {
		this.observation = observation;
		this.faults = faults;
	}

	/**
	 * Start an observation.
	 * @param observation makes the observation, which is not started yet
	 * @param faults where faults are logged
	 * @return the observation, {@code null} if nothing is observed
	 */
	public static @Nullable SafeObservation start(Supplier<Observation> observation, FaultLog faults) {
		SafeObservation started = null;
		try {
			Observation made = observation.get();
			if (made.isNoop()) {
				return null;
			}
			started = new SafeObservation(made, faults);
			made.start();
			return started;
		}
		catch (Throwable ex) {
			faults.log("An observation could not be started", ex);
			if (started != null) {
				// Some handlers may have started
				started.stop();
			}
			return null;
		}
	}

	/**
	 * Return the observation, to be the parent of others.
	 * @return the observation
	 */
	public Observation get() {
		return this.observation;
	}

	/**
	 * Make the observation the current one of this thread.
	 * @return leaves it, to be called on the same thread
	 */
	public Runnable enter() {
		ObservationRegistry registry = this.observation.getObservationRegistry();
		Observation.Scope previous = registry.getCurrentObservationScope();
		try {
			Observation.Scope scope = this.observation.openScope();
			return () -> leave(scope, registry, previous);
		}
		catch (Throwable ex) {
			this.faults.log("An observation could not be made current", ex);
			Observation.Scope halfOpen = registry.getCurrentObservationScope();
			if (halfOpen != null && halfOpen != previous) {
				leave(halfOpen, registry, previous);
			}
			return () -> {
			};
		}
	}

	private void leave(Observation.Scope scope, ObservationRegistry registry, Observation.@Nullable Scope previous) {
		try {
			scope.close();
		}
		catch (Throwable ex) {
			registry.setCurrentObservationScope(previous);
			this.faults.log("An observation could not be left", ex);
		}
	}

	/**
	 * Tell that what is observed failed.
	 * @param error what it failed with, of which nothing but the type is told
	 * @param type the key of the type
	 */
	public void error(Throwable error, KeyName type) {
		try {
			this.observation.lowCardinalityKeyValue(type.withValue(error.getClass().getName()));
			this.observation.error(new ErrorWithoutText(error));
		}
		catch (Throwable ex) {
			this.faults.log("An observation could not be told of an error", ex);
		}
	}

	/**
	 * Change the observation, to add key values.
	 * @param change what to do
	 */
	public void change(Consumer<Observation> change) {
		try {
			change.accept(this.observation);
		}
		catch (Throwable ex) {
			this.faults.log("An observation could not be told something", ex);
		}
	}

	/**
	 * Stop the observation.
	 */
	public void stop() {
		try {
			this.observation.stop();
		}
		catch (Throwable ex) {
			this.faults.log("An observation could not be stopped", ex);
		}
	}

}
