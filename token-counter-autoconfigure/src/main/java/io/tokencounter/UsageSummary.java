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
	 * Return this summary as maps, lists, texts and numbers, for other writers of JSON.
	 * @return what {@link #toJson()} writes, in the same order
	 */
	public Map<String, Object> toMap() {
		return UsageSummaryJson.toMap(this);
	}

	/**
	 * Return what this summary tells of one feature: its sums and its recent calls.
	 * @param feature the name of the feature
	 * @return the fields of {@link #toMap()} without the models and the other features,
	 * or {@code null} if there are no sums of the feature
	 */
	public @Nullable Map<String, Object> toMap(String feature) {
		return this.features.stream()
			.filter((candidate) -> candidate.feature().equals(feature))
			.findFirst()
			.map((found) -> UsageSummaryJson.toMap(this, found))
			.orElse(null);
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
	 * @param failedCalls the number of calls that failed, rejected ones included
	 * @param rejectedCalls the number of calls that were refused before a request was
	 * made
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
	 * @param timeToFirstToken the times to the first token of {@code timedStreams}, added
	 * up
	 * @param timedStreams the number of streams whose time to the first token is known
	 */
	public record Totals(long calls, long failedCalls, long rejectedCalls, long cancelledCalls, long unreportedCalls,
			long unpricedCalls, long input, long output, long cacheRead, long cacheWrite, long reasoning,
			Map<String, BigDecimal> cost, Duration generationTime, long timedOutput, Duration timeToFirstToken,
			long timedStreams) {

		/**
		 * Create sums.
		 */
		public Totals {
			cost = Collections.unmodifiableMap(spent(cost));
		}

		// What is free of charge is so in any currency, and no sum beside other money
		private static Map<String, BigDecimal> spent(Map<String, BigDecimal> cost) {
			Map<String, BigDecimal> spent = new TreeMap<>(cost);
			if (spent.values().stream().anyMatch((amount) -> amount.signum() != 0)) {
				spent.values().removeIf((amount) -> amount.signum() == 0);
			}
			return spent;
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

		/**
		 * Return the average time from the request to the first token of a stream.
		 * @return the time, {@code null} if not known
		 */
		public @Nullable Duration averageTimeToFirstToken() {
			return (this.timedStreams > 0) ? this.timeToFirstToken.dividedBy(this.timedStreams) : null;
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
