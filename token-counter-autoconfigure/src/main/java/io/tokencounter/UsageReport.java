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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.tokencounter.UsageSummary.FeatureTotals;
import io.tokencounter.UsageSummary.ModelTotals;
import io.tokencounter.UsageSummary.TagTotals;
import io.tokencounter.UsageSummary.Totals;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON of a summary, or of what it tells of one feature. Its fields have the names of
 * these components in snake case.
 *
 * @param name the name of the session, left out if there is none
 * @param feature the feature, left out if the report is of all of them
 * @param since the start or the last reset, in ISO 8601 and UTC
 * @param totalRequests the number of calls
 * @param totalTokens all input and output tokens
 * @param totalInputTokens all input tokens
 * @param totalOutputTokens all output tokens
 * @param averageTokensPerRequest the tokens per call that reported a usage
 * @param averageTokensPerRequestByOperation the same for each operation by itself, left
 * out if there are not several, and if the report is of one feature
 * @param details the further sums, as fields of the report itself
 * @param models the sums per model, left out if the report is of one feature
 * @param features the sums per feature, left out if the report is of one of them
 * @param tags by their key the sums per caller tag, left out if no tag is allowed
 * @param requests the calls that were counted last, oldest first
 * @since 0.1.0
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UsageReport(@Nullable String name, @Nullable String feature, String since, long totalRequests,
		long totalTokens, long totalInputTokens, long totalOutputTokens, double averageTokensPerRequest,
		@Nullable Map<String, Double> averageTokensPerRequestByOperation, @JsonUnwrapped Details details,
		@Nullable List<ModelEntry> models, @Nullable List<FeatureEntry> features,
		@Nullable Map<String, List<TagEntry>> tags, List<Call> requests) {

	/**
	 * Return the report of a whole summary.
	 * @param summary the summary
	 * @return the report
	 */
	public static UsageReport of(UsageSummary summary) {
		return of(summary, Integer.MAX_VALUE);
	}

	/**
	 * Return the report of a whole summary with some of its calls.
	 * @param summary the summary
	 * @param maxRequests the number of the latest calls to take at the most
	 * @return the report
	 */
	public static UsageReport of(UsageSummary summary, int maxRequests) {
		List<TokenCall> calls = summary.recentCalls();
		List<TokenCall> latest = calls.subList(Math.max(0, calls.size() - maxRequests), calls.size());
		Map<String, List<TagEntry>> tags = new LinkedHashMap<>();
		summary.tags().forEach((key, values) -> tags.put(key, values.stream().map(TagEntry::of).toList()));
		return of(summary, null, summary.totals(), summary.models().stream().map(ModelEntry::of).toList(),
				summary.features().stream().map(FeatureEntry::of).toList(), tags.isEmpty() ? null : tags, latest);
	}

	/**
	 * Return the report of one feature.
	 * @param summary the summary
	 * @param feature the sums of the feature
	 * @param calls the recent calls of the feature, oldest first
	 * @return the report
	 */
	public static UsageReport of(UsageSummary summary, FeatureTotals feature, List<TokenCall> calls) {
		return of(summary, feature.feature(), feature.totals(), null, null, null, calls);
	}

	private static UsageReport of(UsageSummary summary, @Nullable String feature, Totals totals,
			@Nullable List<ModelEntry> models, @Nullable List<FeatureEntry> features,
			@Nullable Map<String, List<TagEntry>> tags, List<TokenCall> calls) {
		Map<String, Double> averages = summary.averageTokensPerCall();
		boolean averagesDiffer = feature == null && averages.size() > 1;
		return new UsageReport((feature != null) ? null : summary.name(), feature, summary.since().toString(),
				totals.calls(), totals.total(), totals.input(), totals.output(), totals.averageTokensPerCall(),
				averagesDiffer ? averages : null, Details.of(totals), models, features, tags,
				calls.stream().map(Call::of).toList());
	}

	String toJson() {
		return Writer.JSON.writeValueAsString(this);
	}

	/**
	 * Sums that have the same names everywhere.
	 *
	 * @param cacheReadTokens the part of the input that was read from a prompt cache
	 * @param cacheWriteTokens the part of the input that was written to a prompt cache
	 * @param reasoningTokens the part of the output that was reasoning
	 * @param failedRequests the calls that failed, rejected ones included
	 * @param rejectedRequests the calls that were refused before a request was made
	 * @param cancelledRequests the streams that were cancelled
	 * @param unreportedRequests the calls whose provider said nothing about usage
	 * @param unreportedSuccesses those of them that were answered
	 * @param unpricedRequests the calls with a usage but no known price
	 * @param outputTokensPerSecond the output tokens per second of generation
	 * @param timeToFirstTokenMs the average in milliseconds, left out if not known
	 * @param cost the money spent, by currency
	 */
	@JsonNaming(SnakeCaseStrategy.class)
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record Details(long cacheReadTokens, long cacheWriteTokens, long reasoningTokens, long failedRequests,
			long rejectedRequests, long cancelledRequests, long unreportedRequests, long unreportedSuccesses,
			long unpricedRequests, double outputTokensPerSecond, @Nullable Long timeToFirstTokenMs,
			Map<String, BigDecimal> cost) {

		private static Details of(Totals totals) {
			Duration firstToken = totals.averageTimeToFirstToken();
			return new Details(totals.cacheRead(), totals.cacheWrite(), totals.reasoning(), totals.failedCalls(),
					totals.rejectedCalls(), totals.cancelledCalls(), totals.unreportedCalls(),
					totals.unreportedSuccesses(), totals.unpricedCalls(), totals.outputTokensPerSecond(),
					(firstToken != null) ? firstToken.toMillis() : null, totals.cost());
		}

	}

	/**
	 * Sums of one row.
	 *
	 * @param requests the number of calls
	 * @param totalTokens all input and output tokens
	 * @param inputTokens all input tokens
	 * @param outputTokens all output tokens
	 * @param averageTokensPerRequest the tokens per call that reported a usage
	 * @param details the further sums, as fields of the row itself
	 */
	@JsonNaming(SnakeCaseStrategy.class)
	public record Sums(long requests, long totalTokens, long inputTokens, long outputTokens,
			double averageTokensPerRequest, @JsonUnwrapped Details details) {

		private static Sums of(Totals totals) {
			return new Sums(totals.calls(), totals.total(), totals.input(), totals.output(),
					totals.averageTokensPerCall(), Details.of(totals));
		}

	}

	/**
	 * Row of a model.
	 *
	 * @param operation the {@code gen_ai.operation.name}
	 * @param provider the provider
	 * @param model the model
	 * @param sums the sums, as fields of the row itself
	 */
	public record ModelEntry(String operation, String provider, String model, @JsonUnwrapped Sums sums) {

		private static ModelEntry of(ModelTotals model) {
			return new ModelEntry(model.operation(), model.provider(), model.model(), Sums.of(model.totals()));
		}

	}

	/**
	 * Row of a feature.
	 *
	 * @param feature the feature
	 * @param sums the sums, as fields of the row itself
	 */
	public record FeatureEntry(String feature, @JsonUnwrapped Sums sums) {

		private static FeatureEntry of(FeatureTotals feature) {
			return new FeatureEntry(feature.feature(), Sums.of(feature.totals()));
		}

	}

	/**
	 * Row of a value of a caller tag.
	 *
	 * @param value the value
	 * @param sums the sums, as fields of the row itself
	 */
	public record TagEntry(String value, @JsonUnwrapped Sums sums) {

		private static TagEntry of(TagTotals tag) {
			return new TagEntry(tag.value(), Sums.of(tag.totals()));
		}

	}

	/**
	 * A single call.
	 *
	 * @param operation the {@code gen_ai.operation.name}
	 * @param provider the provider
	 * @param model the model
	 * @param inputTokens the input tokens
	 * @param outputTokens the output tokens
	 * @param totalTokens the sum of both
	 * @param timestamp when the request was made, in ISO 8601 and UTC
	 * @param reported whether the provider said anything about usage
	 * @param cacheReadTokens the part of the input that was read from a prompt cache
	 * @param cacheWriteTokens the part of the input that was written to a prompt cache
	 * @param reasoningTokens the part of the output that was reasoning
	 * @param outcome how the call ended
	 * @param streaming whether the answer was streamed
	 * @param durationMs the time from the request to the last token, in milliseconds
	 * @param timeToFirstTokenMs the time to the first token of a stream, in milliseconds
	 * @param feature the feature
	 * @param tags the caller tags
	 * @param cost the money spent, by currency, left out if not known
	 */
	@JsonNaming(SnakeCaseStrategy.class)
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record Call(String operation, String provider, String model, long inputTokens, long outputTokens,
			long totalTokens, String timestamp, boolean reported, long cacheReadTokens, long cacheWriteTokens,
			long reasoningTokens, String outcome, boolean streaming, long durationMs, @Nullable Long timeToFirstTokenMs,
			String feature, Map<String, String> tags, @Nullable Map<String, BigDecimal> cost) {

		private static Call of(TokenCall call) {
			TokenUsage usage = call.usage();
			Duration firstToken = call.timeToFirstToken();
			TokenCost cost = call.cost();
			return new Call(call.operation(), call.provider(), call.model(), usage.input(), usage.output(),
					usage.total(), call.startedAt().toString(), usage.reported(), usage.cacheRead(), usage.cacheWrite(),
					usage.reasoning(), call.outcome().value(), call.streaming(), call.duration().toMillis(),
					(firstToken != null) ? firstToken.toMillis() : null, call.feature(), call.tags(),
					(cost != null) ? Map.of(cost.currency(), cost.amount()) : null);
		}

	}

	private static final class Writer {

		static final JsonMapper JSON = JsonMapper.builder()
			.disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
			.enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
			.build();

	}

}
