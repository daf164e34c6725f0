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

package io.tokencounter.testsupport;

/**
 * The truth about one request that the {@link BillingProvider} received. Counts are
 * tokens, with the meaning that they have everywhere in this project: cache reads and
 * writes are parts of the input, reasoning is a part of the output.
 *
 * @param provider the provider, such as {@code openai}
 * @param requestModel the model that was asked for
 * @param model the model that answered
 * @param streaming whether a stream was asked for
 * @param ending how the request ended
 * @param reported whether the answer told its usage
 * @param input all input tokens
 * @param output all output tokens
 * @param cacheRead the part of the input that was read from a cache
 * @param cacheWrite the part of the input that was written to a cache
 * @param reasoning the part of the output that was reasoning
 */
public record Bill(String provider, String requestModel, String model, boolean streaming, Ending ending,
		boolean reported, long input, long output, long cacheRead, long cacheWrite, long reasoning) {

	Bill withEnding(Ending ending) {
		return new Bill(this.provider, this.requestModel, this.model, this.streaming, ending, this.reported, this.input,
				this.output, this.cacheRead, this.cacheWrite, this.reasoning);
	}

	/**
	 * How a request ended, seen by the provider.
	 */
	public enum Ending {

		/**
		 * It was answered to the end. The client may have stopped listening before.
		 */
		ANSWERED,

		/**
		 * It was answered with an error, before or in the middle of the answer.
		 */
		FAILED,

		/**
		 * The client closed the connection before the end of the answer.
		 */
		INTERRUPTED

	}

}
