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
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * How the prices of a model differ for calls that were served in a certain way, such as
 * in a service tier: by a factor, or with rates of their own.
 *
 * @param factor what all prices of tokens are multiplied by, {@code null} if there are
 * rates
 * @param rates the prices per one million tokens, {@code null} if there is a factor
 * @param longContext other rates for calls with more input tokens than the key; where it
 * is empty, and the model's own prices depend on the length, those of longer calls are
 * not known
 * @since 0.1.0
 */
public record PriceVariant(@Nullable BigDecimal factor, @Nullable TokenRates rates,
		NavigableMap<Long, TokenRates> longContext) {

	/**
	 * Create a variant.
	 * @throws IllegalArgumentException if there is not either a factor or rates, or if
	 * the factor is negative or out of all proportion
	 */
	public PriceVariant {
		boolean either = (factor != null) ^ (rates != null);
		if (!either) {
			throw new IllegalArgumentException("A variant must have a factor or rates");
		}
		factor = (factor != null) ? TokenRates.requirePrice("factor", factor) : null;
		longContext = Collections.unmodifiableNavigableMap(new TreeMap<>(longContext));
	}

	/**
	 * Return a variant that multiplies all prices of tokens.
	 * @param factor what to multiply by
	 * @return the variant
	 */
	public static PriceVariant times(BigDecimal factor) {
		return new PriceVariant(factor, null, Collections.emptyNavigableMap());
	}

}
