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

package io.tokencounter;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * One counted call to a model. It never holds text of a prompt or an answer.
 *
 * @param operation the {@code gen_ai.operation.name}, such as {@code chat}
 * @param provider the {@code gen_ai.provider.name}, {@link #UNKNOWN} if there is none
 * @param requestModel the model that was asked for, {@code null} if unknown
 * @param responseModel the model that answered, {@code null} if it did not say or the
 * name is known to be corrupted
 * @param usage the tokens of the call
 * @param cost the money spent, {@code null} if the usage or the price is not known
 * @param outcome how the call ended
 * @param streaming whether the answer was streamed
 * @param startedAt when the request was made
 * @param duration the time from the request to the last token
 * @param timeToFirstToken the time from the request to the first token of a stream,
 * {@code null} if it was not seen
 * @param generationTime the time in which the output was generated, {@code null} if it is
 * not known: for a stream the time from the first to the last token where both were seen
 * apart, else the duration
 * @param feature the feature that the call belongs to, {@link #NO_FEATURE} if there is
 * none
 * @param tags the caller tags, such as a tenant
 * @param modelBean the name of the model's bean, {@code null} if unknown
 * @since 0.1.0
 */
public record TokenCall(String operation, String provider, @Nullable String requestModel,
		@Nullable String responseModel, TokenUsage usage, @Nullable TokenCost cost, CallOutcome outcome,
		boolean streaming, Instant startedAt, Duration duration, @Nullable Duration timeToFirstToken,
		@Nullable Duration generationTime, String feature, Map<String, String> tags, @Nullable String modelBean) {

	/**
	 * Name of a model or provider that is not known.
	 */
	public static final String UNKNOWN = "unknown";

	/**
	 * Feature of a call outside of any tracked method.
	 */
	public static final String NO_FEATURE = "none";

	/**
	 * Create a call.
	 */
	public TokenCall {
		Objects.requireNonNull(operation, "'operation' must not be null");
		Objects.requireNonNull(provider, "'provider' must not be null");
		Objects.requireNonNull(usage, "'usage' must not be null");
		Objects.requireNonNull(outcome, "'outcome' must not be null");
		Objects.requireNonNull(startedAt, "'startedAt' must not be null");
		Objects.requireNonNull(duration, "'duration' must not be null");
		Objects.requireNonNull(feature, "'feature' must not be null");
		tags = Map.copyOf(tags);
	}

	/**
	 * Return the model to count and price the call by.
	 * @return the response model, else the request model, else {@link #UNKNOWN}
	 */
	public String model() {
		if (this.responseModel != null) {
			return this.responseModel;
		}
		return (this.requestModel != null) ? this.requestModel : UNKNOWN;
	}

}
