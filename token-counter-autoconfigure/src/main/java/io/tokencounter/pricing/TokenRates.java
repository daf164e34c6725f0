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

import io.tokencounter.TokenUsage;
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
 * @param cacheWriteLong the price of input tokens written to a cache entry that lives
 * longer than the provider's default, {@code null} if there is none. It is kept for those
 * who know how long their entries live: providers report it too seldom, and never in
 * streams, for a {@link TokenUsage} to have it, so {@link #cost} prices every write at
 * {@code cacheWrite}.
 * @param reasoning the price of reasoning tokens, {@code null} if they cost as much as
 * other output tokens
 * @since 0.1.0
 */
public record TokenRates(BigDecimal input, BigDecimal output, @Nullable BigDecimal cacheRead,
		@Nullable BigDecimal cacheWrite, @Nullable BigDecimal cacheWriteLong, @Nullable BigDecimal reasoning) {

	private static final int MILLION_DIGITS = 6;

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

	/**
	 * Return what a call costs at these rates. Each token is paid for once, in its own
	 * class. Nothing is rounded.
	 * @param usage the tokens of the call
	 * @return the exact amount, in units of the currency
	 */
	public BigDecimal cost(TokenUsage usage) {
		long uncached = usage.input() - usage.cacheRead() - usage.cacheWrite();
		long answer = usage.output() - usage.reasoning();
		BigDecimal amount = add(BigDecimal.ZERO, this.input, uncached);
		amount = add(amount, (this.cacheRead != null) ? this.cacheRead : this.input, usage.cacheRead());
		amount = add(amount, (this.cacheWrite != null) ? this.cacheWrite : this.input, usage.cacheWrite());
		amount = add(amount, this.output, answer);
		amount = add(amount, (this.reasoning != null) ? this.reasoning : this.output, usage.reasoning());
		amount = amount.movePointLeft(MILLION_DIGITS).stripTrailingZeros();
		// People read it: 0 and not 0E+1
		return (amount.scale() < 0) ? amount.setScale(0) : amount;
	}

	private static BigDecimal add(BigDecimal amount, BigDecimal price, long tokens) {
		return (tokens != 0) ? amount.add(price.multiply(BigDecimal.valueOf(tokens))) : amount;
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
