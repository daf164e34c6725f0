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
 * What a capture point saw of one call, as Spring AI delivered it. It is to be read where
 * it is handed over, and not to be kept.
 *
 * @since 0.1.0
 */
public interface EndedCall {

	/**
	 * Return the provider as Spring AI names it.
	 * @return the name, {@code null} if it is not known
	 */
	@Nullable String provider();

	/**
	 * Return the options of the request.
	 * @return the options, {@code null} if they are not known
	 */
	@Nullable ChatOptions options();

	/**
	 * Return the options of the model.
	 * @return the options, {@code null} if they are not known
	 */
	@Nullable ChatOptions defaultOptions();

	/**
	 * Return the model as the response names it.
	 * @return the name, {@code null} if there is none
	 */
	@Nullable String responseModel();

	/**
	 * Return the last usage that said something.
	 * @return the usage, {@code null} if there was none
	 */
	@Nullable Usage usage();

	/**
	 * Return how the call ended.
	 * @return the outcome
	 */
	CallOutcome outcome();

	/**
	 * Return whether the answer was streamed.
	 * @return whether it was
	 */
	boolean streaming();

	/**
	 * Return when the request was made.
	 * @return the time
	 */
	Instant startedAt();

	/**
	 * Return the time from the request to the last token.
	 * @return the time in nanoseconds
	 */
	long nanos();

	/**
	 * Return the time from the request to the first token of a stream.
	 * @return the time in nanoseconds, 0 if none was seen
	 */
	long firstTokenNanos();

	/**
	 * Return the number of chunks that carried tokens.
	 * @return the number, 0 for what is no stream
	 */
	int tokenChunks();

	/**
	 * Return whom the call belongs to.
	 * @return whom it belongs to
	 */
	CallAttribution attribution();

	/**
	 * Return the name of the model's bean.
	 * @return the name, {@code null} if it is none or not known
	 */
	@Nullable String modelBean();

}
