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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallQuery;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenLedger;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRequest;
import org.jspecify.annotations.Nullable;

/**
 * What budgets have spent by the ledger, and no more than that: calls whose usage nobody
 * told count without tokens and money, and failed ones of these not at all, as a provider
 * may have refused them.
 */
final class LedgerSpending {

	private static final UUID NO_ID = new UUID(0, 0);

	private static final String TAG = "tag:";

	private final BudgetedCalls calls;

	private final TokenLedger ledger;

	LedgerSpending(BudgetedCalls calls, TokenLedger ledger) {
		this.calls = calls;
		this.ledger = ledger;
	}

	/**
	 * Return what is spent in the windows of all budgets, but of the shortest ones.
	 * @param time a time in the windows
	 * @param before when the last of the calls began, exclusive
	 */
	List<BudgetCharge> charges(Instant time, Instant before) {
		List<BudgetCharge> charges = new ArrayList<>();
		for (Budget budget : this.calls.budgets()) {
			if (budget.window() != BudgetWindow.RUN && budget.window() != BudgetWindow.MINUTE) {
				spent(budget, time, before).forEach((key, amounts) -> charges
					.add(new BudgetCharge(key, amounts, this.calls.limitsOf(budget, key.subject()))));
			}
		}
		return charges;
	}

	private Map<BudgetKey, Amounts> spent(Budget budget, Instant time, Instant before) {
		Sums sums = new Sums(budget, budget.windowAt(time));
		Instant from = sums.window().from().isBefore(Instant.EPOCH) ? Instant.EPOCH : sums.window().from();
		if (from.isBefore(before)) {
			List<String> dimensions = dimensions(budget);
			if (!dimensions.contains("model")) {
				try {
					addHistory(sums, TokenHistoryQuery.between(from, before).by(dimensions.toArray(String[]::new)));
					return sums.spent();
				}
				catch (IllegalArgumentException ex) {
					// A tag that history cannot be grouped by
				}
			}
			addCalls(sums, TokenCallQuery.between(from, before).page(TokenCallQuery.MAX_SIZE, null));
		}
		return sums.spent();
	}

	private static List<String> dimensions(Budget budget) {
		List<String> dimensions = new ArrayList<>(List.of("outcome"));
		BudgetMatch match = budget.match();
		String per = budget.per();
		if (per != null) {
			dimensions.add(List.of("feature", "model", "provider").contains(per) ? per : TAG + per);
		}
		addUnlessEmpty(dimensions, "feature", match.features());
		addUnlessEmpty(dimensions, "model", match.models());
		addUnlessEmpty(dimensions, "provider", match.providers());
		addUnlessEmpty(dimensions, "operation", match.operations());
		match.tags().keySet().forEach((key) -> dimensions.add(TAG + key));
		return dimensions;
	}

	private static void addUnlessEmpty(List<String> dimensions, String dimension, List<String> patterns) {
		if (!patterns.isEmpty()) {
			dimensions.add(dimension);
		}
	}

	private void addHistory(Sums sums, TokenHistoryQuery query) {
		for (TokenHistory history : this.ledger.history(query)) {
			Map<String, String> values = history.values();
			Map<String, String> tags = new HashMap<>();
			values.forEach((dimension, value) -> {
				if (dimension.startsWith(TAG) && !value.equals(Budget.NO_SUBJECT)) {
					tags.put(dimension.substring(TAG.length()), value);
				}
			});
			boolean failed = CallOutcome.ERROR.value().equals(values.get("outcome"));
			long count = history.calls() - (failed ? history.unreportedCalls() : 0);
			if (!CallOutcome.REJECTED.value().equals(values.get("outcome"))) {
				sums.add(
						request(values.getOrDefault("operation", ""), null,
								values.getOrDefault("feature", TokenCall.NO_FEATURE), tags, query.from()),
						values.getOrDefault("provider", ""), new Amounts(Amounts.nanos(cost(history, sums.budget())),
								Math.min(Amounts.MAX, history.total()), count));
			}
		}
	}

	private static BigDecimal cost(TokenHistory history, Budget budget) {
		return history.cost().getOrDefault(budget.currency(), BigDecimal.ZERO);
	}

	/**
	 * History knows the models that answered, and budgets those that are asked for.
	 */
	private void addCalls(Sums sums, TokenCallQuery query) {
		TokenLedger.Page page;
		String next = null;
		do {
			page = this.ledger.calls(query.page(query.size(), next));
			page.calls().forEach((call) -> add(sums, call));
			next = page.next();
		}
		while (next != null);
	}

	private static void add(Sums sums, TokenCall call) {
		TokenUsage usage = call.usage();
		boolean refused = call.outcome() == CallOutcome.REJECTED
				|| (call.outcome() == CallOutcome.ERROR && !usage.reported());
		if (!refused) {
			TokenCost cost = call.cost();
			boolean spent = cost != null && cost.currency().equals(sums.budget().currency());
			sums.add(request(call.operation(), call.requestModel(), call.feature(), call.tags(), call.startedAt()),
					call.provider(), new Amounts((cost != null && spent) ? Amounts.nanos(cost.amount()) : 0,
							usage.reported() ? usage.total() : 0, 1));
		}
	}

	/**
	 * A call of before finds its budgets as one that is asked for.
	 */
	private static CallRequest request(String operation, @Nullable String model, String feature,
			Map<String, String> tags, Instant startedAt) {
		return new CallRequest(NO_ID, operation, null, model, null, null, null, false, startedAt,
				new CallAttribution(feature, tags, List.of()), null);
	}

	/**
	 * What is spent in one window of a budget.
	 *
	 * @param budget the budget
	 * @param window the window
	 * @param spent what is spent, by subjects
	 */
	private record Sums(Budget budget, BudgetWindow.Span window, Map<BudgetKey, Amounts> spent) {

		Sums(Budget budget, BudgetWindow.Span window) {
			this(budget, window, new HashMap<>());
		}

		void add(CallRequest request, String provider, Amounts amounts) {
			for (BudgetKey key : this.budget.keysOf(request, provider, this.window)) {
				this.spent.merge(key, amounts, Amounts::plus);
			}
		}

	}

}
