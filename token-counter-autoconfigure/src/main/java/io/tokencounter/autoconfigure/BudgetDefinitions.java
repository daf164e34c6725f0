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

package io.tokencounter.autoconfigure;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.tokencounter.budget.Amounts;
import io.tokencounter.budget.Budget;
import io.tokencounter.budget.BudgetMatch;
import io.tokencounter.budget.BudgetUnit;
import io.tokencounter.budget.InvalidBudgetException;
import io.tokencounter.pricing.ModelPrice;
import org.jspecify.annotations.Nullable;

/**
 * Makes budgets of their properties, or says what is wrong with these.
 */
final class BudgetDefinitions {

	private static final Amounts UNLIMITED = new Amounts(Amounts.UNLIMITED, Amounts.UNLIMITED, Amounts.UNLIMITED);

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

	private static final BigDecimal MAX_COST = Amounts.display(BudgetUnit.COST, Amounts.MAX);

	private final List<String> problems = new ArrayList<>();

	private BudgetDefinitions() {
	}

	static List<Budget> of(TokenCounterBudgetProperties properties) {
		BudgetDefinitions definitions = new BudgetDefinitions();
		List<Budget> budgets = new ArrayList<>();
		properties.getBudgets().forEach((name, budget) -> budgets.add(definitions.budget(name, budget)));
		definitions.checkStore(properties.getBudgetStore());
		if (!definitions.problems.isEmpty()) {
			throw new InvalidBudgetException(definitions.problems);
		}
		return budgets;
	}

	private void checkStore(TokenCounterBudgetProperties.BudgetStore store) {
		checkPositive("timeout", store.getTimeout());
		checkPositive("hold-timeout", store.getHoldTimeout());
		check(store.getKeyPrefix().indexOf('{') < 0, "token-counter.budget-store.key-prefix",
				"must not have a hash tag of its own");
	}

	private void checkPositive(String name, Duration duration) {
		check(!duration.isNegative() && duration.toMillis() > 0, "token-counter.budget-store." + name,
				"must be a millisecond or more");
	}

	private Budget budget(String name, TokenCounterBudgetProperties.Budget properties) {
		String prefix = "token-counter.budgets." + name;
		check(NAME.matcher(name).matches(), prefix,
				"must have a name of letters, digits, dots, dashes and underscores, 64 at the most");
		Amounts limits = limits(prefix, properties, UNLIMITED);
		check(!limits.equals(UNLIMITED), prefix, "needs at least one of 'max-cost', 'max-tokens' and 'max-calls'");
		check(properties.getWarnAt() > 0 && properties.getWarnAt() <= 1, prefix + ".warn-at",
				"must be a share of the limit, more than 0 and 1 at the most");
		check(ModelPrice.isCurrency(properties.getCurrency()), prefix + ".currency",
				"must be an ISO 4217 code, such as USD, and is '" + properties.getCurrency() + "'");
		check(properties.getPer() == null || !properties.getPer().isBlank(), prefix + ".per", "must not be empty");
		check(properties.getPer() != null || properties.getOverrides().isEmpty(), prefix + ".overrides",
				"are for single values of 'per', which is not set");
		return new Budget(name, limits, properties.getCurrency(), properties.getWindow(), properties.getZone(),
				properties.getPer(), match(properties.getMatch()), overrides(prefix, properties, limits),
				properties.getAction() == TokenCounterBudgetProperties.Action.REFUSE, properties.getWarnAt(),
				properties.getUnpriced() == TokenCounterBudgetProperties.Unpriced.REFUSE);
	}

	private Map<String, Amounts> overrides(String prefix, TokenCounterBudgetProperties.Budget properties,
			Amounts limits) {
		Map<String, Amounts> overrides = new HashMap<>();
		properties.getOverrides()
			.forEach((subject, other) -> overrides.put(subject,
					limits(prefix + ".overrides[" + subject + "]", other, limits)));
		return overrides;
	}

	private Amounts limits(String prefix, TokenCounterBudgetProperties.Limits properties, Amounts others) {
		return new Amounts(cost(prefix + ".max-cost", properties.getMaxCost(), others.cost()),
				count(prefix + ".max-tokens", properties.getMaxTokens(), others.tokens()),
				count(prefix + ".max-calls", properties.getMaxCalls(), others.calls()));
	}

	private long cost(String property, @Nullable BigDecimal limit, long other) {
		if (limit == null) {
			return other;
		}
		boolean valid = limit.signum() >= 0 && limit.compareTo(MAX_COST) <= 0;
		check(valid, property, "must not be negative, and " + MAX_COST.toPlainString() + " at the most");
		return valid ? Amounts.nanos(limit) : other;
	}

	private long count(String property, @Nullable Long limit, long other) {
		if (limit == null) {
			return other;
		}
		check(limit >= 0 && limit <= Amounts.MAX, property,
				"must not be negative, and " + Amounts.MAX + " at the most");
		return limit;
	}

	private static BudgetMatch match(TokenCounterBudgetProperties.Match match) {
		return new BudgetMatch(match.getFeatures(), match.getModels(), match.getProviders(), match.getOperations(),
				match.getTags());
	}

	private void check(boolean valid, String property, String problem) {
		if (!valid) {
			this.problems.add("'%s' %s.".formatted(property, problem));
		}
	}

}
