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

package io.tokencounter;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Tells how much of the budgets is used. With a store that several instances share, it
 * asks that and blocks for as long as the store's timeout.
 *
 * @since 0.1.0
 */
public interface TokenBudgets {

	/**
	 * Return how all budgets stand in their open windows. Of a budget that subjects have
	 * for themselves it returns the ten subjects nearest to their limit.
	 * @return the statuses, in the order of the budgets' names
	 * @throws RuntimeException if the store does not answer
	 */
	List<Status> statuses();

	/**
	 * Return how one budget stands in its open window.
	 * @param budget the name of the budget
	 * @param subject who has the budget for itself, {@code null} if all calls share it
	 * @return the status, {@code null} if there is no such budget
	 * @throws RuntimeException if the store does not answer
	 */
	@Nullable Status status(String budget, @Nullable String subject);

	/**
	 * How a budget stands in one window.
	 *
	 * @param budget the name of the budget
	 * @param subject who has the budget for itself, {@code null} if all calls share it or
	 * if nobody has used it yet
	 * @param window the window, such as {@code 2026-11}
	 * @param amounts the amounts of each unit that is limited
	 * @param share the largest share of a limit that is spent
	 * @param refused the number of calls that were refused
	 * @param resetsAt when the next window begins, {@code null} if there is none
	 */
	record Status(String budget, @Nullable String subject, String window, List<Amount> amounts, double share,
			long refused, @Nullable Instant resetsAt) {

		/**
		 * Create a status.
		 */
		public Status {
			amounts = List.copyOf(amounts);
		}

	}

	/**
	 * Amounts of one unit.
	 *
	 * @param unit {@code cost}, {@code tokens} or {@code calls}
	 * @param currency the ISO 4217 code of the currency, {@code null} if it is no money
	 * @param limit the limit of one window, money in units of the currency
	 * @param spent what calls are charged with, those by estimate included
	 * @param estimated the part of it that is charged by estimate, as nobody told the
	 * usage of the calls
	 * @param held what is held for calls that are being made
	 */
	record Amount(String unit, @Nullable String currency, BigDecimal limit, BigDecimal spent, BigDecimal estimated,
			BigDecimal held) {

	}

}
