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

package io.tokencounter.ledger;

import java.time.Duration;
import java.time.Instant;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters of the ledger: {@code llm.ledger.spooled}, {@code llm.ledger.age},
 * {@code llm.ledger.written} and {@code llm.ledger.failed}.
 *
 * @since 0.1.0
 */
public final class LedgerMetrics implements MeterBinder {

	private static final String CALLS = "calls";

	private final LedgerCounts counts;

	/**
	 * Create meters.
	 * @param counts what they show
	 */
	public LedgerMetrics(LedgerCounts counts) {
		this.counts = counts;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Gauge.builder("llm.ledger.spooled", this.counts, (counts) -> counts.status().spooled())
			.description("Calls that wait to be written to the ledger's database")
			.baseUnit(CALLS)
			.register(registry);
		Gauge.builder("llm.ledger.age", this.counts, LedgerMetrics::age)
			.description("Age of the oldest call that waits")
			.baseUnit("seconds")
			.register(registry);
		FunctionCounter.builder("llm.ledger.written", this.counts, (counts) -> counts.status().written())
			.description("Calls that were written to the ledger's database")
			.baseUnit(CALLS)
			.register(registry);
		FunctionCounter.builder("llm.ledger.failed", this.counts, (counts) -> counts.status().failed())
			.description("Calls that could not be written, and were put aside or lost")
			.baseUnit(CALLS)
			.register(registry);
	}

	private static double age(LedgerCounts counts) {
		Instant oldest = counts.status().oldest();
		return (oldest != null) ? Math.max(0, Duration.between(oldest, Instant.now()).toMillis() / 1000.0) : 0;
	}

}
