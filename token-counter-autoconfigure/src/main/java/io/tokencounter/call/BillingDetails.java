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

import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

/**
 * What decides the price of a call beside its model and its tokens. What is known to
 * change the price is either priced or makes the cost unknown.
 *
 * @param longLivedCacheWrites the part of the tokens written to a prompt cache whose
 * entries live longer than the provider's default; empty if it cannot be told
 * @param serviceTier the provider's name of the service tier that the call was served in,
 * {@code null} for the default one
 * @param inferenceRegion the provider's name of the region that the call was bound to,
 * {@code null} for none
 * @param speed the provider's name of the speed that was asked for, {@code null} for the
 * default one
 * @param webSearches the number of searches that the provider made
 * @param audioInput the part of the input that was audio, in tokens
 * @param audioOutput the part of the output that was audio, in tokens
 * @since 0.1.0
 */
public record BillingDetails(OptionalLong longLivedCacheWrites, @Nullable String serviceTier,
		@Nullable String inferenceRegion, @Nullable String speed, long webSearches, long audioInput, long audioOutput) {

	/**
	 * Nothing but the model and the tokens decides the price.
	 */
	public static final BillingDetails PLAIN = new BillingDetails(OptionalLong.of(0), null, null, null, 0, 0, 0);

	/**
	 * Return these details with another number of long-lived cache writes.
	 * @param longLivedCacheWrites the number of tokens, empty if it cannot be told
	 * @return the details
	 */
	public BillingDetails withLongLivedCacheWrites(OptionalLong longLivedCacheWrites) {
		return new BillingDetails(longLivedCacheWrites, this.serviceTier, this.inferenceRegion, this.speed,
				this.webSearches, this.audioInput, this.audioOutput);
	}

}
