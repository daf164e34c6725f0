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
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * What was counted over many calls: a consistent snapshot.
 *
 * @param name the name of the session, {@code null} for the application's own summary
 * @param since since when calls are counted
 * @param totals the sums over all calls
 * @param models the sums per model, those with most tokens first
 * @param features the sums per feature, those with most tokens first
 * @param recentCalls the calls that ended last, oldest first; older ones are in the sums
 * only
 * @since 0.1.0
 */
public record UsageSummary(@Nullable String name, Instant since, Totals totals, List<ModelTotals> models,
		List<FeatureTotals> features, List<TokenCall> recentCalls) {

	/**
	 * Create a summary.
	 */
	public UsageSummary {
		models = List.copyOf(models);
		features = List.copyOf(features);
		recentCalls = List.copyOf(recentCalls);
	}

	/**
	 * Return this summary as JSON.
	 * @return the JSON text of an object
	 */
	public String toJson() {
		return UsageSummaryJson.write(this);
	}

	/**
	 * Return this summary as a table for people.
	 */
	@Override
	public String toString() {
		return UsageSummaryTable.write(this);
	}

	/**
	 * Sums over calls. Token counts are of the calls that reported a usage.
	 *
	 * @param calls the number of calls
	 * @param failedCalls the number of calls that failed
	 * @param cancelledCalls the number of streams that were cancelled
	 * @param unreportedCalls the number of calls whose provider said nothing about usage
	 * @param unpricedCalls the number of calls with a usage but no known price
	 * @param input all input tokens
	 * @param output all output tokens
	 * @param cacheRead the part of the input that was read from a prompt cache
	 * @param cacheWrite the part of the input that was written to a prompt cache
	 * @param reasoning the part of the output that was reasoning
	 * @param cost the money spent, by currency; no entry is not zero but unknown
	 * @param generationTime the time in which the output of {@code timedOutput} was
	 * generated
	 * @param timedOutput the output tokens whose generation time is known
	 */
	public record Totals(long calls, long failedCalls, long cancelledCalls, long unreportedCalls, long unpricedCalls,
			long input, long output, long cacheRead, long cacheWrite, long reasoning, Map<String, BigDecimal> cost,
			Duration generationTime, long timedOutput) {

		/**
		 * Create sums.
		 */
		public Totals {
			cost = Collections.unmodifiableMap(new TreeMap<>(cost));
		}

		/**
		 * Return all tokens.
		 * @return the sum of input and output tokens
		 */
		public long total() {
			return this.input + this.output;
		}

		/**
		 * Return the average number of tokens of a call.
		 * @return the tokens per call that reported a usage, 0 if none did
		 */
		public double averageTokensPerCall() {
			long reported = this.calls - this.unreportedCalls;
			return (reported > 0) ? (double) total() / reported : 0;
		}

		/**
		 * Return how fast output was generated.
		 * @return the output tokens per second of generation, 0 if not known
		 */
		public double outputTokensPerSecond() {
			long nanos = this.generationTime.toNanos();
			return (nanos > 0) ? this.timedOutput * 1e9 / nanos : 0;
		}

	}

	/**
	 * Sums over the calls to one model.
	 *
	 * @param provider the provider of the model
	 * @param model the model
	 * @param totals the sums
	 */
	public record ModelTotals(String provider, String model, Totals totals) {

		String label() {
			return StringUtils.hasText(this.provider) ? this.provider + "/" + this.model : this.model;
		}

	}

	/**
	 * Sums over the calls of one feature.
	 *
	 * @param feature the feature
	 * @param totals the sums
	 */
	public record FeatureTotals(String feature, Totals totals) {

	}

}
