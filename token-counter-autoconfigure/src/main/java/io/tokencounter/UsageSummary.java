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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * What was counted over many calls: a consistent snapshot.
 *
 * @since 0.1.0
 */
public final class UsageSummary {

	private final @Nullable String name;

	private final Instant since;

	private final Totals totals;

	private final List<ModelTotals> models;

	private final List<FeatureTotals> features;

	private final Map<String, List<TagTotals>> tags;

	private final List<TokenCall> recentCalls;

	private UsageSummary(Builder builder) {
		this.name = Names.cleanNullable(builder.name);
		this.since = builder.since;
		this.totals = builder.totals;
		this.models = builder.models;
		this.features = builder.features;
		this.tags = builder.tags;
		this.recentCalls = builder.recentCalls;
	}

	/**
	 * Return a builder of a summary without any row and call.
	 * @param since since when calls are counted
	 * @param totals the sums over all calls
	 * @return the builder
	 */
	public static Builder builder(Instant since, Totals totals) {
		return new Builder(since, totals);
	}

	/**
	 * Return the name of the session.
	 * @return the name, {@code null} for the application's own summary
	 */
	public @Nullable String name() {
		return this.name;
	}

	/**
	 * Return since when calls are counted.
	 * @return the start or the last reset
	 */
	public Instant since() {
		return this.since;
	}

	/**
	 * Return the sums over all calls.
	 * @return the sums
	 */
	public Totals totals() {
		return this.totals;
	}

	/**
	 * Return the sums per model.
	 * @return the sums, those with most tokens first
	 */
	public List<ModelTotals> models() {
		return this.models;
	}

	/**
	 * Return the average number of tokens of a call, for each operation by itself: calls
	 * that embed texts say nothing about calls that answer.
	 * @return by the {@code gen_ai.operation.name} the tokens per call that reported a
	 * usage, 0 if none did
	 */
	public Map<String, Double> averageTokensPerCall() {
		Map<String, List<ModelTotals>> operations = this.models.stream()
			.collect(Collectors.groupingBy(ModelTotals::operation, TreeMap::new, Collectors.toList()));
		Map<String, Double> averages = new LinkedHashMap<>();
		operations.forEach((operation, models) -> averages.put(operation, averageTokensPerCall(models)));
		return Collections.unmodifiableMap(averages);
	}

	private static double averageTokensPerCall(List<ModelTotals> models) {
		long reported = models.stream()
			.map(ModelTotals::totals)
			.mapToLong((totals) -> totals.calls() - totals.unreportedCalls())
			.sum();
		double tokens = models.stream().mapToDouble((model) -> model.totals().total()).sum();
		return (reported > 0) ? tokens / reported : 0;
	}

	/**
	 * Return the sums per feature.
	 * @return the sums, those with most tokens first
	 */
	public List<FeatureTotals> features() {
		return this.features;
	}

	/**
	 * Return the sums per caller tag, such as a tenant, of the keys that are allowed by
	 * {@code token-counter.metrics.tags}.
	 * @return by the tag's key the sums of each of its values, those with most tokens
	 * first; calls without the tag are those of {@code none}
	 */
	public Map<String, List<TagTotals>> tags() {
		return this.tags;
	}

	/**
	 * Return the calls that were counted last.
	 * @return the calls, oldest first; older ones are in the sums only
	 */
	public List<TokenCall> recentCalls() {
		return this.recentCalls;
	}

	/**
	 * Return this summary as JSON.
	 * @return the JSON text of an object, as {@link UsageReport} describes it
	 */
	public String toJson() {
		return UsageReport.of(this).toJson();
	}

	/**
	 * Return this summary as a table for people.
	 */
	@Override
	public String toString() {
		return UsageSummaryTable.write(this);
	}

	/**
	 * Sums over calls. Token counts are of the calls that reported a usage. A sum that
	 * would be larger than a {@code long} stays at {@link Long#MAX_VALUE}. Not to be
	 * implemented by applications, as there will be more sums.
	 */
	public interface Totals {

		/**
		 * Return the number of calls.
		 * @return the number
		 */
		long calls();

		/**
		 * Return the number of calls that failed.
		 * @return the number, rejected calls included
		 */
		long failedCalls();

		/**
		 * Return the number of calls that were refused before a request was made.
		 * @return the number
		 */
		long rejectedCalls();

		/**
		 * Return the number of streams that were cancelled.
		 * @return the number
		 */
		long cancelledCalls();

		/**
		 * Return the number of calls whose provider said nothing about usage.
		 * @return the number, failed and cancelled calls included
		 */
		long unreportedCalls();

		/**
		 * Return the number of calls that were answered, and whose provider said nothing
		 * about usage nevertheless.
		 * @return the number
		 */
		long unreportedSuccesses();

		/**
		 * Return the number of calls with a usage but no known price.
		 * @return the number
		 */
		long unpricedCalls();

		/**
		 * Return all input tokens.
		 * @return the tokens
		 */
		long input();

		/**
		 * Return all output tokens.
		 * @return the tokens
		 */
		long output();

		/**
		 * Return the part of the input that was read from a prompt cache.
		 * @return the tokens
		 */
		long cacheRead();

		/**
		 * Return the part of the input that was written to a prompt cache.
		 * @return the tokens
		 */
		long cacheWrite();

		/**
		 * Return the part of the output that was reasoning.
		 * @return the tokens
		 */
		long reasoning();

		/**
		 * Return the money spent.
		 * @return the amounts by currency; no entry is not zero but unknown
		 */
		Map<String, BigDecimal> cost();

		/**
		 * Return the time in which the output of {@link #timedOutput()} was generated.
		 * @return the time
		 */
		Duration generationTime();

		/**
		 * Return the output tokens whose generation time is known.
		 * @return the tokens
		 */
		long timedOutput();

		/**
		 * Return the times to the first token of {@link #timedStreams()}, added up.
		 * @return the time
		 */
		Duration timeToFirstToken();

		/**
		 * Return the number of streams whose time to the first token is known.
		 * @return the number
		 */
		long timedStreams();

		/**
		 * Return all tokens.
		 * @return the sum of input and output tokens
		 */
		default long total() {
			long total = input() + output();
			return (total < 0) ? Long.MAX_VALUE : total;
		}

		/**
		 * Return the average number of tokens of a call, of whatever operation.
		 * @return the tokens per call that reported a usage, 0 if none did
		 */
		default double averageTokensPerCall() {
			long reported = calls() - unreportedCalls();
			return (reported > 0) ? (double) total() / reported : 0;
		}

		/**
		 * Return how fast output was generated.
		 * @return the output tokens per second of generation, 0 if not known
		 */
		default double outputTokensPerSecond() {
			long nanos = generationTime().toNanos();
			return (nanos > 0) ? timedOutput() * 1e9 / nanos : 0;
		}

		/**
		 * Return the average time from the request to the first token of a stream.
		 * @return the time, {@code null} if not known
		 */
		default @Nullable Duration averageTimeToFirstToken() {
			return (timedStreams() > 0) ? timeToFirstToken().dividedBy(timedStreams()) : null;
		}

	}

	/**
	 * Sums over the calls to one model. A call that was not answered belongs to the model
	 * that answers other calls of the same request.
	 *
	 * @param operation the {@code gen_ai.operation.name}, such as {@code chat}
	 * @param provider the provider of the model, empty for all models that have no row of
	 * their own
	 * @param model the model
	 * @param totals the sums
	 */
	public record ModelTotals(String operation, String provider, String model, Totals totals) {

		private static final String CHAT = "chat";

		String label() {
			String name = StringUtils.hasText(this.provider) ? this.provider + "/" + this.model : this.model;
			return CHAT.equals(this.operation) ? name : name + " (" + this.operation + ")";
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

	/**
	 * Sums over the calls with one value of a caller tag.
	 *
	 * @param value the value
	 * @param totals the sums
	 */
	public record TagTotals(String value, Totals totals) {

	}

	/**
	 * Builder of a summary.
	 */
	public static final class Builder {

		private final Instant since;

		private final Totals totals;

		private @Nullable String name;

		private List<ModelTotals> models = List.of();

		private List<FeatureTotals> features = List.of();

		private Map<String, List<TagTotals>> tags = Map.of();

		private List<TokenCall> recentCalls = List.of();

		private Builder(Instant since, Totals totals) {
			this.since = Objects.requireNonNull(since, "'since' must not be null");
			this.totals = Objects.requireNonNull(totals, "'totals' must not be null");
		}

		/**
		 * Set the name of the session.
		 * @param name the name, {@code null} for the application's own summary
		 * @return this builder
		 */
		public Builder name(@Nullable String name) {
			this.name = name;
			return this;
		}

		/**
		 * Set the sums per model.
		 * @param models the sums
		 * @return this builder
		 */
		public Builder models(List<ModelTotals> models) {
			this.models = List.copyOf(models);
			return this;
		}

		/**
		 * Set the sums per feature.
		 * @param features the sums
		 * @return this builder
		 */
		public Builder features(List<FeatureTotals> features) {
			this.features = List.copyOf(features);
			return this;
		}

		/**
		 * Set the sums per caller tag.
		 * @param tags by the tag's key the sums of each of its values
		 * @return this builder
		 */
		public Builder tags(Map<String, List<TagTotals>> tags) {
			Map<String, List<TagTotals>> copy = new LinkedHashMap<>();
			tags.forEach((key, values) -> copy.put(key, List.copyOf(values)));
			this.tags = Collections.unmodifiableMap(copy);
			return this;
		}

		/**
		 * Set the calls that were counted last.
		 * @param recentCalls the calls, oldest first
		 * @return this builder
		 */
		public Builder recentCalls(List<TokenCall> recentCalls) {
			this.recentCalls = List.copyOf(recentCalls);
			return this;
		}

		/**
		 * Build the summary.
		 * @return the summary
		 */
		public UsageSummary build() {
			return new UsageSummary(this);
		}

	}

}
