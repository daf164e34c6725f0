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
 * Told of what is decided about calls.
 *
 * @since 0.1.0
 */
public interface BudgetListener {

	/**
	 * A call was refused.
	 * @param budget the budget
	 */
	default void refused(Budget budget) {
	}

	/**
	 * A call was let pass that would have been refused if the budget was enforced.
	 * @param budget the budget
	 */
	default void observed(Budget budget) {
	}

	/**
	 * A call was let pass, as the store did not answer.
	 * @param budget the budget
	 */
	default void unavailable(Budget budget) {
	}

	/**
	 * A call ended that the provider told the usage of.
	 * @param budget the budget
	 * @param ratio what was held divided by what was needed, in money if it is known,
	 * else in tokens
	 */
	default void estimated(Budget budget, double ratio) {
	}

}
