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

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.Currency;
import java.util.NavigableMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * What a model costs, in one currency and for a span of time.
 *
 * @param rates the prices per one million tokens
 * @param currency the ISO 4217 code of the currency
 * @param validFrom the first day (UTC) on which the price applies, {@code null} if it
 * always did
 * @param validTo the last day (UTC) on which the price applies, {@code null} if it has no
 * end
 * @param longContext other prices for calls with many input tokens: the key is a number
 * of input tokens, cached ones included, and a call with more than that is priced, all of
 * it, by the value; empty if the length does not matter
 * @param variants what changes the price beside the model and the tokens
 * @since 0.1.0
 */
public record ModelPrice(TokenRates rates, String currency, @Nullable LocalDate validFrom, @Nullable LocalDate validTo,
		NavigableMap<Long, TokenRates> longContext, PriceVariants variants) {

	private static final long SECONDS_PER_DAY = Duration.ofDays(1).toSeconds();

	/**
	 * Create a price.
	 * @throws IllegalArgumentException if the currency is not an ISO 4217 code, if the
	 * price ends before it starts, or if a context size is not positive
	 */
	public ModelPrice {
		if (!isCurrency(currency)) {
			throw new IllegalArgumentException("'currency' must be an ISO 4217 code, but is '" + currency + "'");
		}
		if (validFrom != null && validTo != null && validTo.isBefore(validFrom)) {
			throw new IllegalArgumentException("'validTo' must not be before 'validFrom'");
		}
		longContext = Collections.unmodifiableNavigableMap(new TreeMap<>(longContext));
		if (!longContext.isEmpty() && longContext.firstKey() <= 0) {
			throw new IllegalArgumentException("Context size must be positive, but is " + longContext.firstKey());
		}
	}

	/**
	 * Create a price of which nothing is known but the plain rates.
	 * @param rates the prices per one million tokens
	 * @param currency the ISO 4217 code of the currency
	 * @param validFrom the first day (UTC) on which the price applies
	 * @param validTo the last day (UTC) on which the price applies
	 * @param longContext other prices for calls with many input tokens
	 * @throws IllegalArgumentException if the currency is not an ISO 4217 code, if the
	 * price ends before it starts, or if a context size is not positive
	 */
	public ModelPrice(TokenRates rates, String currency, @Nullable LocalDate validFrom, @Nullable LocalDate validTo,
			NavigableMap<Long, TokenRates> longContext) {
		this(rates, currency, validFrom, validTo, longContext, PriceVariants.NONE);
	}

	/**
	 * Return a price that applies at any time and for any length of the input.
	 * @param rates the prices per one million tokens
	 * @param currency the ISO 4217 code of the currency
	 * @return the price
	 */
	public static ModelPrice of(TokenRates rates, String currency) {
		return new ModelPrice(rates, currency, null, null, Collections.emptyNavigableMap());
	}

	/**
	 * Return whether this price applies to a call.
	 * @param at when the call was made
	 * @return whether the time is within the days of this price
	 */
	public boolean isValidAt(Instant at) {
		if (this.validFrom == null && this.validTo == null) {
			return true;
		}
		long day = Math.floorDiv(at.getEpochSecond(), SECONDS_PER_DAY);
		return (this.validFrom == null || day >= this.validFrom.toEpochDay())
				&& (this.validTo == null || day <= this.validTo.toEpochDay());
	}

	ModelPrice withoutVariants() {
		return new ModelPrice(this.rates, this.currency, this.validFrom, this.validTo, this.longContext);
	}

	/**
	 * Return whether both apply on a day, and are not the same.
	 */
	boolean contradicts(ModelPrice other) {
		boolean apart = (this.validTo != null && other.validFrom != null && this.validTo.isBefore(other.validFrom))
				|| (other.validTo != null && this.validFrom != null && other.validTo.isBefore(this.validFrom));
		return !apart && !equals(other);
	}

	/**
	 * Return whether a code stands for money. Two codes of ISO 4217 do not.
	 * @param code the code
	 * @return whether there is such a currency
	 */
	public static boolean isCurrency(String code) {
		try {
			return Currency.getInstance(code) != null && !code.equals("XXX") && !code.equals("XTS");
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

}
