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

import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

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
 * @param webSearches the number of searches that the provider made; empty if it made or
 * may have made some, and their number cannot be told
 * @param audioInput the part of the input that was audio, in tokens
 * @param audioOutput the part of the output that was audio, in tokens
 * @param audioCacheRead the part of the audio input that was read from a prompt cache;
 * empty if it cannot be told
 * @since 0.1.0
 */
public record BillingDetails(OptionalLong longLivedCacheWrites, @Nullable String serviceTier,
		@Nullable String inferenceRegion, @Nullable String speed, OptionalLong webSearches, long audioInput,
		long audioOutput, OptionalLong audioCacheRead) {

	private static final OptionalLong ZERO = OptionalLong.of(0);

	private static final Set<String> DEFAULT_NAMES = Set.of("", "auto", "default", "standard", "standard_only",
			"on_demand");

	/**
	 * Nothing but the model and the tokens decides the price.
	 */
	public static final BillingDetails PLAIN = new BillingDetails(ZERO, null, null, null, ZERO, 0, 0, ZERO);

	/**
	 * Create details. Names that mean the default tier, region or speed become
	 * {@code null}, others lower case.
	 */
	public BillingDetails {
		serviceTier = unlessDefault(serviceTier);
		inferenceRegion = unlessDefault(inferenceRegion);
		speed = unlessDefault(speed);
	}

	private static @Nullable String unlessDefault(@Nullable String name) {
		String lowerCase = (name != null) ? name.trim().toLowerCase(Locale.ROOT) : "";
		return DEFAULT_NAMES.contains(lowerCase) ? null : lowerCase;
	}

	/**
	 * Return these details with another number of long-lived cache writes.
	 * @param longLivedCacheWrites the new value
	 * @return the details
	 */
	public BillingDetails withLongLivedCacheWrites(OptionalLong longLivedCacheWrites) {
		return new BillingDetails(longLivedCacheWrites, this.serviceTier, this.inferenceRegion, this.speed,
				this.webSearches, this.audioInput, this.audioOutput, this.audioCacheRead);
	}

	/**
	 * Return these details with another service tier.
	 * @param serviceTier the new value
	 * @return the details
	 */
	public BillingDetails withServiceTier(@Nullable String serviceTier) {
		return new BillingDetails(this.longLivedCacheWrites, serviceTier, this.inferenceRegion, this.speed,
				this.webSearches, this.audioInput, this.audioOutput, this.audioCacheRead);
	}

	/**
	 * Return these details with another region.
	 * @param inferenceRegion the new value
	 * @return the details
	 */
	public BillingDetails withInferenceRegion(@Nullable String inferenceRegion) {
		return new BillingDetails(this.longLivedCacheWrites, this.serviceTier, inferenceRegion, this.speed,
				this.webSearches, this.audioInput, this.audioOutput, this.audioCacheRead);
	}

	/**
	 * Return these details with another speed.
	 * @param speed the new value
	 * @return the details
	 */
	public BillingDetails withSpeed(@Nullable String speed) {
		return new BillingDetails(this.longLivedCacheWrites, this.serviceTier, this.inferenceRegion, speed,
				this.webSearches, this.audioInput, this.audioOutput, this.audioCacheRead);
	}

	/**
	 * Return these details with another number of searches.
	 * @param webSearches the new value
	 * @return the details
	 */
	public BillingDetails withWebSearches(OptionalLong webSearches) {
		return new BillingDetails(this.longLivedCacheWrites, this.serviceTier, this.inferenceRegion, this.speed,
				webSearches, this.audioInput, this.audioOutput, this.audioCacheRead);
	}

	/**
	 * Return these details with other numbers of audio tokens.
	 * @param input the part of the input that was audio
	 * @param output the part of the output that was audio
	 * @param cacheRead the part of the audio input that was read from a prompt cache,
	 * empty if it cannot be told
	 * @return the details
	 */
	public BillingDetails withAudio(long input, long output, OptionalLong cacheRead) {
		return new BillingDetails(this.longLivedCacheWrites, this.serviceTier, this.inferenceRegion, this.speed,
				this.webSearches, input, output, cacheRead);
	}

}
