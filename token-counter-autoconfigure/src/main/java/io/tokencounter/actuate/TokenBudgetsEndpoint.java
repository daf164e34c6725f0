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

package io.tokencounter.actuate;

import java.time.Instant;
import java.util.List;

import io.tokencounter.TokenBudgets;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint @Endpoint} to see how budgets stand.
 *
 * @since 0.1.0
 */
@Endpoint(id = "tokenbudgets")
public final class TokenBudgetsEndpoint {

	private final TokenBudgets budgets;

	/**
	 * Create an endpoint.
	 * @param budgets tells how they stand
	 */
	public TokenBudgetsEndpoint(TokenBudgets budgets) {
		this.budgets = budgets;
	}

	/**
	 * Return how all budgets stand; of those that subjects have for themselves, the ten
	 * subjects nearest to their limit.
	 * @return the budgets
	 */
	@ReadOperation
	public BudgetsDescriptor budgets() {
		return new BudgetsDescriptor(this.budgets.statuses().stream().map(BudgetDescriptor::of).toList());
	}

	/**
	 * Return how one budget stands.
	 * @param budget the name of the budget
	 * @param subject who has the budget for itself, {@code null} if all calls share it
	 * @return the budget, {@code null} if there is none of that name
	 */
	@ReadOperation
	public @Nullable BudgetDescriptor budget(@Selector String budget, @Nullable String subject) {
		TokenBudgets.Status status = this.budgets.status(budget, subject);
		return (status != null) ? BudgetDescriptor.of(status) : null;
	}

	/**
	 * Description of all budgets.
	 *
	 * @param budgets the budgets
	 */
	public record BudgetsDescriptor(List<BudgetDescriptor> budgets) implements OperationResponseBody {

	}

	/**
	 * Description of one budget.
	 *
	 * @param budget the name of the budget
	 * @param subject who has the budget for itself
	 * @param window the window
	 * @param amounts the amounts of each unit that is limited
	 * @param share the largest share of a limit that is spent
	 * @param refused the number of calls that were refused
	 * @param resetsAt when the next window begins
	 */
	public record BudgetDescriptor(String budget, @Nullable String subject, String window,
			List<TokenBudgets.Amount> amounts, double share, long refused,
			@Nullable Instant resetsAt) implements OperationResponseBody {

		static BudgetDescriptor of(TokenBudgets.Status status) {
			return new BudgetDescriptor(status.budget(), status.subject(), status.window(), status.amounts(),
					status.share(), status.refused(), status.resetsAt());
		}

	}

}
