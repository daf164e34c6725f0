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

package io.tokencounter.testsupport;

import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;

import org.springframework.core.Ordered;

/**
 * Knows whether anything that is observed still goes on. A second count of a call would
 * come with the end of an observation, so a test that wants to exclude one waits here.
 */
public final class RunningObservations implements ObservationHandler<Observation.Context>, Ordered {

	private final AtomicInteger running = new AtomicInteger();

	@Override
	public int getOrder() {
		// The first to be told of a start is the last to be told of a stop
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void onStart(Observation.Context context) {
		this.running.incrementAndGet();
	}

	@Override
	public void onStop(Observation.Context context) {
		this.running.decrementAndGet();
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return true;
	}

	/**
	 * Return whether all observations have stopped.
	 * @return whether they have
	 */
	public boolean isNone() {
		return this.running.get() == 0;
	}

	/**
	 * Wait until all observations have stopped.
	 */
	public void awaitNone() {
		Conditions.await("end of all observations", this::isNone);
	}

}
