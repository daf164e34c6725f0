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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.tokencounter.BudgetLimits;
import io.tokencounter.CallOutcome;
import io.tokencounter.call.CallRates;
import io.tokencounter.call.CallReader;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds the budgets of a call, and what is to be asked of them.
 *
 * @since 0.1.0
 */
public final class BudgetedCalls {

	private static final Log logger = LogFactory.getLog(BudgetedCalls.class);

	private final List<Budget> budgets;

	private final CallEstimator estimator;

	private final CallReader reader;

	private final List<BudgetLimits> limits;

	// The open windows, as their names take longest of all to make
	private final Map<String, BudgetWindow.Span> windows = new ConcurrentHashMap<>();

	private final Set<String> otherCurrencies = ConcurrentHashMap.newKeySet();

	private final FaultLog faults = new FaultLog(logger);

	/**
	 * Create an instance.
	 * @param budgets the budgets
	 * @param estimator estimates what calls need
	 * @param reader tells the provider of a call
	 * @param limits tell other limits of single subjects
	 */
	public BudgetedCalls(List<Budget> budgets, CallEstimator estimator, CallReader reader, List<BudgetLimits> limits) {
		this.budgets = List.copyOf(budgets);
		this.estimator = estimator;
		this.reader = reader;
		this.limits = List.copyOf(limits);
	}

	CallEstimator estimator() {
		return this.estimator;
	}

	/**
	 * Return the budgets, whatever the call.
	 */
	List<Budget> budgets() {
		return this.budgets;
	}

	/**
	 * Return a call with its budgets, {@code null} if it has none.
	 */
	@Nullable BudgetedCall of(CallRequest request) {
		if (this.budgets.isEmpty()) {
			return null;
		}
		CallReading asked = this.reader
			.read(new SeenCall(request, CallOutcome.SUCCESS, null, null, null, 0, 0, 0, null));
		List<Budget> found = new ArrayList<>(this.budgets.size());
		List<BudgetClaim> claims = new ArrayList<>(this.budgets.size());
		CallEstimate estimate = null;
		for (int i = 0; i < this.budgets.size(); i++) {
			Budget budget = this.budgets.get(i);
			List<BudgetKey> keys = budget.keysOf(request, asked.provider(), windowOf(budget, request.startedAt()));
			for (int j = 0; j < keys.size(); j++) {
				estimate = (estimate != null) ? estimate : this.estimator.estimate(request, asked);
				found.add(budget);
				claims.add(claim(budget, keys.get(j), estimate));
			}
		}
		return (estimate != null) ? new BudgetedCall(request.id(), estimate, found, claims) : null;
	}

	private BudgetClaim claim(Budget budget, BudgetKey key, CallEstimate estimate) {
		warnOfOtherCurrency(budget, estimate.rates());
		return new BudgetClaim(key, estimate.held(budget.currency()), estimate.likely(budget.currency()),
				limitsOf(budget, key.subject()), budget.enforced());
	}

	/**
	 * Money of another currency can neither be added nor left out without a word.
	 */
	private void warnOfOtherCurrency(Budget budget, @Nullable CallRates rates) {
		if (rates == null || rates.isFree() || budget.limits().cost() < 0
				|| rates.currency().equals(budget.currency())) {
			return;
		}
		if (this.otherCurrencies.add(budget.name())) {
			logger.warn("Budget '" + budget.name() + "' is of " + budget.currency() + ", so what calls cost in "
					+ rates.currency() + " does not count for it. See token-counter.budgets." + budget.name()
					+ ".currency.");
		}
	}

	private BudgetWindow.Span windowOf(Budget budget, Instant time) {
		BudgetWindow.Span known = this.windows.get(budget.name());
		if (known != null && known.covers(time)) {
			return known;
		}
		BudgetWindow.Span window = budget.windowAt(time);
		this.windows.put(budget.name(), window);
		return window;
	}

	/**
	 * Return the limits of a subject.
	 */
	Amounts limitsOf(Budget budget, @Nullable String subject) {
		if (subject == null) {
			return budget.limits();
		}
		Amounts limits = budget.overrides().getOrDefault(subject, budget.limits());
		for (int i = 0; i < this.limits.size(); i++) {
			try {
				limits = with(limits, this.limits.get(i).limitsOf(budget.name(), subject));
			}
			catch (Throwable ex) {
				this.faults.log("Limits of single subjects could not be told, so those of the properties hold", ex);
			}
		}
		return limits;
	}

	private static Amounts with(Amounts limits, BudgetLimits.@Nullable Limits other) {
		if (other == null) {
			return limits;
		}
		BigDecimal maxCost = other.maxCost();
		return new Amounts((maxCost != null) ? Amounts.nanos(maxCost.max(BigDecimal.ZERO)) : limits.cost(),
				count(other.maxTokens(), limits.tokens()), count(other.maxCalls(), limits.calls()));
	}

	/**
	 * Less than nothing is left where more was taken back than was given. That is not
	 * {@link Amounts#UNLIMITED}.
	 */
	private static long count(@Nullable Long limit, long other) {
		return (limit != null) ? Math.max(0, Math.min(Amounts.MAX, limit)) : other;
	}

}
