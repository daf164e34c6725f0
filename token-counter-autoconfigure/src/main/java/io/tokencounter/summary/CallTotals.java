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

package io.tokencounter.summary;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;

import io.tokencounter.UsageSummary.Totals;

/**
 * Sums as they were at one time.
 *
 * @param calls all calls
 * @param failedCalls calls that failed or were rejected
 * @param rejectedCalls calls that were rejected
 * @param cancelledCalls streams that were cancelled
 * @param unreportedCalls calls without usage
 * @param unreportedSuccesses answered calls without usage
 * @param unpricedCalls calls without price
 * @param input input tokens
 * @param output output tokens
 * @param cacheRead input tokens from a cache
 * @param cacheWrite input tokens into a cache
 * @param reasoning output tokens of reasoning
 * @param cost money by currency
 * @param generationTime time of the generation
 * @param timedOutput tokens of that time
 * @param timeToFirstToken times to the first token
 * @param timedStreams number of these times
 */
record CallTotals(long calls, long failedCalls, long rejectedCalls, long cancelledCalls, long unreportedCalls,
		long unreportedSuccesses, long unpricedCalls, long input, long output, long cacheRead, long cacheWrite,
		long reasoning, Map<String, BigDecimal> cost, Duration generationTime, long timedOutput,
		Duration timeToFirstToken, long timedStreams) implements Totals {

}
