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
import io.tokencounter.call.BillingDetails;
import org.jspecify.annotations.Nullable;

/**
 * What a call costs at a price. Each token is paid for once, in its own class. Nothing is
 * rounded.
 *
 * @param amount the exact amount, {@code null} if it is not known
 * @param unknown what no price is known of, {@code null} if the amount is known
 */
record PricedCall(@Nullable BigDecimal amount, @Nullable String unknown) {

	private static final int MILLION_DIGITS = 6;

	private static final int THOUSAND_DIGITS = 3;

	static PricedCall of(ModelPrice price, TokenUsage usage, BillingDetails billing) {
		BilledRates billed = BilledRates.of(price, usage, billing);
		TokenRates rates = billed.rates();
		if (rates == null) {
			return unknown(Objects.requireNonNull(billed.unknown()));
		}
		if (billing.longLivedCacheWrites().isEmpty() && rates.hasLongLivedWrites()) {
			return unknown(
					"what is written to the prompt cache, which has a price by how long it is to live and of which"
							+ " streams do not tell,");
		}
		BigDecimal searches = searches(price.variants(), billing);
		if (searches == null) {
			return unknown(
					billing.webSearches().isEmpty() ? "web searches (their number is not told)" : "web searches");
		}
		long audioOutput = Math.min(billing.audioOutput(), usage.output() - usage.reasoning());
		if (audioOutput > 0 && rates.audioOutput() == null && !rates.isFree()) {
			return unknown("audio output");
		}
		BigDecimal input = input(rates, usage, billing);
		if (input == null) {
			return unknown("audio input (or of its cached part)");
		}
		BigDecimal ofTokens = plus(input, usage.output() - usage.reasoning() - audioOutput, rates.output(),
				rates.output());
		ofTokens = plus(ofTokens, usage.reasoning(), rates.reasoning(), rates.output());
		ofTokens = plus(ofTokens, audioOutput, rates.audioOutput(), rates.output());
		BigDecimal exact = ((searches.signum() != 0) ? ofTokens.add(searches) : ofTokens).stripTrailingZeros();
		// People read it: 0 and not 0E+1
		return new PricedCall((exact.scale() < 0) ? exact.setScale(0) : exact, null);
	}

	private static @Nullable BigDecimal searches(PriceVariants variants, BillingDetails billing) {
		BigDecimal price = variants.webSearch();
		if (billing.webSearches().isEmpty()) {
			return (price != null && price.signum() == 0) ? price : null;
		}
		long searches = billing.webSearches().getAsLong();
		if (searches == 0) {
			return BigDecimal.ZERO;
		}
		return (price != null) ? price.multiply(BigDecimal.valueOf(searches)).movePointLeft(THOUSAND_DIGITS) : null;
	}

	private static @Nullable BigDecimal input(TokenRates rates, TokenUsage usage, BillingDetails billing) {
		long audio = (billing.audioInput() == 0 || rates.isFree()) ? 0 : Math.min(billing.audioInput(), usage.input());
		long cachedAudio = 0;
		if (audio > 0) {
			cachedAudio = cachedAudio(audio, usage, billing);
			boolean known = cachedAudio >= 0 && usage.cacheWrite() == 0 && rates.audioInput() != null
					&& (cachedAudio == 0 || rates.audioCacheRead() != null);
			if (!known) {
				return null;
			}
		}
		long longLived = Math.min(billing.longLivedCacheWrites().orElse(0), usage.cacheWrite());
		long uncached = usage.input() - usage.cacheRead() - usage.cacheWrite() - (audio - cachedAudio);
		BigDecimal write = (rates.cacheWrite() != null) ? rates.cacheWrite() : rates.input();
		BigDecimal input = plus(BigDecimal.ZERO, uncached, rates.input(), rates.input());
		input = plus(input, usage.cacheRead() - cachedAudio, rates.cacheRead(), rates.input());
		input = plus(input, usage.cacheWrite() - longLived, write, write);
		input = plus(input, longLived, rates.cacheWriteLong(), write);
		input = plus(input, audio - cachedAudio, rates.audioInput(), rates.input());
		return plus(input, cachedAudio, rates.audioCacheRead(), rates.input());
	}

	/**
	 * Return how many of the audio tokens were read from a cache, negative if that cannot
	 * be told.
	 */
	private static long cachedAudio(long audio, TokenUsage usage, BillingDetails billing) {
		long least = Math.max(0, audio + usage.cacheRead() - usage.input());
		long most = Math.min(audio, usage.cacheRead());
		if (billing.audioCacheRead().isPresent()) {
			return Math.max(least, Math.min(billing.audioCacheRead().getAsLong(), most));
		}
		return (least == most) ? least : -1;
	}

	private static BigDecimal plus(BigDecimal sum, long tokens, @Nullable BigDecimal price, BigDecimal otherwise) {
		if (tokens == 0) {
			// Most classes of tokens are not in most calls
			return sum;
		}
		BigDecimal times = ((price != null) ? price : otherwise).multiply(BigDecimal.valueOf(tokens, MILLION_DIGITS));
		return (sum.signum() != 0) ? sum.add(times) : times;
	}

	private static PricedCall unknown(String what) {
		return new PricedCall(null, what);
	}

}
