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

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A call and the budgets that it belongs to.
 *
 * @param id the id of the call
 * @param estimate what it is thought to need
 * @param budgets the budget of each claim
 * @param claims what is asked of the budgets
 */
record BudgetedCall(UUID id, CallEstimate estimate, List<Budget> budgets, List<BudgetClaim> claims) {

	List<BudgetKey> keys() {
		List<BudgetKey> keys = new ArrayList<>(this.claims.size());
		this.claims.forEach((claim) -> keys.add(claim.key()));
		return keys;
	}

}
