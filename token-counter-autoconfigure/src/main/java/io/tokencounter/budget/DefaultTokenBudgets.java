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

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import io.tokencounter.TokenBudgets;
import org.jspecify.annotations.Nullable;

/**
 * Tells how much of the budgets is used, as the store knows it.
 *
 * @since 0.1.0
 */
public final class DefaultTokenBudgets implements TokenBudgets {

	private static final int NEAREST = 10;

	private final BudgetedCalls calls;

	private final BudgetStore store;

	private final InstantSource clock;

	/**
	 * Create an instance.
	 * @param calls knows the budgets and their limits
	 * @param store keeps what is spent and held
	 * @param clock the time
	 */
	public DefaultTokenBudgets(BudgetedCalls calls, BudgetStore store, InstantSource clock) {
		this.calls = calls;
		this.store = store;
		this.clock = clock;
	}

	@Override
	public List<Status> statuses() {
		List<Asked> asked = new ArrayList<>();
		this.calls.budgets()
			.stream()
			.sorted(Comparator.comparing(Budget::name))
			.forEach((budget) -> asked.addAll(askedOf(budget)));
		return statuses(asked);
	}

	private List<Asked> askedOf(Budget budget) {
		BudgetWindow.Span window = windowOf(budget);
		if (budget.per() == null || budget.window() == BudgetWindow.RUN) {
			return List.of(asked(budget, null, window));
		}
		List<String> nearest = this.store.nearest(budget.name(), window.key(), NEAREST);
		return nearest.isEmpty() ? List.of(asked(budget, null, window))
				: nearest.stream().map((subject) -> asked(budget, subject, window)).toList();
	}

	@Override
	public @Nullable Status status(String budget, @Nullable String subject) {
		for (Budget known : this.calls.budgets()) {
			if (known.name().equals(budget)) {
				return statuses(List.of(asked(known, (known.per() != null) ? subject : null, windowOf(known)))).get(0);
			}
		}
		return null;
	}

	private List<Status> statuses(List<Asked> asked) {
		List<BudgetWindowState> states = this.store.read(asked.stream().map(Asked::key).toList());
		List<Status> statuses = new ArrayList<>(asked.size());
		for (int i = 0; i < asked.size(); i++) {
			statuses.add(status(asked.get(i), states.get(i)));
		}
		return statuses;
	}

	private static Status status(Asked asked, BudgetWindowState state) {
		Budget budget = asked.budget();
		List<Amount> amounts = new ArrayList<>();
		for (BudgetUnit unit : BudgetUnit.values()) {
			if (asked.limits().of(unit) >= 0) {
				amounts.add(new Amount(unit.value(), (unit == BudgetUnit.COST) ? budget.currency() : null,
						Amounts.display(unit, asked.limits().of(unit)), Amounts.display(unit, state.charged().of(unit)),
						Amounts.display(unit, state.unresolved().of(unit)),
						Amounts.display(unit, state.held().of(unit))));
			}
		}
		return new Status(budget.name(), asked.key().subject(), asked.key().window(), amounts,
				state.charged().shareOf(asked.limits()), state.refused(), asked.key().end());
	}

	private BudgetWindow.Span windowOf(Budget budget) {
		return budget.windowAt(this.clock.instant());
	}

	private Asked asked(Budget budget, @Nullable String subject, BudgetWindow.Span window) {
		return new Asked(budget, new BudgetKey(budget.name(), subject, window.key(), window.end()),
				this.calls.limitsOf(budget, subject));
	}

	private record Asked(Budget budget, BudgetKey key, Amounts limits) {

	}

}
