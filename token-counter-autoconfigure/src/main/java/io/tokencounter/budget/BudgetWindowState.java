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

/**
 * What is known of one window of a budget.
 *
 * @param spent what calls are charged with
 * @param held what is held for calls that are being made
 * @param unresolved what calls are charged with by estimate, as nobody told their usage
 * @param refused the number of calls that were refused
 * @since 0.1.0
 */
public record BudgetWindowState(Amounts spent, Amounts held, Amounts unresolved, long refused) {

	/**
	 * A window that nobody has used.
	 */
	public static final BudgetWindowState EMPTY = new BudgetWindowState(Amounts.NONE, Amounts.NONE, Amounts.NONE, 0);

	/**
	 * Return what calls that ended are charged with.
	 * @return the sum of spent and unresolved
	 */
	public Amounts charged() {
		return this.spent.plus(this.unresolved);
	}

}
