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

package io.tokencounter.pricing;

import java.math.BigDecimal;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What each class of tokens costs, in units of a currency per one million tokens.
 *
 * @param input the price of input tokens that did not touch a prompt cache
 * @param output the price of output tokens
 * @param cacheRead the price of input tokens read from a prompt cache, {@code null} if
 * they cost as much as other input tokens
 * @param cacheWrite the price of input tokens written to a prompt cache, {@code null} if
 * they cost as much as other input tokens
 * @param cacheWriteLong the price of input tokens written to a cache entry that is to
 * live longer than the provider's default, {@code null} if they cost as much as other
 * writes
 * @param reasoning the price of reasoning tokens, {@code null} if they cost as much as
 * other output tokens
 * @since 0.1.0
 */
public record TokenRates(BigDecimal input, BigDecimal output, @Nullable BigDecimal cacheRead,
		@Nullable BigDecimal cacheWrite, @Nullable BigDecimal cacheWriteLong, @Nullable BigDecimal reasoning) {

	private static final int MAX_SCALE = 100;

	/**
	 * Create rates.
	 * @throws IllegalArgumentException if a price is negative or out of all proportion
	 */
	public TokenRates {
		input = canonical("input", Objects.requireNonNull(input, "'input' must not be null"));
		output = canonical("output", Objects.requireNonNull(output, "'output' must not be null"));
		cacheRead = (cacheRead != null) ? canonical("cacheRead", cacheRead) : null;
		cacheWrite = (cacheWrite != null) ? canonical("cacheWrite", cacheWrite) : null;
		cacheWriteLong = (cacheWriteLong != null) ? canonical("cacheWriteLong", cacheWriteLong) : null;
		reasoning = (reasoning != null) ? canonical("reasoning", reasoning) : null;
	}

	/**
	 * Return rates without prices of their own for cached and reasoning tokens.
	 * @param input the price of input tokens, per one million
	 * @param output the price of output tokens, per one million
	 * @return the rates
	 */
	public static TokenRates of(BigDecimal input, BigDecimal output) {
		return new TokenRates(input, output, null, null, null, null);
	}

	// Without trailing zeros, so that 3, 3.0 and 3.00 are equal, which records leave to
	// BigDecimal
	private static BigDecimal canonical(String name, BigDecimal price) {
		return requirePrice(name, price).stripTrailingZeros();
	}

	/**
	 * Refuse what cannot be a price. Sums with numbers such as {@code 1e-999999999} would
	 * take all memory.
	 */
	static BigDecimal requirePrice(String name, BigDecimal price) {
		if (price.signum() < 0) {
			throw new IllegalArgumentException("'%s' must not be negative, but is %s".formatted(name, price));
		}
		if (price.scale() > MAX_SCALE || price.scale() < -MAX_SCALE) {
			throw new IllegalArgumentException("'%s' must be a sensible price, but is %s".formatted(name, price));
		}
		return price;
	}

}
