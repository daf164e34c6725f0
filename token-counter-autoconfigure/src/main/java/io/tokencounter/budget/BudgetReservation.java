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

import org.jspecify.annotations.Nullable;

/**
 * What a store answered to the claims of a call.
 *
 * @param violations the claims that their budgets do not allow, in the order of the
 * claims. If one of these is enforced, nothing is held
 * @since 0.1.0
 */
public record BudgetReservation(List<Violation> violations) {

	/**
	 * All claims are allowed, and held.
	 */
	public static final BudgetReservation ALLOWED = new BudgetReservation(List.of());

	/**
	 * Return the claim that the call is refused for.
	 * @param claims the claims
	 * @return the first one that is enforced, {@code null} if the call may be made
	 */
	public @Nullable Violation refusal(List<BudgetClaim> claims) {
		for (int i = 0; i < this.violations.size(); i++) {
			if (claims.get(this.violations.get(i).claim()).enforced()) {
				return this.violations.get(i);
			}
		}
		return null;
	}

	/**
	 * A claim that a budget does not allow.
	 *
	 * @param claim the index of the claim
	 * @param unit the first unit that does not allow it
	 * @param used what is spent, held and unresolved in that unit
	 */
	public record Violation(int claim, BudgetUnit unit, long used) {

	}

}
