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

import io.tokencounter.CallOutcome;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;

/**
 * What was seen of one call that ended, whatever its kind, as Spring AI delivered it.
 *
 * @param request what was known when the call was made
 * @param outcome how the call ended
 * @param responseModel the model as the response names it, {@code null} if there is none
 * @param responseId the id of the response, {@code null} if there is none
 * @param usage the last usage that said something, {@code null} if there was none
 * @param nanos the time from the request to the last token, in nanoseconds
 * @param firstTokenNanos the time from the request to the first token of a stream, in
 * nanoseconds, 0 if none was seen
 * @param tokenChunks the number of chunks of a stream that carried tokens
 * @param error the exception that the call ended with, {@code null} if there is none
 * @param serviceTier the service tier as the response names it, {@code null} if nothing
 * was seen of it: Spring AI drops it
 * @since 0.1.0
 */
public record SeenCall(CallRequest request, CallOutcome outcome, @Nullable String responseModel,
		@Nullable String responseId, @Nullable Usage usage, long nanos, long firstTokenNanos, int tokenChunks,
		@Nullable Throwable error, @Nullable String serviceTier) {

	/**
	 * Create a call of whose service tier nothing was seen.
	 */
	public SeenCall(CallRequest request, CallOutcome outcome, @Nullable String responseModel,
			@Nullable String responseId, @Nullable Usage usage, long nanos, long firstTokenNanos, int tokenChunks,
			@Nullable Throwable error) {
		this(request, outcome, responseModel, responseId, usage, nanos, firstTokenNanos, tokenChunks, error, null);
	}

}
