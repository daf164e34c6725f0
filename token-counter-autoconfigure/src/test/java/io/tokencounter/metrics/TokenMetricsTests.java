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

package io.tokencounter.metrics;

import java.lang.ref.WeakReference;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.TestCalls;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link TokenMetrics}.
 */
@ExtendWith(OutputCaptureExtension.class)
class TokenMetricsTests {

	private static final Set<String> COMMON = Set.of("gen_ai.operation.name", "gen_ai.provider.name",
			"gen_ai.response.model", "gen_ai.request.model", "feature");

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final TokenMetrics metrics = metrics(100);

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", textBlock = """
			llm.tokens              | COUNTER              | tokens            | gen_ai.token.type
			llm.tokens.cache.read   | COUNTER              | tokens            | -
			llm.tokens.cache.write  | COUNTER              | tokens            | -
			llm.tokens.reasoning    | COUNTER              | tokens            | -
			llm.calls               | COUNTER              | calls             | outcome,usage
			llm.call.duration       | TIMER                | seconds           | outcome
			llm.time.to.first.token | TIMER                | seconds           | -
			llm.output.rate         | DISTRIBUTION_SUMMARY | tokens per second | -
			llm.cost                | COUNTER              | -                 | currency
			llm.tokens.unpriced     | COUNTER              | tokens            | gen_ai.token.type
			""")
	void eachMeterIsAsDocumented(String name, Meter.Type type, @Nullable String baseUnit, @Nullable String tags) {
		TokenMetrics metrics = new TokenMetrics(() -> this.registry, List.of("tenant"), 100, true);
		metrics.onCall(call().cost(new TokenCost(BigDecimal.ONE, "USD")).build());
		metrics.onCall(call().build());
		Set<String> keys = new TreeSet<>(COMMON);
		keys.add("tenant");
		if (tags != null) {
			keys.addAll(Arrays.asList(tags.split(",")));
		}
		assertThat(this.registry.find(name).meters()).isNotEmpty().allSatisfy((meter) -> {
			assertThat(meter.getId().getType()).isEqualTo(type);
			assertThat(meter.getId().getBaseUnit()).isEqualTo(baseUnit);
			assertThat(meter.getId().getDescription()).isNotBlank();
			assertThat(meter.getId().getTags()).extracting(Tag::getKey).containsExactlyInAnyOrderElementsOf(keys);
		});
	}

	@ParameterizedTest
	@EnumSource
	void documentationAgreesWithTheMeters(TokenMeterDocumentation documentation) {
		TokenMetrics metrics = new TokenMetrics(() -> this.registry, List.of(), 100, true);
		metrics.onCall(call().cost(new TokenCost(BigDecimal.ONE, "USD")).build());
		metrics.onCall(call().build());
		assertThat(this.registry.find(documentation.getName()).meters()).isNotEmpty().allSatisfy((meter) -> {
			assertThat(meter.getId().getType()).isEqualTo(documentation.getType());
			assertThat(meter.getId().getTags()).extracting(Tag::getKey)
				.containsExactlyInAnyOrder(
						Arrays.stream(documentation.getKeyNames()).map((key) -> key.asString()).toArray(String[]::new));
		});
	}

	@Test
	void countsWhatACallSpent() {
		this.metrics.onCall(call().build());
		assertThat(counter("llm.tokens", "gen_ai.token.type", "input")).isEqualTo(100);
		assertThat(counter("llm.tokens", "gen_ai.token.type", "output")).isEqualTo(50);
		assertThat(counter("llm.tokens.cache.read")).isEqualTo(30);
		assertThat(counter("llm.tokens.cache.write")).isEqualTo(20);
		assertThat(counter("llm.tokens.reasoning")).isEqualTo(10);
		assertThat(counter("llm.calls", "outcome", "success", "usage", "reported")).isEqualTo(1);
		assertThat(this.registry.get("llm.call.duration").tag("outcome", "success").timer().totalTime(TimeUnit.SECONDS))
			.isEqualTo(3);
		assertThat(this.registry.get("llm.time.to.first.token").timer().totalTime(TimeUnit.SECONDS)).isEqualTo(1);
		assertThat(this.registry.get("llm.output.rate").summary().totalAmount()).isCloseTo(25, within(1e-9));
	}

	@Test
	void commonTagsTellTheCall() {
		this.metrics.onCall(call().build());
		assertThat(this.registry.get("llm.calls").counter().getId().getTags()).contains(
				Tag.of("gen_ai.operation.name", "chat"), Tag.of("gen_ai.provider.name", "openai"),
				Tag.of("gen_ai.response.model", "model"), Tag.of("gen_ai.request.model", "asked"),
				Tag.of("feature", "none"), Tag.of("tenant", "none"));
	}

	@Test
	void whatNeverHappenedHasNoMeter() {
		assertThat(this.registry.getMeters()).isEmpty();
		this.metrics.onCall(call().usage(TokenUsage.of(1, 2)).timeToFirstToken(null).generationTime(null).build());
		assertThat(this.registry.getMeters()).extracting((meter) -> meter.getId().getName())
			.containsOnly("llm.tokens", "llm.calls", "llm.call.duration");
	}

	@Test
	void unreportedIsNotZeroTokens() {
		this.metrics.onCall(call().usage(TokenUsage.unreported()).build());
		assertThat(this.registry.find("llm.tokens").counters()).isEmpty();
		assertThat(counter("llm.calls", "usage", "unreported")).isEqualTo(1);
		assertThat(this.registry.find("llm.calls").tag("usage", "reported").counters()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void outcomeIsATag(CallOutcome outcome) {
		this.metrics.onCall(call().outcome(outcome).build());
		assertThat(counter("llm.calls", "outcome", outcome.name().toLowerCase(Locale.ROOT))).isEqualTo(1);
		assertThat(this.registry.get("llm.call.duration").tag("outcome", outcome.value()).timer().count()).isOne();
	}

	@Test
	void costIsCountedByCurrencyAndUnpricedTokensOnlyWherePricesAre() {
		TokenMetrics priced = new TokenMetrics(() -> this.registry, List.of(), 100, true);
		priced.onCall(call().cost(new TokenCost(new BigDecimal("0.25"), "EUR")).build());
		assertThat(counter("llm.cost", "currency", "EUR")).isEqualTo(0.25);
		assertThat(this.registry.find("llm.tokens.unpriced").counters()).isEmpty();
		priced.onCall(call().build());
		assertThat(counter("llm.tokens.unpriced", "gen_ai.token.type", "input")).isEqualTo(100);
		assertThat(counter("llm.tokens.unpriced", "gen_ai.token.type", "output")).isEqualTo(50);
		priced.onCall(call().usage(TokenUsage.unreported()).build());
		assertThat(counter("llm.tokens.unpriced", "gen_ai.token.type", "input")).isEqualTo(100);
	}

	@Test
	void noTokenIsUnpricedWithoutPrices() {
		this.metrics.onCall(call().build());
		assertThat(this.registry.find("llm.tokens.unpriced").counters()).isEmpty();
	}

	@Test
	void onlyAllowedCallerTagsBecomeTags() {
		this.metrics.onCall(call().tags(Map.of("tenant", "acme", "user", "ann")).build());
		Counter counter = this.registry.get("llm.calls").counter();
		assertThat(counter.getId().getTag("tenant")).isEqualTo("acme");
		assertThat(counter.getId().getTag("user")).isNull();
	}

	@Test
	void emptyCallerTagIsNone() {
		this.metrics.onCall(call().tags(Map.of("tenant", " ")).build());
		assertThat(this.registry.get("llm.calls").counter().getId().getTag("tenant")).isEqualTo("none");
	}

	@Test
	void furtherTagValuesAreOtherAndTotalsStayExact(CapturedOutput output) {
		TokenMetrics metrics = metrics(10);
		for (int i = 0; i < 10_000; i++) {
			metrics.onCall(call().tags(Map.of("tenant", "tenant-" + i)).build());
		}
		Set<String> tenants = this.registry.get("llm.tokens")
			.tag("gen_ai.token.type", "input")
			.counters()
			.stream()
			.map((counter) -> counter.getId().getTag("tenant"))
			.collect(Collectors.toSet());
		assertThat(tenants).hasSize(11).contains("other", "tenant-0", "tenant-9").doesNotContain("tenant-10");
		assertThat(counter("llm.tokens", "gen_ai.token.type", "input")).isEqualTo(1_000_000);
		assertThat(counter("llm.calls", "tenant", "other")).isEqualTo(9_990);
		assertThat(output.getAll().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("'tenant'", "10", "token-counter.metrics.max-tag-values");
	}

	@Test
	void warnsOnceOfAnAllowedTagThatNoCallHas(CapturedOutput output) {
		TokenMetrics metrics = new TokenMetrics(() -> this.registry, List.of("tenant", "tennant"), 100, false);
		for (int i = 0; i < 1000; i++) {
			metrics.onCall(call().tags((i == 50) ? Map.of("tenant", "acme") : Map.of()).build());
		}
		assertThat(output.getAll().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("'tennant'", "token-counter.metrics.tags", "CallTagsProvider");
	}

	@Test
	void furtherFeaturesAreOther() {
		TokenMetrics metrics = metrics(2);
		for (String feature : List.of("one", "two", "three", "one")) {
			metrics.onCall(call().feature(feature).build());
		}
		assertThat(counter("llm.calls", "feature", "one")).isEqualTo(2);
		assertThat(counter("llm.calls", "feature", "two")).isEqualTo(1);
		assertThat(counter("llm.calls", "feature", "other")).isEqualTo(1);
	}

	@Test
	void furtherModelsAreOther() {
		TokenMetrics metrics = metrics(2);
		for (String model : List.of("one", "two", "three", "one")) {
			metrics.onCall(call().responseModel(model).build());
		}
		assertThat(counter("llm.calls", "gen_ai.response.model", "one")).isEqualTo(2);
		assertThat(counter("llm.calls", "gen_ai.response.model", "two")).isEqualTo(1);
		assertThat(counter("llm.calls", "gen_ai.response.model", "other")).isEqualTo(1);
	}

	@Test
	void failuresAndSuccessesOfOneModelHaveTheRequestedOneInCommon() {
		this.metrics.onCall(TokenCall.builder("chat", "openai")
			.requestModel("gpt-4o-mini")
			.responseModel("gpt-4o-mini-2024-07-18")
			.build());
		this.metrics.onCall(failed("gpt-4o-mini"));
		this.metrics.onCall(TokenCall.builder("chat", "openai").responseModel("only answered").build());
		assertThat(counter("llm.calls", "gen_ai.request.model", "gpt-4o-mini")).isEqualTo(2);
		assertThat(counter("llm.calls", "gen_ai.request.model", "gpt-4o-mini", "gen_ai.response.model", "gpt-4o-mini",
				"outcome", "error"))
			.isEqualTo(1);
		assertThat(counter("llm.calls", "gen_ai.request.model", "only answered")).isEqualTo(1);
	}

	@Test
	void namesThatNeverAnsweredTakeNoPlaceOfAModel() {
		TokenMetrics metrics = metrics(20);
		for (int i = 0; i < 1000; i++) {
			metrics.onCall(failed("made up " + i));
		}
		for (int i = 0; i < 20; i++) {
			metrics.onCall(call().responseModel("model" + i).build());
		}
		assertThat(counter("llm.calls", "gen_ai.response.model", "model19")).isEqualTo(1);
		assertThat(counter("llm.calls", "gen_ai.request.model", "made up 1")).isEqualTo(1);
		assertThat(counter("llm.calls", "gen_ai.request.model", "other", "outcome", "error")).isEqualTo(998);
		assertThat(this.registry.find("llm.calls")
			.tag("gen_ai.response.model", "other")
			.tag("outcome", "success")
			.counters()).isEmpty();
	}

	@Test
	void modelThatFailedFirstTakesAPlaceWhenItAnswers() {
		TokenMetrics metrics = metrics(1);
		metrics.onCall(failed("one"));
		metrics.onCall(TokenCall.builder("chat", "openai").requestModel("one").build());
		metrics.onCall(TokenCall.builder("chat", "openai").requestModel("two").build());
		metrics.onCall(failed("three"));
		assertThat(counter("llm.calls", "gen_ai.request.model", "one")).isEqualTo(2);
		assertThat(counter("llm.calls", "gen_ai.request.model", "other", "outcome", "success")).isEqualTo(1);
		assertThat(counter("llm.calls", "gen_ai.request.model", "three")).isEqualTo(1);
	}

	@Test
	void furtherProvidersAreOther() {
		TokenMetrics metrics = metrics(2);
		for (int i = 0; i < 5; i++) {
			metrics.onCall(TokenCall.builder("chat", "provider" + i).responseModel("model").build());
		}
		assertThat(counter("llm.calls", "gen_ai.provider.name", "provider1")).isEqualTo(1);
		assertThat(counter("llm.calls", "gen_ai.provider.name", "other")).isEqualTo(3);
	}

	@Test
	void seriesAreBoundedWhereTagsMultiply(CapturedOutput output) {
		TokenMetrics metrics = new TokenMetrics(() -> this.registry, List.of("tenant", "user"), 10, false);
		int calls = 0;
		for (int model = 0; model < 10; model++) {
			for (int tenant = 0; tenant < 10; tenant++) {
				for (int user = 0; user < 10; user++) {
					metrics.onCall(TokenCall.builder("chat", "provider " + user)
						.responseModel("model " + model)
						.feature("feature " + tenant)
						.tags(Map.of("tenant", "tenant " + tenant, "user", "user " + user))
						.usage(TokenUsage.of(1, 1))
						.build());
					calls++;
				}
			}
		}
		assertThat(counter("llm.calls")).isEqualTo(calls);
		assertThat(this.registry.find("llm.calls").counters()).hasSizeLessThanOrEqualTo(2 * 10 * 20 + 1);
		assertThat(counter("llm.calls", "gen_ai.response.model", "model 9", "tenant", "other", "feature", "other"))
			.isEqualTo(100);
		assertThat(output.getAll().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("200 combinations", "token-counter.metrics.tags");
	}

	@Test
	void whatIsReallyCalledOtherOrNoneIsNotAddedToWhatThatStandsFor() {
		for (String name : List.of("other", "none", "other_")) {
			this.metrics.onCall(call().responseModel(name).feature(name).tags(Map.of("tenant", name)).build());
		}
		assertThat(this.registry.find("llm.calls").counters()).extracting((counter) -> counter.getId().getTag("tenant"))
			.containsExactlyInAnyOrder("other_", "none_", "other__");
		assertThat(this.registry.find("llm.calls").counters())
			.extracting((counter) -> counter.getId().getTag("gen_ai.response.model"))
			.containsExactlyInAnyOrder("other_", "none_", "other__");
		assertThat(this.registry.find("llm.calls").counters())
			.extracting((counter) -> counter.getId().getTag("feature"))
			.containsExactlyInAnyOrder("other_", "none", "other__");
	}

	@Test
	void meterThatCannotBeRegisteredTakesNothingFromTheOthers(CapturedOutput output) {
		this.registry.config().meterFilter(new MeterFilter() {

			@Override
			public Meter.Id map(Meter.Id id) {
				if (id.getName().equals("llm.calls") || id.getName().equals("llm.tokens.cache.read")) {
					throw new IllegalStateException("No such meter");
				}
				return id;
			}

		});
		this.metrics.onCall(call().build());
		this.metrics.onCall(call().build());
		assertThat(this.registry.getMeters()).extracting((meter) -> meter.getId().getName())
			.containsOnly("llm.call.duration", "llm.time.to.first.token", "llm.tokens", "llm.tokens.cache.write",
					"llm.tokens.reasoning", "llm.output.rate");
		assertThat(counter("llm.tokens", "gen_ai.token.type", "output")).isEqualTo(100);
		assertThat(output.getAll().lines().filter((line) -> line.contains("WARN"))).hasSize(1);
		assertThat(output).containsOnlyOnce("No such meter");
	}

	@Test
	void isNotKeptByARegistryThatOutlivesIt() {
		WeakReference<TokenMetrics> reference = countAndForget(this.registry);
		Conditions.await("the metrics to be collected", () -> {
			System.gc();
			return reference.refersTo(null);
		});
		assertThat(counter("llm.calls")).isEqualTo(1);
	}

	private static WeakReference<TokenMetrics> countAndForget(MeterRegistry registry) {
		TokenMetrics metrics = new TokenMetrics(() -> registry, List.of(), 100, false);
		metrics.onCall(call().build());
		return new WeakReference<>(metrics);
	}

	@Test
	void callsWithoutAFeatureAreNeverOther() {
		TokenMetrics metrics = metrics(1);
		metrics.onCall(call().feature("one").build());
		metrics.onCall(call().build());
		assertThat(counter("llm.calls", "feature", "none")).isEqualTo(1);
		assertThat(this.registry.find("llm.calls").tag("feature", "other").counters()).isEmpty();
	}

	@Test
	void clearLosesNoLaterCount() {
		this.metrics.onCall(call().build());
		this.registry.clear();
		this.metrics.onCall(call().build());
		assertThat(counter("llm.calls")).isEqualTo(1);
		assertThat(counter("llm.tokens", "gen_ai.token.type", "input")).isEqualTo(100);
	}

	@Test
	void removalOfOneMeterLosesNoLaterCount() {
		this.metrics.onCall(call().build());
		this.registry.remove(this.registry.get("llm.tokens").tag("gen_ai.token.type", "input").counter());
		this.metrics.onCall(call().build());
		assertThat(counter("llm.tokens", "gen_ai.token.type", "input")).isEqualTo(100);
		assertThat(counter("llm.tokens", "gen_ai.token.type", "output")).isEqualTo(100);
		assertThat(counter("llm.calls")).isEqualTo(2);
	}

	private TokenMetrics metrics(int maxTagValues) {
		return new TokenMetrics(() -> this.registry, List.of("tenant"), maxTagValues, false);
	}

	private double counter(String name, String... tags) {
		return this.registry.get(name).tags(tags).counters().stream().mapToDouble(Counter::count).sum();
	}

	private static TokenCall failed(String requestModel) {
		return TokenCall.builder("chat", "openai").requestModel(requestModel).outcome(CallOutcome.ERROR).build();
	}

	private static CallBuilder call() {
		return new CallBuilder();
	}

	private static final class CallBuilder {

		private TokenUsage usage = new TokenUsage(100, 50, 30, 20, 10, true);

		private @Nullable TokenCost cost;

		private CallOutcome outcome = CallOutcome.SUCCESS;

		private @Nullable Duration timeToFirstToken = Duration.ofSeconds(1);

		private @Nullable Duration generationTime = Duration.ofSeconds(2);

		private String feature = TokenCall.NO_FEATURE;

		private Map<String, String> tags = Map.of();

		private String responseModel = "model";

		CallBuilder usage(TokenUsage usage) {
			this.usage = usage;
			return this;
		}

		CallBuilder cost(TokenCost cost) {
			this.cost = cost;
			return this;
		}

		CallBuilder outcome(CallOutcome outcome) {
			this.outcome = outcome;
			return this;
		}

		CallBuilder timeToFirstToken(@Nullable Duration time) {
			this.timeToFirstToken = time;
			return this;
		}

		CallBuilder generationTime(@Nullable Duration time) {
			this.generationTime = time;
			return this;
		}

		CallBuilder feature(String feature) {
			this.feature = feature;
			return this;
		}

		CallBuilder responseModel(String model) {
			this.responseModel = model;
			return this;
		}

		CallBuilder tags(Map<String, String> tags) {
			this.tags = tags;
			return this;
		}

		TokenCall build() {
			return TestCalls.of("chat", "openai", "asked", this.responseModel, this.usage, this.cost, this.outcome,
					true, Instant.EPOCH, Duration.ofSeconds(3), this.timeToFirstToken, this.generationTime,
					this.feature, this.tags, "bean");
		}

	}

}
