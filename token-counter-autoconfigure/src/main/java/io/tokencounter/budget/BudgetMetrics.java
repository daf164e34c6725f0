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

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tokencounter.TokenBudgets;
import io.tokencounter.support.KnownMeters;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Publishes meters of budgets. Those of single subjects would be too many.
 *
 * @since 0.1.0
 */
public final class BudgetMetrics implements MeterBinder, BudgetListener {

	// One scrape reads nine gauges or so
	private static final long KEEP_NANOS = 1_000_000_000L;

	private final List<Budget> budgets;

	private final Supplier<TokenBudgets> statuses;

	private final Map<String, Kept> kept = new ConcurrentHashMap<>();

	// Every call has an estimate; few are refused
	private volatile KnownMeters<String, DistributionSummary> estimates = new KnownMeters<>();

	private volatile @Nullable MeterRegistry registry;

	/**
	 * Create meters.
	 * @param budgets the budgets
	 * @param statuses tells how they stand, asked for with the first gauge
	 */
	public BudgetMetrics(List<Budget> budgets, Supplier<TokenBudgets> statuses) {
		this.budgets = List.copyOf(budgets);
		this.statuses = SingletonSupplier.of(statuses);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		KnownMeters<String, DistributionSummary> estimates = new KnownMeters<>();
		estimates.forgetRemoved(registry);
		this.estimates = estimates;
		this.registry = registry;
		for (Budget budget : this.budgets) {
			if (budget.per() == null && budget.window() != BudgetWindow.RUN) {
				for (BudgetUnit unit : BudgetUnit.values()) {
					if (budget.limits().of(unit) >= 0) {
						gauge(BudgetMeterDocumentation.LIMIT, budget, unit, TokenBudgets.Amount::limit, registry);
						gauge(BudgetMeterDocumentation.SPENT, budget, unit, TokenBudgets.Amount::spent, registry);
						gauge(BudgetMeterDocumentation.HELD, budget, unit, TokenBudgets.Amount::held, registry);
					}
				}
			}
		}
	}

	private void gauge(BudgetMeterDocumentation meter, Budget budget, BudgetUnit unit,
			Function<TokenBudgets.Amount, BigDecimal> amount, MeterRegistry registry) {
		Gauge.builder(meter.getName(), () -> value(budget.name(), unit, amount))
			.description(meter.getDescription())
			.tag(BudgetMeterDocumentation.Tags.BUDGET.asString(), budget.name())
			.tag(BudgetMeterDocumentation.Tags.UNIT.asString(), unit.value())
			.register(registry);
	}

	private double value(String budget, BudgetUnit unit, Function<TokenBudgets.Amount, BigDecimal> amount) {
		Kept known = this.kept.get(budget);
		if (known == null || System.nanoTime() - known.at() > KEEP_NANOS) {
			known = new Kept(System.nanoTime(), read(budget));
			this.kept.put(budget, known);
		}
		return known.amounts()
			.stream()
			.filter((candidate) -> candidate.unit().equals(unit.value()))
			.mapToDouble((candidate) -> amount.apply(candidate).doubleValue())
			.findFirst()
			.orElse(Double.NaN);
	}

	private List<TokenBudgets.Amount> read(String budget) {
		try {
			TokenBudgets.Status status = this.statuses.get().status(budget, null);
			return (status != null) ? status.amounts() : List.of();
		}
		catch (BudgetStoreUnavailableException ex) {
			return List.of();
		}
	}

	@Override
	public void refused(Budget budget) {
		count(budget, "refused");
	}

	@Override
	public void observed(Budget budget) {
		count(budget, "observed");
	}

	@Override
	public void unavailable(Budget budget) {
		count(budget, "unavailable");
	}

	private void count(Budget budget, String decision) {
		MeterRegistry registry = this.registry;
		if (registry != null) {
			Counter.builder(BudgetMeterDocumentation.DECISIONS.getName())
				.description(BudgetMeterDocumentation.DECISIONS.getDescription())
				.baseUnit(BudgetMeterDocumentation.DECISIONS.getBaseUnit())
				.tag(BudgetMeterDocumentation.Tags.BUDGET.asString(), budget.name())
				.tag(BudgetMeterDocumentation.Tags.DECISION.asString(), decision)
				.register(registry)
				.increment();
		}
	}

	@Override
	public void estimated(Budget budget, double ratio) {
		MeterRegistry registry = this.registry;
		if (registry != null) {
			this.estimates.get(budget.name(), (name) -> estimate(name, registry)).record(ratio);
		}
	}

	private static DistributionSummary estimate(String budget, MeterRegistry registry) {
		return DistributionSummary.builder(BudgetMeterDocumentation.ESTIMATE.getName())
			.description(BudgetMeterDocumentation.ESTIMATE.getDescription())
			.tag(BudgetMeterDocumentation.Tags.BUDGET.asString(), budget)
			.register(registry);
	}

	private record Kept(long at, List<TokenBudgets.Amount> amounts) {

	}

}
