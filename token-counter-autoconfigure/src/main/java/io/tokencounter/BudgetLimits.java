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

import org.jspecify.annotations.Nullable;

/**
 * Tells limits of single subjects of a budget, such as those of a tenant by its contract.
 * Declare a bean of this type to take part. What it says wins over properties.
 * <p>
 * It is asked before each call, on whatever thread that is made on, so it must answer
 * from memory and not block. If it fails the limits of the properties hold.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface BudgetLimits {

	/**
	 * Return the limits of a subject.
	 * @param budget the name of the budget
	 * @param subject who has the budget for itself
	 * @return the limits, {@code null} if the subject has no other ones
	 */
	@Nullable Limits limitsOf(String budget, String subject);

	/**
	 * Limits of one window. Those that are {@code null} are as for everybody. Negative
	 * ones are as 0: nothing is left.
	 *
	 * @param maxCost the limit of the money spent, in units of the budget's currency
	 * @param maxTokens the limit of the tokens, input and output
	 * @param maxCalls the limit of the calls
	 */
	record Limits(@Nullable BigDecimal maxCost, @Nullable Long maxTokens, @Nullable Long maxCalls) {

	}

}
