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
 * Thrown before a call to a model is made, as a budget does not allow it. Nothing was
 * sent to the provider.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class TokenBudgetExceededException extends RuntimeException {

	private final String budget;

	private final @Nullable String subject;

	private final String unit;

	private final BigDecimal limit;

	private final BigDecimal used;

	private final BigDecimal requested;

	private final @Nullable Instant resetsAt;

	/**
	 * Create an exception.
	 * @param budget the name of the budget
	 * @param subject the feature, model, provider or tag's value that has the budget for
	 * itself, {@code null} if all calls share it
	 * @param unit the unit of the amounts: {@code cost}, {@code tokens} or {@code calls}
	 * @param limit the limit of one window
	 * @param used what was spent and is held in the window
	 * @param requested what the refused call was likely to need
	 * @param resetsAt when the next window begins, {@code null} if there is none
	 */
	public TokenBudgetExceededException(String budget, @Nullable String subject, String unit, BigDecimal limit,
			BigDecimal used, BigDecimal requested, @Nullable Instant resetsAt) {
		this(name(budget, subject) + " is exceeded: " + used.toPlainString() + " of " + limit.toPlainString() + " "
				+ unit + " used, and the call needs about " + requested.toPlainString()
				+ ((resetsAt != null) ? ". The next window begins at " + resetsAt : ""), null, budget, subject, unit,
				limit, used, requested, resetsAt);
	}

	private TokenBudgetExceededException(String message, @Nullable Throwable cause, String budget,
			@Nullable String subject, String unit, BigDecimal limit, BigDecimal used, BigDecimal requested,
			@Nullable Instant resetsAt) {
		super(message, cause);
		this.budget = budget;
		this.subject = subject;
		this.unit = unit;
		this.limit = limit;
		this.used = used;
		this.requested = requested;
		this.resetsAt = resetsAt;
	}

	/**
	 * Return an exception for a call that is refused as nobody can tell what is left of a
	 * budget.
	 * @param budget the name of the budget
	 * @param subject who has the budget for itself, {@code null} if all calls share it
	 * @param unit the unit of the amounts
	 * @param limit the limit of one window
	 * @param requested what the refused call was likely to need
	 * @param cause why it cannot be told
	 * @return the exception
	 */
	public static TokenBudgetExceededException unavailable(String budget, @Nullable String subject, String unit,
			BigDecimal limit, BigDecimal requested, @Nullable Throwable cause) {
		return new TokenBudgetExceededException(
				name(budget, subject) + " cannot be asked, and calls are refused meanwhile", cause, budget, subject,
				unit, limit, BigDecimal.ZERO, requested, null);
	}

	/**
	 * Return an exception for a call that is refused as its model has no price, and so
	 * nobody can tell what it costs.
	 * @param budget the name of the budget
	 * @param subject who has the budget for itself, {@code null} if all calls share it
	 * @param limit the limit of one window, in units of the budget's currency
	 * @return the exception
	 */
	public static TokenBudgetExceededException unpriced(String budget, @Nullable String subject, BigDecimal limit) {
		return new TokenBudgetExceededException(
				name(budget, subject) + " refuses calls of models whose price is not known", null, budget, subject,
				"cost", limit, BigDecimal.ZERO, BigDecimal.ZERO, null);
	}

	private static String name(String budget, @Nullable String subject) {
		return "Budget '" + budget + "'" + ((subject != null) ? " of '" + Names.clean(subject) + "'" : "");
	}

	/**
	 * Return the name of the budget.
	 * @return the name
	 */
	public String budget() {
		return this.budget;
	}

	/**
	 * Return who has the budget for itself.
	 * @return the feature, model, provider or tag's value, {@code null} if all calls
	 * share the budget
	 */
	public @Nullable String subject() {
		return this.subject;
	}

	/**
	 * Return the unit of the amounts.
	 * @return {@code cost}, {@code tokens} or {@code calls}
	 */
	public String unit() {
		return this.unit;
	}

	/**
	 * Return the limit of one window.
	 * @return the limit, money in units of the budget's currency
	 */
	public BigDecimal limit() {
		return this.limit;
	}

	/**
	 * Return what was spent and is held in the window.
	 * @return the amount, money in units of the budget's currency
	 */
	public BigDecimal used() {
		return this.used;
	}

	/**
	 * Return what the refused call was likely to need.
	 * @return the amount, money in units of the budget's currency
	 */
	public BigDecimal requested() {
		return this.requested;
	}

	/**
	 * Return when the next window begins.
	 * @return the time, {@code null} if there is no next window
	 */
	public @Nullable Instant resetsAt() {
		return this.resetsAt;
	}

}
