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
import java.util.Objects;

/**
 * Money spent on one call.
 *
 * @param amount the exact amount, in units of the currency (not in cents)
 * @param currency the ISO 4217 code of the currency
 * @since 0.1.0
 */
public record TokenCost(BigDecimal amount, String currency) {

	/**
	 * Create a cost.
	 * @throws IllegalArgumentException if the amount is negative
	 */
	public TokenCost {
		Objects.requireNonNull(amount, "'amount' must not be null");
		Objects.requireNonNull(currency, "'currency' must not be null");
		if (amount.signum() < 0) {
			throw new IllegalArgumentException("Cost must not be negative");
		}
	}

}
