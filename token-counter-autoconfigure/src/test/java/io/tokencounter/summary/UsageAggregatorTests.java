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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.UsageSummary;
import io.tokencounter.UsageSummary.FeatureTotals;
import io.tokencounter.UsageSummary.ModelTotals;
import io.tokencounter.UsageSummary.TagTotals;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class UsageAggregatorTests {

	@Test
	void leavesOutWhatIsFreeBesideOtherMoney() {
		assertThat(costs("EUR 0.041", "USD 0.00")).containsOnlyKeys("EUR");
		assertThat(costs("USD 0")).containsOnlyKeys("USD");
		assertThat(costs("USD 1", "EUR 1")).containsOnlyKeys("EUR", "USD");
	}

	private static Map<String, BigDecimal> costs(String... costs) {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		for (String cost : costs) {
			String[] parts = cost.split(" ");
			aggregator.onCall(TokenCall.builder("chat", "test")
				.usage(TokenUsage.of(1, 1))
				.cost(new TokenCost(new BigDecimal(parts[1]), parts[0]))
				.build());
		}
		return aggregator.summary().totals().cost();
	}

	@Test
	void tellsOfEachCallWheneverItIsAsked() {
		UsageAggregator askedOften = new UsageAggregator(null, 10, 10, List.of());
		UsageAggregator askedOnce = new UsageAggregator(null, 10, 10, List.of());
		for (int calls = 1; calls <= 100; calls++) {
			TokenCall call = call("model", "feature", TokenUsage.of(2, 1));
			askedOften.onCall(call);
			askedOnce.onCall(call);
			assertThat(askedOften.summary().totals().calls()).isEqualTo(calls);
			assertThat(askedOften.lastCall()).isSameAs(call);
		}
		assertThat(askedOnce.summary().totals()).isEqualTo(askedOften.summary().totals());
		assertThat(askedOnce.reset().totals().input()).isEqualTo(200);
		assertThat(askedOnce.summary().totals().calls()).isZero();
	}

	@Test
	void callThatCannotBeAddedUpTakesNoOtherWithIt() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		BigDecimal tiny = BigDecimal.valueOf(1, Integer.MAX_VALUE);
		BigDecimal huge = BigDecimal.valueOf(1, Integer.MIN_VALUE);
		for (BigDecimal amount : List.of(tiny, huge, tiny)) {
			aggregator.onCall(TokenCall.builder("chat", "test")
				.requestModel("model")
				.usage(TokenUsage.of(1, 1))
				.cost(new TokenCost(amount, "USD"))
				.build());
		}
		assertThat(aggregator.summary().totals().cost()).containsEntry("USD", tiny.add(tiny));
	}

	@Test
	void resetLosesNoCallAndCountsNoneTwice() throws Exception {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		ExecutorService executor = Executors.newFixedThreadPool(5);
		List<UsageSummary> summaries = new ArrayList<>();
		try {
			List<Future<?>> writers = new ArrayList<>();
			for (int thread = 0; thread < 4; thread++) {
				writers.add(executor.submit(() -> {
					for (int i = 0; i < 20_000; i++) {
						aggregator.onCall(call("model", "feature", TokenUsage.of(2, 1)));
					}
				}));
			}
			while (writers.stream().anyMatch((writer) -> !writer.isDone())) {
				summaries.add(aggregator.reset());
			}
			for (Future<?> writer : writers) {
				writer.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		summaries.add(aggregator.summary());
		assertThat(summaries).allSatisfy((summary) -> {
			long calls = summary.totals().calls();
			assertThat(summary.totals().input()).isEqualTo(2 * calls);
			assertThat(summary.models().stream().mapToLong((model) -> model.totals().calls()).sum()).isEqualTo(calls);
			assertThat(summary.features().stream().mapToLong((feature) -> feature.totals().calls()).sum())
				.isEqualTo(calls);
			assertThat(summary.recentCalls()).hasSize((int) Math.min(10, calls));
		});
		assertThat(summaries.stream().mapToLong((summary) -> summary.totals().calls()).sum()).isEqualTo(80_000);
	}

	@Test
	void threadsShareTheLimits() throws Exception {
		UsageAggregator aggregator = new UsageAggregator(null, 100, 3, List.of());
		ExecutorService executor = Executors.newFixedThreadPool(4);
		CyclicBarrier start = new CyclicBarrier(4);
		try {
			List<Future<?>> writers = new ArrayList<>();
			for (int thread = 0; thread < 4; thread++) {
				int first = thread;
				writers.add(executor.submit(() -> {
					start.await();
					for (int i = first; i < 20_000; i += 4) {
						aggregator.onCall(endedAt(Instant.ofEpochMilli(i), "model" + i % 10, "feature" + i % 7));
					}
					return null;
				}));
			}
			for (Future<?> writer : writers) {
				writer.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		UsageSummary summary = aggregator.summary();
		assertThat(summary.totals().calls()).isEqualTo(20_000);
		assertThat(summary.totals().cost()).containsExactly(Map.entry("USD", new BigDecimal("2000.00")));
		assertThat(summary.models()).hasSize(4).extracting(ModelTotals::model).contains("other");
		assertThat(summary.features()).hasSize(4).extracting(FeatureTotals::feature).contains("other");
		assertThat(summary.recentCalls()).hasSize(100);
	}

	@Test
	void tellsEmbeddingsFromChatsOfOneModel() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		aggregator
			.onCall(TokenCall.builder("chat", "ollama").responseModel("both").usage(TokenUsage.of(30, 70)).build());
		for (String operation : List.of("embeddings", "embeddings", "embeddings")) {
			aggregator.onCall(
					TokenCall.builder(operation, "ollama").responseModel("both").usage(TokenUsage.of(4, 0)).build());
		}
		aggregator.onCall(TokenCall.builder("embeddings", "ollama").responseModel("quiet").build());
		aggregator.onCall(
				TokenCall.builder("embeddings", "ollama").responseModel("mini").usage(TokenUsage.of(16, 0)).build());
		UsageSummary summary = aggregator.summary();
		assertThat(summary.models())
			.extracting(ModelTotals::operation, ModelTotals::model, (model) -> model.totals().averageTokensPerCall())
			.containsExactlyInAnyOrder(tuple("chat", "both", 100.0), tuple("embeddings", "both", 4.0),
					tuple("embeddings", "mini", 16.0), tuple("embeddings", "quiet", 0.0));
		// The call that told nothing is in no average
		assertThat(summary.averageTokensPerCall()).containsExactly(Map.entry("chat", 100.0),
				Map.entry("embeddings", 7.0));
		assertThat(summary.toString()).contains("128 tokens, 100.0 a call of chat, 7.0 a call of embeddings, ")
			.contains("\nollama/both ", "\nollama/both (embeddings) ", "\nollama/mini (embeddings) ");
		JsonNode json = JsonMapper.builder().build().readTree(summary.toJson());
		assertThat(json.at("/average_tokens_per_request_by_operation/chat").asDouble()).isEqualTo(100);
		assertThat(json.at("/average_tokens_per_request_by_operation/embeddings").asDouble()).isEqualTo(7);
		assertThat(json.path("models")).extracting((model) -> model.path("operation").asString())
			.containsExactlyInAnyOrder("chat", "embeddings", "embeddings", "embeddings");
	}

	@Test
	void keepsTheLatestCallsAndAllSums() {
		UsageAggregator aggregator = new UsageAggregator("bounded", 2, 2, List.of());
		for (int i = 0; i < 5; i++) {
			aggregator.onCall(call("model" + i, "feature" + i, TokenUsage.of(10, i)));
		}
		UsageSummary summary = aggregator.summary();
		assertThat(summary.name()).isEqualTo("bounded");
		assertThat(summary.recentCalls()).extracting(TokenCall::model).containsExactly("model3", "model4");
		assertThat(summary.totals().total()).isEqualTo(60);
		assertThat(summary.models()).extracting(ModelTotals::model).containsExactly("other", "model1", "model0");
		assertThat(summary.features()).extracting(FeatureTotals::feature)
			.containsExactly("other", "feature1", "feature0");
		assertThat(summary.features()).extracting((feature) -> feature.totals().total()).containsExactly(39L, 11L, 10L);
	}

	@Test
	void clockThatIsSetBackDoesNotChangeTheOrderOfCalls() {
		UsageAggregator aggregator = new UsageAggregator(null, 2, 10, List.of());
		aggregator.onCall(endedAt(Instant.ofEpochMilli(3), "first", "feature"));
		aggregator.onCall(endedAt(Instant.ofEpochMilli(2), "second", "feature"));
		aggregator.onCall(endedAt(Instant.ofEpochMilli(1), "third", "feature"));
		assertThat(aggregator.summary().recentCalls()).extracting(TokenCall::model).containsExactly("second", "third");
		assertThat(aggregator.lastCall()).isNotNull().extracting(TokenCall::model).isEqualTo("third");
	}

	@Test
	void failureBelongsToTheModelThatAnswersItsRequest() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		aggregator.onCall(failed("gpt-4o-mini"));
		assertThat(aggregator.summary().models()).extracting(ModelTotals::model).containsExactly("gpt-4o-mini");
		aggregator.onCall(answered("gpt-4o-mini", "gpt-4o-mini-2024-07-18"));
		aggregator.onCall(failed("gpt-4o-mini"));
		aggregator.onCall(failed("gpt-4o"));
		List<ModelTotals> models = aggregator.summary().models();
		assertThat(models).extracting(ModelTotals::model).containsExactly("gpt-4o-mini-2024-07-18", "gpt-4o");
		assertThat(models).extracting(ModelTotals::operation).containsOnly("chat");
		assertThat(models.get(0).totals().calls()).isEqualTo(3);
		assertThat(models.get(0).totals().failedCalls()).isEqualTo(2);
		assertThat(models.get(1).totals().failedCalls()).isEqualTo(1);
	}

	@Test
	void resetForgetsWhoAnswersWhom() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		aggregator.onCall(answered("gpt-4o-mini", "gpt-4o-mini-2024-07-18"));
		aggregator.reset();
		aggregator.onCall(failed("gpt-4o-mini"));
		assertThat(aggregator.summary().models()).extracting(ModelTotals::model).containsExactly("gpt-4o-mini");
	}

	@Test
	void operationsOfOneModelAreApart() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		aggregator.onCall(TokenCall.builder("chat", "test").responseModel("model").usage(TokenUsage.of(2, 1)).build());
		aggregator
			.onCall(TokenCall.builder("embeddings", "test").responseModel("model").usage(TokenUsage.of(1, 0)).build());
		assertThat(aggregator.summary().models()).extracting(ModelTotals::operation)
			.containsExactly("chat", "embeddings");
	}

	@Test
	void namesThatNeverAnsweredTakeNoPlaceOfAModel() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 20, List.of());
		for (int i = 0; i < 1000; i++) {
			aggregator.onCall(failed("made up " + i));
		}
		for (int i = 0; i < 20; i++) {
			aggregator.onCall(answered("model" + i, "model" + i));
		}
		List<ModelTotals> models = aggregator.summary().models();
		assertThat(models).hasSize(20 + 2 + 1)
			.extracting(ModelTotals::model)
			.contains("model0", "model19", "made up 0", "made up 1", "other");
		assertThat(models.stream().mapToLong((model) -> model.totals().calls()).sum()).isEqualTo(1020);
	}

	@Test
	void nameThatAnswersAtLastFreesItsPlaceOfOneThatNeverDid() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		aggregator.onCall(failed("slow to start"));
		aggregator.onCall(answered("slow to start", "slow to start"));
		aggregator.onCall(failed("another"));
		assertThat(aggregator.summary().models()).extracting(ModelTotals::model)
			.containsExactly("slow to start", "another");
	}

	@Test
	void allowedCallerTagsHaveSums() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 2, List.of("tenant", "user"));
		for (String tenant : List.of("acme", "globex", "initech", "acme")) {
			aggregator.onCall(tagged(Map.of("tenant", tenant, "secret", "value")));
		}
		aggregator.onCall(tagged(Map.of("tenant", " ")));
		UsageSummary summary = aggregator.summary();
		assertThat(summary.tags()).containsOnlyKeys("tenant", "user");
		assertThat(summary.tags().get("tenant")).extracting(TagTotals::value, (tenant) -> tenant.totals().calls())
			.containsExactlyInAnyOrder(tuple("acme", 2L), tuple("globex", 1L), tuple("other", 1L), tuple("none", 1L));
		assertThat(summary.tags().get("user")).singleElement()
			.satisfies((user) -> assertThat(user.value()).isEqualTo("none"))
			.satisfies((user) -> assertThat(user.totals()).isEqualTo(summary.totals()));
		aggregator.reset();
		assertThat(aggregator.summary().tags().get("tenant")).isEmpty();
	}

	@Test
	void whatIsReallyCalledOtherOrNoneIsNotAddedToWhatThatStandsFor() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 3, List.of("tenant"));
		for (String name : List.of("other", "none", "other_", "one too many")) {
			aggregator.onCall(TokenCall.builder("chat", "test")
				.responseModel(name)
				.feature(name)
				.tags(Map.of("tenant", name))
				.build());
		}
		UsageSummary summary = aggregator.summary();
		assertThat(summary.models()).extracting(ModelTotals::model)
			.containsExactlyInAnyOrder("other_", "none_", "other__", "other");
		assertThat(summary.features()).extracting(FeatureTotals::feature)
			.containsExactlyInAnyOrder("other_", "none", "other__", "one too many");
		assertThat(summary.tags().get("tenant")).extracting(TagTotals::value)
			.containsExactlyInAnyOrder("other_", "none_", "other__", "other");
	}

	@Test
	void sumsThatAreTooLargeStayPositive() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		long huge = Long.MAX_VALUE / 4;
		for (int i = 0; i < 17; i++) {
			aggregator.onCall(TestCalls.of("chat", "test", "model", null,
					new TokenUsage(huge, huge, huge, 0, huge, true), null, CallOutcome.SUCCESS, true, Instant.EPOCH,
					Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE),
					Duration.ofSeconds(Long.MAX_VALUE), "feature", Map.of(), null));
		}
		UsageSummary.Totals totals = aggregator.summary().totals();
		assertThat(List.of(totals.input(), totals.output(), totals.cacheRead(), totals.reasoning(), totals.total(),
				totals.timedOutput()))
			.containsOnly(Long.MAX_VALUE);
		assertThat(totals.averageTokensPerCall()).isPositive();
		assertThat(totals.outputTokensPerSecond()).isPositive();
		assertThat(totals.averageTimeToFirstToken()).isPositive();
	}

	@Test
	void onlyAnsweredCallsAreMissedForTheirUsage() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		for (CallOutcome outcome : CallOutcome.values()) {
			aggregator.onCall(TokenCall.builder("chat", "test").requestModel("model").outcome(outcome).build());
		}
		assertThat(aggregator.summary().totals().unreportedCalls()).isEqualTo(4);
		assertThat(aggregator.summary().totals().unreportedSuccesses()).isEqualTo(1);
	}

	@Test
	void keepsTheLastCallWhereItIsToKeepNone() {
		UsageAggregator aggregator = new UsageAggregator(null, 0, 2, List.of());
		assertThat(aggregator.lastCall()).isNull();
		aggregator.onCall(call("first", "feature", TokenUsage.of(1, 1)));
		aggregator.onCall(call("second", "feature", TokenUsage.of(1, 1)));
		assertThat(aggregator.lastCall()).isNotNull().extracting(TokenCall::model).isEqualTo("second");
		assertThat(aggregator.summary().recentCalls()).isEmpty();
		assertThat(aggregator.reset().totals().calls()).isEqualTo(2);
		assertThat(aggregator.lastCall()).isNull();
	}

	@Test
	void addsUpMoneyToTheLastDigitAndCurrenciesApart() {
		UsageAggregator aggregator = new UsageAggregator(null, 10_000, 10, List.of());
		Random random = new Random(42);
		Map<String, BigDecimal> expected = new HashMap<>();
		for (int i = 0; i < 10_000; i++) {
			long max = (i % 10 != 0) ? 1_000_000_000 : Long.MAX_VALUE;
			BigDecimal amount = BigDecimal.valueOf(random.nextLong(max), 6 + random.nextInt(9));
			String currency = random.nextBoolean() ? "USD" : "EUR";
			expected.merge(currency, amount, BigDecimal::add);
			aggregator.onCall(TestCalls.of("chat", "test", "model" + random.nextInt(5), null, TokenUsage.of(1, 1),
					new TokenCost(amount, currency), CallOutcome.SUCCESS, false, Instant.EPOCH, Duration.ofSeconds(1),
					null, null, "feature", Map.of(), null));
		}
		UsageSummary summary = aggregator.summary();
		assertThat(summary.totals().cost()).isEqualTo(expected);
		for (String currency : expected.keySet()) {
			BigDecimal ofModels = summary.models()
				.stream()
				.map((model) -> model.totals().cost().getOrDefault(currency, BigDecimal.ZERO))
				.reduce(BigDecimal.ZERO, BigDecimal::add);
			BigDecimal ofCalls = summary.recentCalls()
				.stream()
				.map(TokenCall::cost)
				.filter((cost) -> cost.currency().equals(currency))
				.map(TokenCost::amount)
				.reduce(BigDecimal.ZERO, BigDecimal::add);
			assertThat(ofModels).isEqualByComparingTo(expected.get(currency));
			assertThat(ofCalls).isEqualByComparingTo(expected.get(currency));
		}
	}

	@Test
	void addsUpMoneyAroundWhatADoubleCanHold() {
		for (int bits : new int[] { 0, 49, 50, 51, 52, 53, 54, 62 }) {
			for (int more = -3; more <= 3; more++) {
				BigDecimal amount = BigDecimal.valueOf(Math.max(0, (1L << bits) + more), 12);
				assertThat(sum(amount, 3)).isEqualTo(amount.multiply(BigDecimal.valueOf(3)));
			}
		}
		BigDecimal large = new BigDecimal("1000.000000000001");
		assertThat(sum(large, 10_000)).isEqualTo(large.multiply(BigDecimal.valueOf(10_000)));
	}

	private static BigDecimal sum(BigDecimal amount, int calls) {
		UsageAggregator aggregator = new UsageAggregator(null, 1, 1, List.of());
		for (int i = 0; i < calls; i++) {
			aggregator.onCall(TestCalls.of("chat", "test", "model", null, TokenUsage.of(1, 1),
					new TokenCost(amount, "USD"), CallOutcome.SUCCESS, false, Instant.EPOCH, Duration.ZERO, null, null,
					"feature", Map.of(), null));
		}
		return aggregator.summary().totals().cost().get("USD");
	}

	@Test
	void unreportedIsNeitherZeroNorAveraged() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 10, List.of());
		aggregator.onCall(call("model", "feature", TokenUsage.of(10, 10)));
		aggregator.onCall(call("model", "feature", TokenUsage.unreported()));
		UsageSummary.Totals totals = aggregator.summary().totals();
		assertThat(totals.calls()).isEqualTo(2);
		assertThat(totals.unreportedCalls()).isEqualTo(1);
		assertThat(totals.averageTokensPerCall()).isEqualTo(20);
		assertThat(totals.cost()).containsExactly(Map.entry("USD", new BigDecimal("0.10")));
		assertThat(totals.unpricedCalls()).isZero();
	}

	@Test
	void totalsAreThoseOfTheOneFeatureOfAllModels() {
		UsageAggregator aggregator = new UsageAggregator(null, 10, 2, List.of());
		for (CallOutcome outcome : CallOutcome.values()) {
			for (int model = 0; model < 3; model++) {
				TokenUsage usage = new TokenUsage(100 + model, 50, 20, 10, 5, true);
				TokenCost cost = (model != 0) ? new TokenCost(new BigDecimal("0.10"), "USD") : null;
				aggregator.onCall(TestCalls.of("chat", "test", "model" + model, null, usage, cost, outcome, true,
						Instant.EPOCH, Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofSeconds(2), "feature",
						Map.of(), null));
			}
			aggregator.onCall(call("model0", "feature", TokenUsage.unreported()));
		}
		UsageSummary summary = aggregator.summary();
		assertThat(summary.totals()).hasNoNullFieldsOrProperties().isEqualTo(summary.features().get(0).totals());
		assertThat(summary.totals().rejectedCalls()).isEqualTo(3);
		assertThat(summary.totals().timedStreams()).isEqualTo(12);
		assertThat(aggregator.reset().totals()).isEqualTo(summary.totals());
		assertThat(aggregator.summary().totals().calls()).isZero();
	}

	private static TokenCall failed(String requestModel) {
		return TokenCall.builder("chat", "test").requestModel(requestModel).outcome(CallOutcome.ERROR).build();
	}

	private static TokenCall answered(String requestModel, String responseModel) {
		return TokenCall.builder("chat", "test")
			.requestModel(requestModel)
			.responseModel(responseModel)
			.usage(TokenUsage.of(2, 1))
			.build();
	}

	private static TokenCall tagged(Map<String, String> tags) {
		return TokenCall.builder("chat", "test").responseModel("model").usage(TokenUsage.of(2, 1)).tags(tags).build();
	}

	private static TokenCall endedAt(Instant end, String model, String feature) {
		return TestCalls.of("chat", "test", model, null, TokenUsage.of(2, 1),
				new TokenCost(new BigDecimal("0.10"), "USD"), CallOutcome.SUCCESS, false, end, Duration.ZERO, null,
				null, feature, Map.of(), null);
	}

	private static TokenCall call(String model, String feature, TokenUsage usage) {
		return TestCalls.of("chat", "test", model, null, usage,
				(usage.reported()) ? new TokenCost(new BigDecimal("0.10"), "USD") : null, CallOutcome.SUCCESS, false,
				Instant.EPOCH, Duration.ofSeconds(1), null, null, feature, Map.of(), null);
	}

}
