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

/**
 * Tokens of one call to a model, with one meaning for every provider.
 * <p>
 * All components are numbers of tokens. Cache and reasoning tokens are parts of the input
 * and the output; they are never to be added to them.
 *
 * @param input all input tokens that the provider processed, those read from and written
 * to a prompt cache included
 * @param output all output tokens, reasoning included
 * @param cacheRead the part of the input that was read from a prompt cache
 * @param cacheWrite the part of the input that was written to a prompt cache
 * @param reasoning the part of the output that was reasoning
 * @param reported whether the provider said anything about usage; if not, all counts are
 * zero and mean "unknown"
 * @since 0.1.0
 */
public record TokenUsage(long input, long output, long cacheRead, long cacheWrite, long reasoning, boolean reported) {

	private static final TokenUsage UNREPORTED = new TokenUsage(0, 0, 0, 0, 0, false);

	/**
	 * Create a usage.
	 * @throws IllegalArgumentException if a count is negative, if a part is larger than
	 * its whole, if the total is not a {@code long}, or if an unreported usage has counts
	 */
	public TokenUsage {
		if (input < 0 || output < 0 || cacheRead < 0 || cacheWrite < 0 || reasoning < 0) {
			throw new IllegalArgumentException("Token counts must not be negative");
		}
		if (input > Long.MAX_VALUE - output) {
			throw new IllegalArgumentException("Total of tokens must not be larger than " + Long.MAX_VALUE);
		}
		if (cacheRead > input || cacheWrite > input - cacheRead) {
			throw new IllegalArgumentException("Cache tokens must not be more than the input tokens");
		}
		if (reasoning > output) {
			throw new IllegalArgumentException("Reasoning tokens must not be more than the output tokens");
		}
		if (!reported && (input > 0 || output > 0)) {
			throw new IllegalArgumentException("Unreported usage must not have tokens");
		}
	}

	/**
	 * Return a reported usage without cache and reasoning tokens.
	 * @param input all input tokens
	 * @param output all output tokens
	 * @return the usage
	 */
	public static TokenUsage of(long input, long output) {
		return new TokenUsage(input, output, 0, 0, 0, true);
	}

	/**
	 * Return the usage of a call about which the provider said nothing. It is not equal
	 * to a reported usage of zero tokens.
	 * @return the unreported usage
	 */
	public static TokenUsage unreported() {
		return UNREPORTED;
	}

	/**
	 * Return all tokens.
	 * @return the sum of input and output tokens
	 */
	public long total() {
		return this.input + this.output;
	}

}
