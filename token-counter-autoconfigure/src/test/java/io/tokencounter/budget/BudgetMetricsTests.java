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

package io.tokencounter.budget;

import java.util.List;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BudgetMetrics}.
 */
class BudgetMetricsTests {

	private static final Budget BUDGET = BudgetTestCalls.budget("all", BudgetTestCalls.tokens(10_000));

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final BudgetMetrics metrics = new BudgetMetrics(List.of(BUDGET), () -> {
		throw new IllegalStateException("Nothing of this asks for it");
	});

	@Test
	void estimatesBeforeThereIsARegistryAreNotCounted() {
		this.metrics.estimated(BUDGET, 2);
		this.metrics.bindTo(this.registry);
		assertThat(this.registry.find("llm.budget.estimate").summary()).isNull();
	}

	@Test
	void clearLosesNoLaterEstimate() {
		this.metrics.bindTo(this.registry);
		this.metrics.estimated(BUDGET, 2);
		this.registry.clear();
		this.metrics.estimated(BUDGET, 3);
		assertThat(estimates(this.registry).totalAmount()).isEqualTo(3);
	}

	@Test
	void estimatesAreCountedByTheLatestRegistry() {
		MeterRegistry next = new SimpleMeterRegistry();
		this.metrics.bindTo(this.registry);
		this.metrics.estimated(BUDGET, 2);
		this.metrics.bindTo(next);
		this.metrics.estimated(BUDGET, 3);
		assertThat(estimates(this.registry).totalAmount()).isEqualTo(2);
		assertThat(estimates(next).totalAmount()).isEqualTo(3);
	}

	private static DistributionSummary estimates(MeterRegistry registry) {
		return registry.get("llm.budget.estimate").tag("budget", "all").summary();
	}

}
