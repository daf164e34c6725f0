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

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sums over the calls of one period that have the same values. Token counts are of the
 * calls that reported a usage.
 *
 * @param from the start of the period
 * @param values what the calls have in common, such as {@code feature} and
 * {@code tag:tenant}
 * @param calls the number of calls
 * @param unreportedCalls the number of calls whose provider said nothing about usage
 * @param unpricedCalls the number of calls with a usage but no known price
 * @param input all input tokens
 * @param output all output tokens
 * @param cacheRead the part of the input that was read from a prompt cache
 * @param cacheWrite the part of the input that was written to a prompt cache
 * @param reasoning the part of the output that was reasoning
 * @param cost the money spent, by currency; no entry is not zero but unknown
 * @since 0.1.0
 */
public record TokenHistory(Instant from, Map<String, String> values, long calls, long unreportedCalls,
		long unpricedCalls, long input, long output, long cacheRead, long cacheWrite, long reasoning,
		Map<String, BigDecimal> cost) {

	/**
	 * Create sums.
	 */
	public TokenHistory {
		values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
		cost = Collections.unmodifiableMap(new TreeMap<>(cost));
	}

	/**
	 * Return all tokens.
	 * @return the sum of input and output tokens
	 */
	public long total() {
		return this.input + this.output;
	}

}
