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
import java.util.stream.Stream;

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
 * @param audioInput the price of audio input tokens that did not touch a prompt cache,
 * {@code null} if it is not known
 * @param audioOutput the price of audio output tokens, {@code null} if it is not known
 * @param audioCacheRead the price of audio input tokens read from a prompt cache,
 * {@code null} if it is not known
 * @since 0.1.0
 */
public record TokenRates(BigDecimal input, BigDecimal output, @Nullable BigDecimal cacheRead,
		@Nullable BigDecimal cacheWrite, @Nullable BigDecimal cacheWriteLong, @Nullable BigDecimal reasoning,
		@Nullable BigDecimal audioInput, @Nullable BigDecimal audioOutput, @Nullable BigDecimal audioCacheRead) {

	private static final int MAX_SCALE = 100;

	/**
	 * Create rates.
	 * @throws IllegalArgumentException if a price is negative or out of all proportion
	 */
	public TokenRates {
		input = requireCanonical("input", input);
		output = requireCanonical("output", output);
		cacheRead = canonical("cacheRead", cacheRead);
		cacheWrite = canonical("cacheWrite", cacheWrite);
		cacheWriteLong = canonical("cacheWriteLong", cacheWriteLong);
		reasoning = canonical("reasoning", reasoning);
		audioInput = canonical("audioInput", audioInput);
		audioOutput = canonical("audioOutput", audioOutput);
		audioCacheRead = canonical("audioCacheRead", audioCacheRead);
	}

	/**
	 * Create rates of which none for audio is known.
	 * @param input the price of input tokens that did not touch a prompt cache
	 * @param output the price of output tokens
	 * @param cacheRead the price of input tokens read from a prompt cache
	 * @param cacheWrite the price of input tokens written to a prompt cache
	 * @param cacheWriteLong the price of input tokens written to a long-lived entry
	 * @param reasoning the price of reasoning tokens
	 * @throws IllegalArgumentException if a price is negative or out of all proportion
	 */
	public TokenRates(BigDecimal input, BigDecimal output, @Nullable BigDecimal cacheRead,
			@Nullable BigDecimal cacheWrite, @Nullable BigDecimal cacheWriteLong, @Nullable BigDecimal reasoning) {
		this(input, output, cacheRead, cacheWrite, cacheWriteLong, reasoning, null, null, null);
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
	 * Return whether all tokens are free of charge.
	 */
	boolean isFree() {
		return all().allMatch((price) -> price.signum() == 0);
	}

	/**
	 * Return whether it matters how long what was written to a cache is to live.
	 */
	boolean hasLongLivedWrites() {
		BigDecimal write = (this.cacheWrite != null) ? this.cacheWrite : this.input;
		return this.cacheWriteLong != null && !this.cacheWriteLong.equals(write);
	}

	/**
	 * Return the dearest price of a token of the input.
	 * @param withAudio whether some may be audio
	 */
	BigDecimal dearestInput(boolean withAudio) {
		BigDecimal dearest = dearer(dearer(dearer(this.input, this.cacheRead), this.cacheWrite), this.cacheWriteLong);
		return withAudio ? dearer(dearest, this.audioInput) : dearest;
	}

	/**
	 * Return the dearest price of a token of the output.
	 * @param withAudio whether some may be audio
	 */
	BigDecimal dearestOutput(boolean withAudio) {
		BigDecimal dearest = dearer(this.output, this.reasoning);
		return withAudio ? dearer(dearest, this.audioOutput) : dearest;
	}

	private static BigDecimal dearer(BigDecimal price, @Nullable BigDecimal other) {
		return (other != null) ? price.max(other) : price;
	}

	TokenRates times(BigDecimal factor) {
		return new TokenRates(this.input.multiply(factor), this.output.multiply(factor), times(this.cacheRead, factor),
				times(this.cacheWrite, factor), times(this.cacheWriteLong, factor), times(this.reasoning, factor),
				times(this.audioInput, factor), times(this.audioOutput, factor), times(this.audioCacheRead, factor));
	}

	private static @Nullable BigDecimal times(@Nullable BigDecimal price, BigDecimal factor) {
		return (price != null) ? price.multiply(factor) : null;
	}

	private Stream<BigDecimal> all() {
		return Stream
			.of(this.input, this.output, this.cacheRead, this.cacheWrite, this.cacheWriteLong, this.reasoning,
					this.audioInput, this.audioOutput, this.audioCacheRead)
			.filter(Objects::nonNull);
	}

	private static BigDecimal requireCanonical(String name, @Nullable BigDecimal price) {
		return Objects.requireNonNull(canonical(name, price), () -> "'%s' must not be null".formatted(name));
	}

	// Without trailing zeros, so that 3, 3.0 and 3.00 are equal, which records leave to
	// BigDecimal
	private static @Nullable BigDecimal canonical(String name, @Nullable BigDecimal price) {
		return (price != null) ? requirePrice(name, price).stripTrailingZeros() : null;
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
