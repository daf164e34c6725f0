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

package io.tokencounter.pricing;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.provider.ProviderNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PriceTable} and {@link PriceFile}.
 */
@ExtendWith(OutputCaptureExtension.class)
class PriceTableTests {

	private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);

	private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

	private final PriceTable table = PriceTable.load(new ClassPathResource("litellm.json", getClass()), TODAY,
			ProviderNames::nameOf);

	@Test
	void readsLiteLlmPricesExactly() {
		// 1000 input of which 400 cached, 10 output: 600 x 0.15 + 400 x 0.075 + 10 x 0.60
		assertThat(amount("openai", "acme-chat", new TokenUsage(1000, 10, 400, 0, 0, true)))
			.isEqualByComparingTo("0.000126");
	}

	@Test
	void readsLiteLlmLongContextPrices() {
		// 10 reasoning tokens at 12 and 10 others at 10
		assertThat(amount("gcp.gemini", "models/acme-pro", new TokenUsage(200_000, 20, 0, 0, 10, true)))
			.isEqualByComparingTo("0.25022");
		// 100001 x 2.50 + 100000 x 0.25 + 20 x 15, no lower price for reasoning
		assertThat(amount("gcp.gemini", "acme-pro", new TokenUsage(200_001, 20, 100_000, 0, 10, true)))
			.isEqualByComparingTo("0.2753025");
	}

	@Test
	void readsLiteLlmCacheWritePrices() {
		ModelPrice price = this.table.getPrices("bedrock_converse", "us.anthropic.acme-opus-4-20250514-v1:0").get(0);
		assertThat(price.rates().cacheWrite()).isEqualByComparingTo("4.125");
		assertThat(price.rates().cacheWriteLong()).isEqualByComparingTo("6.6");
		assertThat(price.rates().cacheRead()).isEqualByComparingTo("0.33");
		assertThat(price.currency()).isEqualTo("USD");
	}

	@Test
	void takesProviderOffLiteLlmNames() {
		assertThat(this.table.getPrices("groq", "openai/acme-oss")).hasSize(1);
		assertThat(this.table.getPrices("groq", "acme-oss")).isEmpty();
	}

	@Test
	void pricesEmbeddingsByTheirInput() {
		assertThat(amount("openai", "acme-embedding", TokenUsage.of(1_000_000, 0))).isEqualByComparingTo("0.02");
	}

	@ParameterizedTest
	@CsvSource({ "acme-image", "acme-speech", "sample_spec" })
	void leavesOutWhatIsNotSoldByTokens(String model) {
		assertThat(this.table.getPrices("openai", model)).isEmpty();
	}

	@Test
	void prefersFileToBuiltInPrices() {
		assertThat(amount("openai", "gpt-4o-mini-2024-07-18", TokenUsage.of(1_000_000, 0))).isEqualByComparingTo("9");
		assertThat(amount("openai", "gpt-4o", TokenUsage.of(1_000_000, 0))).isEqualByComparingTo("2.5");
	}

	@Test
	void findsLiteLlmEntryWithoutProviderForAny() {
		assertThat(amount("openai", "acme-home", TokenUsage.of(10, 10))).isEqualByComparingTo("0");
		assertThat(amount("other", "acme-home", TokenUsage.of(10, 10))).isEqualByComparingTo("0");
	}

	@Test
	void readsOwnFormatInTheSameFile() {
		Instant spring = Instant.parse("2026-04-01T00:00:00Z");
		TokenPricer pricer = new TokenPricer(List.of(this.table));
		// 500 x 2 + 300 x 0.20 + 200 x 2.50 + 60 x 4 + 40 x 5
		TokenUsage usage = new TokenUsage(1000, 100, 300, 200, 40, true);
		assertThat(pricer.cost("acme", "coyote", usage, BillingDetails.PLAIN, spring)).isNotNull().satisfies((cost) -> {
			assertThat(cost.amount()).isEqualByComparingTo("0.002");
			assertThat(cost.currency()).isEqualTo("EUR");
		});
		// 1001 x 3 + 10 x 6
		assertThat(pricer.cost("acme", "coyote", TokenUsage.of(1001, 10), BillingDetails.PLAIN, spring)).isNotNull()
			.extracting(TokenCost::amount)
			.satisfies((amount) -> assertThat(amount).isEqualByComparingTo("0.003063"));
		assertThat(pricer.cost("acme", "coyote", usage, BillingDetails.PLAIN, NOW)).isNull();
		assertThat(amount("acme", "roadrunner", TokenUsage.of(1_000_000, 0))).isEqualByComparingTo("1");
	}

	@Test
	void doesNotChooseBetweenProvidersThatDiffer() {
		PriceTable table = PriceTable.load(
				json("""
						{ "groq/same": { "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "litellm_provider": "groq" },
						"xai/same": { "input_cost_per_token": 1.0e-6, "output_cost_per_token": 2e-6, "litellm_provider": "xai" },
						"groq/other": { "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "litellm_provider": "groq" },
						"xai/other": { "input_cost_per_token": 3e-6, "output_cost_per_token": 2e-6, "litellm_provider": "xai" } }
						"""),
				TODAY, ProviderNames::nameOf);
		assertThat(table.getPrices("somebody", "same")).hasSize(1);
		assertThat(table.getPrices("somebody", "other")).isEmpty();
		assertThat(table.getPrices("groq", "other")).hasSize(1);
		assertThat(table.getPrices("mistral_ai", "same")).isEmpty();
	}

	@Test
	void takesNothingAwayByAnEntryForAnotherProvider() {
		PriceTable table = PriceTable.load(json("""
				{ "azure/gpt-4o": { "input_cost_per_token": 9e-6, "output_cost_per_token": 9e-6,
				"litellm_provider": "azure" } }"""), TODAY, ProviderNames::nameOf);
		assertThat(inputOf(table, "azure.ai.openai", "gpt-4o-2024-11-20")).isEqualByComparingTo("9");
		assertThat(inputOf(table, "azure.ai.openai", "gpt-4o-mini")).isEqualByComparingTo("0.15");
		assertThat(inputOf(table, "gateway", "gpt-4o")).isEqualByComparingTo("2.5");
		assertThat(inputOf(table, "openai", "gpt-4o")).isEqualByComparingTo("2.5");
	}

	@Test
	void followsAPriceOfTheFileWhereAnotherProviderHasNone() {
		PriceTable table = PriceTable.load(json("""
				{ "gpt-4o": { "input_cost_per_token": 9e-6, "output_cost_per_token": 9e-6,
				"litellm_provider": "openai" } }"""), TODAY, ProviderNames::nameOf);
		assertThat(inputOf(table, "azure.ai.openai", "gpt-4o")).isEqualByComparingTo("9");
	}

	@Test
	void doesNotKnowHowAnotherProviderChargesForTiers() {
		PriceTable table = PriceTable.load(null, TODAY, ProviderNames::nameOf);
		assertThat(table.getPrices("openai", "gpt-4.1")).singleElement()
			.satisfies((price) -> assertThat(price.variants()).isNotEqualTo(PriceVariants.NONE));
		assertThat(table.getPrices("azure.ai.openai", "gpt-4.1")).singleElement()
			.satisfies((price) -> assertThat(price.variants()).isEqualTo(PriceVariants.NONE));
	}

	@Test
	void findsFineTunedModelsByTheirBase() {
		PriceTable table = PriceTable.load(json("""
				{ "ft:gpt-4o-mini-2024-07-18": { "input_cost_per_token": 3e-7, "output_cost_per_token": 1.2e-6,
				"litellm_provider": "openai" } }"""), TODAY, ProviderNames::nameOf);
		assertThat(inputOf(table, "openai", "ft:gpt-4o-mini-2024-07-18:acme::x1")).isEqualByComparingTo("0.3");
		assertThat(table.getPrices("openai", "ft:gpt-4o-2024-08-06:acme::x1")).isEmpty();
	}

	@Test
	void knowsNoPriceOfOllamasCloudModelsButOnesOfTheFile() {
		PriceTable table = PriceTable.load(json("""
				{ "prices": [ { "provider": "ollama", "models": [ "paid:1b-cloud" ], "input": 1, "output": 2 } ] }"""),
				TODAY, ProviderNames::nameOf);
		assertThat(inputOf(table, "ollama", "llama3.2:3b")).isEqualByComparingTo("0");
		assertThat(inputOf(table, "ollama", "paid:1b-cloud")).isEqualByComparingTo("1");
		assertThat(table.getPrices("ollama", "gpt-oss:120b-cloud")).isEmpty();
	}

	@ParameterizedTest
	@MethodSource
	void namesBrokenEntry(String content, String problem) {
		assertThatExceptionOfType(InvalidPriceException.class)
			.isThrownBy(() -> PriceTable.load(json(content), TODAY, ProviderNames::nameOf))
			.satisfies((ex) -> {
				assertThat(ex.getOrigin()).isEqualTo("file [test]");
				assertThat(ex.getProblems()).singleElement().asString().contains(problem);
			});
	}

	static List<Arguments> namesBrokenEntry() {
		return List.of(
				Arguments.of("{ \"a\": { \"input_cost_per_token\": -1e-6 } }",
						"'a': 'input_cost_per_token' must not be negative, but is -0.000001"),
				Arguments.of("{ \"a\": { \"input_cost_per_token\": \"free\" } }",
						"'a': 'input_cost_per_token' must be a number, but is \"free\""),
				Arguments.of("{ \"a\": { \"input_cost_per_token\": 1e999999999 } }",
						"'a': 'input_cost_per_token' must be a sensible price"),
				Arguments.of("{ \"a\": { \"input_cost_per_token\": 1e-999999999 } }",
						"'a': 'input_cost_per_token' must be a sensible price"),
				Arguments.of("{ \"a\": { \"output_cost_per_token\": [] } }",
						"'a': 'output_cost_per_token' must be a number, but is []"),
				Arguments.of("{ \"a\": 3 }", "'a': must be an object"),
				Arguments.of("{ \"prices\": {} }", "'prices': must be an array"),
				Arguments.of("{ \"prices\": [ { \"provider\": \"p\", \"models\": [ \"m\" ], \"input\": 1 } ] }",
						"'prices[0]' [\"m\"]: 'output' is missing"),
				Arguments.of(
						"{ \"prices\": [ { \"provider\": \"p\", \"models\": [ \"m\" ], \"input\": 1, \"output\": -2 } ] }",
						"'output' must not be negative"),
				Arguments.of(
						"{ \"prices\": [ { \"provider\": \"p\", \"models\": [ \"m\" ], \"input\": 1, \"output\": 2, \"cacheRaed\": 1 } ] }",
						"'cacheRaed' is not known"),
				Arguments.of("{ \"prices\": [ { \"provider\": \"p\", \"models\": [], \"input\": 1, \"output\": 2 } ] }",
						"'models' must be an array of names"),
				Arguments.of("{ \"prices\": [ { \"models\": [ \"m\" ], \"input\": 1, \"output\": 2 } ] }",
						"'provider' must be a text"),
				Arguments.of(
						"{ \"prices\": [ { \"provider\": \"p\", \"models\": [ \"m\" ], \"input\": 1, \"output\": 2, \"currency\": \"coins\" } ] }",
						"'coins'"),
				Arguments.of(
						"{ \"prices\": [ { \"provider\": \"p\", \"models\": [ \"m\" ], \"input\": 1, \"output\": 2, \"validFrom\": \"soon\" } ] }",
						"'validFrom' must be a date"),
				Arguments.of(
						"{ \"prices\": [ { \"provider\": \"p\", \"models\": [ \"m\" ], \"input\": 1, \"output\": 2, \"longContext\": [ {} ] } ] }",
						"'above' must be a number of tokens"),
				Arguments.of("{ \"updated\": \"today\" }", "'updated' must be a date"),
				Arguments.of("[]", "The file must have a JSON object"), Arguments.of("{ \"a\":", "Line 1 is not JSON"));
	}

	@Test
	void namesAllBrokenEntriesUpToTen() {
		StringBuilder content = new StringBuilder("{ \"good\": {} ");
		for (int i = 0; i < 25; i++) {
			content.append(", \"bad-%d\": { \"input_cost_per_token\": -1 }".formatted(i));
		}
		assertThatExceptionOfType(InvalidPriceException.class)
			.isThrownBy(() -> PriceTable.load(json(content.append("}").toString()), TODAY, ProviderNames::nameOf))
			.satisfies((ex) -> assertThat(ex.getProblems()).hasSize(11)
				.contains("'bad-9': 'input_cost_per_token' must not be negative, but is -1", "and 15 more"));
	}

	@Test
	void saysThatFileCannotBeRead() {
		assertThatExceptionOfType(InvalidPriceException.class)
			.isThrownBy(() -> PriceTable.load(new ClassPathResource("missing.json"), TODAY, ProviderNames::nameOf))
			.withMessageContaining("missing.json")
			.withMessageContaining("cannot be read");
	}

	@Test
	void readsThousandsOfEntriesInWellUnderOneSecond() {
		StringBuilder content = new StringBuilder("{ \"sample_spec\": {}");
		for (int i = 0; i < 5000; i++) {
			content.append("""
					, "xai/model-%d": { "input_cost_per_token": %de-09, "output_cost_per_token": 6e-07,
					"cache_read_input_token_cost": 7.5e-08, "input_cost_per_token_above_200k_tokens": 1e-05,
					"litellm_provider": "xai", "max_input_tokens": 128000, "mode": "chat", "supports_vision": true,
					"supports_tool_choice": true, "source": "https://example.com/pricing" }
					""".formatted(i, i));
		}
		Resource file = json(content.append("}").toString());
		// The best of a few, as the machine may have other things to do
		assertThat(IntStream.range(0, 5).mapToObj((attempt) -> timeToLoad(file)).min(Comparator.naturalOrder()))
			.hasValueSatisfying((time) -> assertThat(time).isLessThan(Duration.ofMillis(500)));
		PriceTable table = PriceTable.load(file, TODAY, ProviderNames::nameOf);
		for (int i = 0; i < 5000; i++) {
			assertThat(table.getPrices("x_ai", "model-" + i)).singleElement()
				.satisfies((price) -> assertThat(price.longContext()).containsOnlyKeys(200_000L))
				.extracting((price) -> price.rates().input())
				.isEqualTo(BigDecimal.valueOf(i, 3).stripTrailingZeros());
		}
	}

	@Test
	void warnsOfPricesOlderThanOneYear(CapturedOutput output) {
		String entry = "\"a\": { \"input_cost_per_token\": 1, \"output_cost_per_token\": 1 } }";
		PriceTable.load(json("{ \"updated\": \"2025-11-23\", %s".formatted(entry)), TODAY, ProviderNames::nameOf);
		assertThat(output).doesNotContain("may no longer be right");
		PriceTable.load(json("{ \"updated\": \"2025-11-22\", %s".formatted(entry)), TODAY, ProviderNames::nameOf);
		assertThat(output).containsOnlyOnce("Model prices in file [test] are from 2025-11-22");
	}

	private static BigDecimal inputOf(PriceTable table, String provider, String model) {
		List<ModelPrice> prices = table.getPrices(provider, model);
		assertThat(prices).hasSize(1);
		return prices.get(0).rates().input();
	}

	private static Duration timeToLoad(Resource file) {
		long start = System.nanoTime();
		PriceTable.load(file, TODAY, ProviderNames::nameOf);
		return Duration.ofNanos(System.nanoTime() - start);
	}

	private BigDecimal amount(String provider, String model, TokenUsage usage) {
		TokenCost cost = new TokenPricer(List.of(this.table)).cost(provider, model, usage, BillingDetails.PLAIN, NOW);
		assertThat(cost).isNotNull();
		return cost.amount();
	}

	private static Resource json(String content) {
		return new ByteArrayResource(content.getBytes(StandardCharsets.UTF_8)) {

			@Override
			public String getDescription() {
				return "file [test]";
			}

		};
	}

}
