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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import io.tokencounter.UsageSummary.FeatureTotals;
import io.tokencounter.UsageSummary.ModelTotals;
import io.tokencounter.UsageSummary.TagTotals;
import io.tokencounter.UsageSummary.Totals;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class UsageSummaryTests {

	private static final Instant SINCE = Instant.parse("2026-11-23T07:00:00Z");

	private static final Totals TOTALS = new FixedTotals(1234, 3, 1, 2, 4, 4, 5, 1_234_567, 7654, 1000, 200, 50,
			new TreeMap<>(Map.of("USD", new BigDecimal("1.2345678"), "EUR", new BigDecimal("0.50"))),
			Duration.ofSeconds(10), 7000, Duration.ofSeconds(3), 10);

	private static final TokenCall CALL = TestCalls.of("chat", "openai", "gpt-madeup", "gpt-madeup-1",
			new TokenUsage(100, 20, 10, 5, 7, true), new TokenCost(new BigDecimal("0.0000012"), "USD"),
			CallOutcome.SUCCESS, true, SINCE.plusSeconds(1), Duration.ofMillis(1500), Duration.ofMillis(300),
			Duration.ofMillis(1200), "cv \"quoted\" \\\\", Map.of("tenant", "acme"), "openAiChatModel");

	private static final TokenCall FAILED = TestCalls.of("chat", "ollama", "llama", null, TokenUsage.unreported(), null,
			CallOutcome.ERROR, false, SINCE.plusSeconds(2), Duration.ofMillis(10), null, null, TokenCall.NO_FEATURE,
			Map.of(), null);

	private static final UsageSummary SUMMARY = UsageSummary.builder(SINCE, TOTALS)
		.name("nightly")
		.models(List.of(new ModelTotals("chat", "openai", "gpt-madeup-1", TOTALS),
				new ModelTotals("chat", "", "other", empty())))
		.features(List.of(new FeatureTotals("cv-extraction", TOTALS)))
		.recentCalls(List.of(CALL, FAILED))
		.build();

	@Test
	void jsonSaysWhatTheSummarySays() {
		JsonNode json = JsonMapper.builder().build().readTree(SUMMARY.toJson());
		assertThat(json.propertyNames()).containsExactlyInAnyOrder("name", "since", "total_requests", "total_tokens",
				"total_input_tokens", "total_output_tokens", "average_tokens_per_request", "cache_read_tokens",
				"cache_write_tokens", "reasoning_tokens", "failed_requests", "rejected_requests", "cancelled_requests",
				"unreported_requests", "unreported_successes", "unpriced_requests", "output_tokens_per_second",
				"time_to_first_token_ms", "cost", "models", "features", "requests");
		assertThat(json.path("name").asString()).isEqualTo("nightly");
		assertThat(json.path("since").asString()).isEqualTo("2026-11-23T07:00:00Z");
		assertThat(json.path("total_requests").asLong()).isEqualTo(1234);
		assertThat(json.path("total_tokens").asLong()).isEqualTo(TOTALS.total());
		assertThat(json.path("total_input_tokens").asLong()).isEqualTo(TOTALS.input());
		assertThat(json.path("total_output_tokens").asLong()).isEqualTo(TOTALS.output());
		assertThat(json.path("average_tokens_per_request").asDouble()).isEqualTo(TOTALS.averageTokensPerCall());
		assertThat(json.path("output_tokens_per_second").asDouble()).isEqualTo(700);
		assertThat(json.path("failed_requests").asLong()).isEqualTo(3);
		assertThat(json.path("rejected_requests").asLong()).isEqualTo(1);
		assertThat(json.path("time_to_first_token_ms").asLong()).isEqualTo(300);
		assertThat(json.path("cost").path("USD").decimalValue()).isEqualByComparingTo("1.2345678");
		assertThat(json.path("cost").path("EUR").decimalValue()).isEqualByComparingTo("0.5");
		assertThat(json.path("models").path(0).path("model").asString()).isEqualTo("gpt-madeup-1");
		assertThat(json.path("models").path(0).path("provider").asString()).isEqualTo("openai");
		assertThat(json.path("models").path(0).path("input_tokens").asLong()).isEqualTo(TOTALS.input());
		assertThat(json.path("features").path(0).path("feature").asString()).isEqualTo("cv-extraction");
		assertThat(json.path("features").path(0).path("requests").asLong()).isEqualTo(1234);
	}

	@Test
	void jsonOfACall() {
		JsonNode calls = JsonMapper.builder().build().readTree(SUMMARY.toJson()).path("requests");
		assertThat(calls.size()).isEqualTo(2);
		JsonNode call = calls.path(0);
		assertThat(call.path("provider").asString()).isEqualTo("openai");
		assertThat(call.path("model").asString()).isEqualTo("gpt-madeup-1");
		assertThat(call.path("input_tokens").asLong()).isEqualTo(100);
		assertThat(call.path("output_tokens").asLong()).isEqualTo(20);
		assertThat(call.path("total_tokens").asLong()).isEqualTo(120);
		assertThat(call.path("timestamp").asString()).isEqualTo("2026-11-23T07:00:01Z");
		assertThat(call.path("cost").path("USD").decimalValue()).isEqualByComparingTo("0.0000012");
		assertThat(call.path("feature").asString()).isEqualTo("cv \"quoted\" \\\\");
		assertThat(call.path("tags").path("tenant").asString()).isEqualTo("acme");
		assertThat(call.path("time_to_first_token_ms").asLong()).isEqualTo(300);
		JsonNode failed = calls.path(1);
		assertThat(failed.path("model").asString()).isEqualTo("llama");
		assertThat(failed.path("outcome").asString()).isEqualTo("error");
		assertThat(failed.path("reported").asBoolean()).isFalse();
		assertThat(failed.has("cost")).isFalse();
	}

	@Test
	void tableIsTheSameInEveryLocale() {
		Locale before = Locale.getDefault();
		try {
			for (Locale locale : List.of(Locale.US, Locale.GERMANY, Locale.forLanguageTag("ar-EG-u-nu-arab"))) {
				Locale.setDefault(locale);
				assertThat(SUMMARY).hasToString(
						"""
								Token usage of nightly since 2026-11-23 07:00:00 UTC
								1,234 calls (3 failed, 2 cancelled, 4 without usage, 5 without price)
								1,242,221 tokens, 1009.9 a call, 700.0 output tokens a second

								model                calls      input  output      total  cache read  cache write  cost
								openai/gpt-madeup-1  1,234  1,234,567   7,654  1,242,221       1,000          200  0.5 EUR + 1.23457 USD
								other                    0          0       0          0           0            0  -
								total                1,234  1,234,567   7,654  1,242,221       1,000          200  0.5 EUR + 1.23457 USD

								feature        calls      input  output      total  cache read  cache write  cost
								cv-extraction  1,234  1,234,567   7,654  1,242,221       1,000          200  0.5 EUR + 1.23457 USD

								recent call          input  output  total  outcome  model
								2026-11-23 07:00:01    100      20    120  success  gpt-madeup-1
								2026-11-23 07:00:02      ?       ?      ?    error  llama
								""");
			}
		}
		finally {
			Locale.setDefault(before);
		}
	}

	@Test
	void reportOfAFeatureHasItsSumsAndItsCallsOnly() {
		UsageReport report = UsageReport.of(SUMMARY, new FeatureTotals(CALL.feature(), TOTALS), List.of(CALL));
		JsonNode json = JsonMapper.builder().build().readTree(report.toJson());
		assertThat(json.path("feature").asString()).isEqualTo(CALL.feature());
		assertThat(json.path("total_requests").asLong()).isEqualTo(1234);
		assertThat(json.propertyNames()).doesNotContain("name", "models", "features", "tags");
		assertThat(json.path("requests")).hasSize(1);
	}

	@Test
	void reportHasAsManyCallsAsAskedFor() {
		assertThat(UsageReport.of(SUMMARY, 1).requests()).singleElement()
			.extracting(UsageReport.Call::model)
			.isEqualTo("llama");
		assertThat(UsageReport.of(SUMMARY, 0).requests()).isEmpty();
		assertThat(UsageReport.of(SUMMARY, 3).requests()).hasSize(2);
	}

	@Test
	void tellsTheSharesOfCallerTags() {
		UsageSummary summary = UsageSummary.builder(SINCE, TOTALS)
			.tags(Map.of("tenant", List.of(new TagTotals("acme", TOTALS), new TagTotals("none", empty()))))
			.build();
		JsonNode tenants = JsonMapper.builder().build().readTree(summary.toJson()).path("tags").path("tenant");
		assertThat(tenants).hasSize(2);
		assertThat(tenants.path(0).path("value").asString()).isEqualTo("acme");
		assertThat(tenants.path(0).path("input_tokens").asLong()).isEqualTo(TOTALS.input());
		assertThat(summary.toString()).contains("\ntenant  calls ", "\nacme    1,234  1,234,567 ", "\nnone        0 ");
	}

	@Test
	void moneyIsWrittenInPlainDigits() {
		UsageSummary summary = UsageSummary.builder(SINCE, empty())
			.recentCalls(List.of(TestCalls.copyOf(CALL).cost(new TokenCost(new BigDecimal("6E-7"), "USD")).build()))
			.build();
		assertThat(summary.toJson()).contains("{\"USD\":0.0000006}");
	}

	@Test
	void namesBreakNoLine() {
		UsageSummary summary = UsageSummary.builder(SINCE, empty()).name("nightly\n\u001B[31mERROR").build();
		assertThat(summary.name()).isEqualTo("nightly\uFFFD\uFFFD[31mERROR");
		assertThat(summary.toString()).startsWith("Token usage of nightly\uFFFD\uFFFD[31mERROR since");
	}

	@Test
	void totalOfTooManyTokensIsNotNegative() {
		Totals totals = new FixedTotals(2, 0, 0, 0, 0, 0, 0, Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, 0, Map.of(),
				Duration.ZERO, 0, Duration.ZERO, 0);
		assertThat(totals.total()).isEqualTo(Long.MAX_VALUE);
		assertThat(totals.averageTokensPerCall()).isPositive();
	}

	@Test
	void emptySummary() {
		UsageSummary summary = UsageSummary.builder(SINCE, empty()).build();
		assertThat(summary.totals().averageTokensPerCall()).isZero();
		assertThat(summary.totals().outputTokensPerSecond()).isZero();
		JsonNode json = JsonMapper.builder().build().readTree(summary.toJson());
		assertThat(json.has("name")).isFalse();
		assertThat(json.has("time_to_first_token_ms")).isFalse();
		assertThat(json.path("requests").isEmpty()).isTrue();
		assertThat(summary.toString()).startsWith("Token usage since 2026-11-23 07:00:00 UTC\n0 calls");
	}

	private static Totals empty() {
		return new FixedTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of(), Duration.ZERO, 0, Duration.ZERO, 0);
	}

	private record FixedTotals(long calls, long failedCalls, long rejectedCalls, long cancelledCalls,
			long unreportedCalls, long unreportedSuccesses, long unpricedCalls, long input, long output, long cacheRead,
			long cacheWrite, long reasoning, Map<String, BigDecimal> cost, Duration generationTime, long timedOutput,
			Duration timeToFirstToken, long timedStreams) implements Totals {

	}

}
