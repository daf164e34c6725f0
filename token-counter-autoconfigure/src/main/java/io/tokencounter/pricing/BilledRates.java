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

import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Function;

import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import org.jspecify.annotations.Nullable;

/**
 * The rates that apply to one call.
 *
 * @param rates the rates, {@code null} if they are not known
 * @param unknown what no price is known of, {@code null} if the rates are known
 */
record BilledRates(@Nullable TokenRates rates, @Nullable String unknown) {

	static BilledRates of(ModelPrice price, TokenUsage usage, BillingDetails billing) {
		TokenRates plain = at(price.rates(), price.longContext(), usage.input());
		PriceVariants variants = price.variants();
		return new BilledRates(plain, null)
			.as("service tier", billing.serviceTier(), variants.serviceTiers(), price, usage)
			.as("speed", billing.speed(), variants.speeds(), price, usage)
			.as("inference region", billing.inferenceRegion(), variants.inferenceRegions(), price, usage);
	}

	private static TokenRates at(TokenRates rates, NavigableMap<Long, TokenRates> longContext, long input) {
		if (longContext.isEmpty()) {
			return rates;
		}
		Map.Entry<Long, TokenRates> step = longContext.lowerEntry(input);
		return (step != null) ? step.getValue() : rates;
	}

	private BilledRates as(String kind, @Nullable String name, Map<String, PriceVariant> variants, ModelPrice price,
			TokenUsage usage) {
		if (name == null || this.rates == null) {
			return this;
		}
		PriceVariant variant = variants.get(name);
		String what = "%s '%s'".formatted(kind, name);
		if (variant == null) {
			// What is free of charge is so however it is served
			return this.rates.isFree() ? this : unknown(what);
		}
		if (variant.factor() != null) {
			return new BilledRates(this.rates.times(variant.factor()), null);
		}
		TokenRates plain = at(price.rates(), price.longContext(), usage.input());
		if (variant.rates() == null || !plain.equals(this.rates)) {
			return unknown(what + " together with another");
		}
		boolean longContext = !plain.equals(price.rates());
		if (longContext && variant.longContext().isEmpty()) {
			return unknown("so many input tokens in " + what);
		}
		TokenRates rates = at(variant.rates(), variant.longContext(), usage.input());
		if (leavesOut(usage.cacheRead(), TokenRates::cacheRead, plain, rates)
				|| leavesOut(usage.cacheWrite(), TokenRates::cacheWrite, plain, rates)
				|| leavesOut(usage.cacheWrite(), TokenRates::cacheWriteLong, plain, rates)
				|| leavesOut(usage.reasoning(), TokenRates::reasoning, plain, rates)) {
			return unknown("cached or reasoning tokens in " + what);
		}
		return new BilledRates(rates, null);
	}

	/**
	 * Return whether a class of tokens has a price of its own in the plain rates, and
	 * none in those of a variant. It does not become as dear as other tokens by that.
	 */
	private static boolean leavesOut(long tokens, Function<TokenRates, @Nullable Object> rate, TokenRates plain,
			TokenRates rates) {
		return tokens > 0 && rate.apply(plain) != null && rate.apply(rates) == null;
	}

	private static BilledRates unknown(String what) {
		return new BilledRates(null, what);
	}

}
