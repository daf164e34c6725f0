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

package io.tokencounter.capture;

import java.time.Instant;

import io.tokencounter.CallAttribution;
import io.tokencounter.CallOutcome;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.prompt.ChatOptions;

/**
 * A call as it was seen until it ended.
 *
 * @param provider the provider as Spring AI names it
 * @param options the options of the request
 * @param defaultOptions the options of the model
 * @param responseModel the model as the response names it
 * @param usage the last usage that said something
 * @param outcome how the call ended
 * @param streaming whether the answer was streamed
 * @param startedAt when the request was made
 * @param nanos from the request to the last token, in nanoseconds
 * @param firstTokenNanos from the request to the first token, in nanoseconds, 0 if unseen
 * @param tokenChunks the number of chunks that carried tokens
 * @param attribution whom the call belongs to
 * @param modelBean the name of the model's bean
 */
record SeenCall(@Nullable String provider, @Nullable ChatOptions options, @Nullable ChatOptions defaultOptions,
		@Nullable String responseModel, @Nullable Usage usage, CallOutcome outcome, boolean streaming,
		Instant startedAt, long nanos, long firstTokenNanos, int tokenChunks, CallAttribution attribution,
		@Nullable String modelBean) implements EndedCall {

	SeenCall(EndedCall call) {
		this(call.provider(), call.options(), call.defaultOptions(), call.responseModel(), call.usage(), call.outcome(),
				call.streaming(), call.startedAt(), call.nanos(), call.firstTokenNanos(), call.tokenChunks(),
				call.attribution(), call.modelBean());
	}

}
