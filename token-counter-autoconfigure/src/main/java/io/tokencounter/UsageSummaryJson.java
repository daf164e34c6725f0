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

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import io.tokencounter.UsageSummary.FeatureTotals;
import io.tokencounter.UsageSummary.Totals;

import org.springframework.boot.json.JsonWriter;

/**
 * JSON of a summary.
 */
final class UsageSummaryJson {

	private static final JsonWriter<Map<String, Object>> WRITER = JsonWriter.standard();

	private UsageSummaryJson() {
	}

	static String write(UsageSummary summary) {
		return WRITER.writeToString(toMap(summary));
	}

	static Map<String, Object> toMap(UsageSummary summary) {
		Map<String, Object> json = new LinkedHashMap<>();
		if (summary.name() != null) {
			json.put("name", summary.name());
		}
		addSums(json, summary.since(), summary.totals());
		json.put("models", summary.models().stream().map((model) -> {
			Map<String, Object> entry = new LinkedHashMap<>();
			entry.put("provider", model.provider());
			entry.put("model", model.model());
			return addTotals(entry, model.totals());
		}).toList());
		json.put("features", summary.features().stream().map((feature) -> {
			Map<String, Object> entry = new LinkedHashMap<>();
			entry.put("feature", feature.feature());
			return addTotals(entry, feature.totals());
		}).toList());
		json.put("requests", summary.recentCalls().stream().map(UsageSummaryJson::toMap).toList());
		return json;
	}

	static Map<String, Object> toMap(UsageSummary summary, FeatureTotals feature) {
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("feature", feature.feature());
		addSums(json, summary.since(), feature.totals());
		json.put("requests",
				summary.recentCalls()
					.stream()
					.filter((call) -> call.feature().equals(feature.feature()))
					.map(UsageSummaryJson::toMap)
					.toList());
		return json;
	}

	private static void addSums(Map<String, Object> json, Instant since, Totals totals) {
		json.put("since", since.toString());
		json.put("total_requests", totals.calls());
		json.put("total_tokens", totals.total());
		json.put("total_input_tokens", totals.input());
		json.put("total_output_tokens", totals.output());
		json.put("average_tokens_per_request", totals.averageTokensPerCall());
		addDetails(json, totals);
	}

	private static Map<String, Object> addTotals(Map<String, Object> json, Totals totals) {
		json.put("requests", totals.calls());
		json.put("total_tokens", totals.total());
		json.put("input_tokens", totals.input());
		json.put("output_tokens", totals.output());
		json.put("average_tokens_per_request", totals.averageTokensPerCall());
		return addDetails(json, totals);
	}

	private static Map<String, Object> addDetails(Map<String, Object> json, Totals totals) {
		json.put("cache_read_tokens", totals.cacheRead());
		json.put("cache_write_tokens", totals.cacheWrite());
		json.put("reasoning_tokens", totals.reasoning());
		json.put("failed_requests", totals.failedCalls());
		json.put("rejected_requests", totals.rejectedCalls());
		json.put("cancelled_requests", totals.cancelledCalls());
		json.put("unreported_requests", totals.unreportedCalls());
		json.put("unpriced_requests", totals.unpricedCalls());
		json.put("output_tokens_per_second", totals.outputTokensPerSecond());
		Duration timeToFirstToken = totals.averageTimeToFirstToken();
		if (timeToFirstToken != null) {
			json.put("time_to_first_token_ms", timeToFirstToken.toMillis());
		}
		json.put("cost", totals.cost());
		return json;
	}

	private static Map<String, Object> toMap(TokenCall call) {
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("provider", call.provider());
		json.put("model", call.model());
		json.put("input_tokens", call.usage().input());
		json.put("output_tokens", call.usage().output());
		json.put("total_tokens", call.usage().total());
		json.put("timestamp", call.startedAt().toString());
		json.put("reported", call.usage().reported());
		json.put("cache_read_tokens", call.usage().cacheRead());
		json.put("cache_write_tokens", call.usage().cacheWrite());
		json.put("reasoning_tokens", call.usage().reasoning());
		json.put("outcome", call.outcome().value());
		json.put("streaming", call.streaming());
		json.put("duration_ms", call.duration().toMillis());
		if (call.timeToFirstToken() != null) {
			json.put("time_to_first_token_ms", call.timeToFirstToken().toMillis());
		}
		json.put("feature", call.feature());
		json.put("tags", call.tags());
		if (call.cost() != null) {
			json.put("cost", Map.of(call.cost().currency(), call.cost().amount()));
		}
		return json;
	}

}
