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

import org.jspecify.annotations.Nullable;

/**
 * Published as an application event when a share of a budget is used, and when nothing is
 * left of it: each once a window and subject. It comes on a thread of its own.
 *
 * @param kind what happened
 * @param budget the name of the budget
 * @param subject who has the budget for itself, {@code null} if all calls share it
 * @param unit the unit of the amounts: {@code cost}, {@code tokens} or {@code calls}
 * @param limit the limit of one window, money in units of the budget's currency
 * @param used what is used of it
 * @param resetsAt when the next window begins, {@code null} if there is none
 * @since 0.1.0
 */
public record TokenBudgetEvent(Kind kind, String budget, @Nullable String subject, String unit, BigDecimal limit,
		BigDecimal used, @Nullable Instant resetsAt) {

	/**
	 * What happened to a budget.
	 */
	public enum Kind {

		/**
		 * The share {@code warn-at} of a limit is used.
		 */
		THRESHOLD_REACHED,

		/**
		 * A limit is reached, or the first call was refused.
		 */
		EXHAUSTED

	}

}
