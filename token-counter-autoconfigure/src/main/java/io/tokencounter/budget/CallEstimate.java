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

package io.tokencounter.budget;

import java.math.BigDecimal;

import io.tokencounter.call.CallRates;
import org.jspecify.annotations.Nullable;

/**
 * What a call is thought to need, before it is made.
 *
 * @param units the size of the input before anything was learned, in tokens
 * @param plainText whether the input is text alone, so that the model's ratio can be
 * learned from it
 * @param input the tokens of the input
 * @param maxOutput the tokens of the output to hold
 * @param likelyOutput the tokens of the output that are likely
 * @param rates the dearest rates that may apply, {@code null} if they are not known
 */
record CallEstimate(double units, boolean plainText, long input, long maxOutput, long likelyOutput,
		@Nullable CallRates rates) {

	// Rates are per million tokens, and amounts are nanos
	private static final int RATE_TO_NANOS = 3;

	Amounts held(String currency) {
		return amounts(this.input, this.maxOutput, currency);
	}

	Amounts likely(String currency) {
		return amounts(this.input, this.likelyOutput, currency);
	}

	Amounts amounts(long inputTokens, long outputTokens, String currency) {
		return new Amounts(cost(inputTokens, outputTokens, currency), inputTokens + outputTokens, 1);
	}

	boolean isPricedIn(String currency) {
		return this.rates != null && this.rates.currency().equals(currency);
	}

	long cost(long inputTokens, long outputTokens, String currency) {
		CallRates rates = this.rates;
		if (rates == null || !rates.currency().equals(currency)) {
			return 0;
		}
		BigDecimal perMillion = rates.input()
			.multiply(BigDecimal.valueOf(inputTokens))
			.add(rates.output().multiply(BigDecimal.valueOf(outputTokens)));
		return Amounts.roundUp(perMillion.movePointRight(RATE_TO_NANOS));
	}

}
