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

package io.tokencounter.call;

import java.time.Instant;

import io.tokencounter.TokenCost;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a call cost.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface CallPricing {

	/**
	 * Return the cost of a call.
	 * @param model the model to price the call by
	 * @param reading the provider, the tokens and what else decides the price
	 * @param startedAt when the request was made
	 * @return the cost, or {@code null} if it is not known
	 */
	@Nullable TokenCost cost(String model, CallReading reading, Instant startedAt);

	/**
	 * Return what the tokens of a call may cost at most, before it is made.
	 * @param model the model that is asked for
	 * @param asked the provider, and what is asked for that decides the price
	 * @param input the number of input tokens that the call has at most; longer input can
	 * have a higher price
	 * @param startedAt when the request is made
	 * @return the rates, or {@code null} if they are not known
	 */
	default @Nullable CallRates dearestRates(String model, CallReading asked, long input, Instant startedAt) {
		return null;
	}

}
