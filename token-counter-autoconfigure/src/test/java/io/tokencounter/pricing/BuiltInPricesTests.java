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

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.OptionalLong;

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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the built-in prices.
 */
@ExtendWith(OutputCaptureExtension.class)
class BuiltInPricesTests {

	private static final Instant NOVEMBER = Instant.parse("2026-11-20T12:00:00Z");

	private final TokenPricer pricer = new TokenPricer(
			List.of(PriceTable.load(null, LocalDate.of(2026, 11, 23), ProviderNames::nameOf)));

	@Test
	void areReadWithTheFirstCallWhereTheApplicationIsNotReadyYet() {
		BuiltInPrices prices = new BuiltInPrices(LocalDate.of(2026, 11, 23), ProviderNames::nameOf);
		assertThat(prices.getPrices("openai", "gpt-4o-mini")).isNotEmpty()
			.isEqualTo(PriceTable.load(null, LocalDate.of(2026, 11, 23), ProviderNames::nameOf)
				.getPrices("openai", "gpt-4o-mini"));
	}

	@ParameterizedTest(name = "{0} {1}")
	@MethodSource
	void costsWhatTheProviderCharges(String provider, String model, TokenUsage usage, String expected) {
		TokenCost cost = this.pricer.cost(provider, model, usage, BillingDetails.PLAIN, NOVEMBER);
		assertThat(cost).isNotNull();
		assertThat(cost.currency()).isEqualTo("USD");
		assertThat(cost.amount()).isEqualByComparingTo(expected);
	}

	// Usages are those of answers in each provider's documented format

	static List<Arguments> costsWhatTheProviderCharges() {
		return List.of(
				// 264 x 4 + 1024 read x 0.40 + 512 written x 5 + 120 x 20 = 6425.6
				Arguments.of("openai", "gpt-5.6-sol", new TokenUsage(1800, 120, 1024, 512, 64, true), "0.0064256"),
				// a round with a tool call: 100 x 4 + 800 x 0.40 + 100 x 5 + 40 x 20 =
				// 2020
				Arguments.of("openai", "gpt-5.6-sol", new TokenUsage(1000, 40, 800, 100, 16, true), "0.00202"),
				// an answer without choices: 300 x 4 = 1200
				Arguments.of("openai", "gpt-5.6-sol", TokenUsage.of(300, 0), "0.0012"),
				// 7 x 0.02 = 0.14
				Arguments.of("openai", "text-embedding-3-small", TokenUsage.of(7, 0), "0.00000014"),
				// 90 x 2.50 + 12 x 10 = 345
				Arguments.of("azure.ai.openai", "gpt-4o-2024-11-20", TokenUsage.of(90, 12), "0.000345"),
				Arguments.of("openai", "gpt-4o-2024-11-20", TokenUsage.of(90, 12), "0.000345"),
				// 50 + 1800 read + 248 written = 2098 input, 320 of 503 output are
				// thinking:
				// 50 x 4 + 1800 x 0.20 + 248 x 5 + 503 x 20 = 11860
				Arguments.of("anthropic", "claude-opus-5-5", new TokenUsage(2098, 503, 1800, 248, 320, true),
						"0.01186"),
				// 1500 + 40 for tools = 1540 input of which 1200 cached, 80 + 320
				// thoughts = 400
				// output: 340 x 0.50 + 1200 x 0.05 + 400 x 3 = 1430
				Arguments.of("gcp.gemini", "gemini-3-flash-preview", new TokenUsage(1540, 400, 1200, 0, 320, true),
						"0.00143"),
				Arguments.of("google_genai", "models/gemini-3-flash-preview",
						new TokenUsage(1540, 400, 1200, 0, 320, true), "0.00143"),
				// no price for cached tokens: 69 x 0.35 + 45 x 0.75 = 57.9
				Arguments.of("cerebras", "gpt-oss-120b", new TokenUsage(69, 45, 32, 0, 8, true), "0.0000579"),
				// 30 x 0.15 + 20 cached x 0.075 + 10 x 0.60 = 12
				Arguments.of("groq", "openai/gpt-oss-120b", new TokenUsage(50, 10, 20, 0, 0, true), "0.000012"),
				// reasoning is output: 500 x 2 + 163 cached x 0.50 + 174 x 6 = 2125.5
				Arguments.of("x_ai", "grok-4.7", new TokenUsage(663, 174, 163, 0, 124, true), "0.0021255"),
				// 200 x 0.30 + 30 x 0.90 = 87
				Arguments.of("mistral_ai", "codestral-2508", TokenUsage.of(200, 30), "0.000087"),
				// regional endpoint: 30 x 3.30 + 1800 x 0.33 + 200 x 4.125 + 120 x 16.50
				// = 3498
				Arguments.of("bedrock_converse", "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
						new TokenUsage(2030, 120, 1800, 200, 0, true), "0.003498"),
				// global endpoint: 30 x 3 + 1800 x 0.30 + 200 x 3.75 + 120 x 15 = 3180
				Arguments.of("aws.bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
						new TokenUsage(2030, 120, 1800, 200, 0, true), "0.00318"),
				// longer than 100000 tokens, cached ones included:
				// 1 x 0.50 + 100000 x 0.05 + 10 x 2.50 = 5025.5
				Arguments.of("anthropic", "claude-haiku-5-5", new TokenUsage(100_001, 10, 100_000, 0, 0, true),
						"0.0050255"),
				Arguments.of("ollama", "llama3.2:3b", TokenUsage.of(26, 282), "0"));
	}

	/**
	 * Of the 248 written tokens of Anthropic's answer, 100 are to live for one hour: 50 x
	 * 4 + 1800 x 0.20 + 148 x 5 + 100 x 8 + 503 x 20 = 12160.
	 */
	@Test
	void costsMoreToWriteWhatLivesLonger() {
		TokenUsage usage = new TokenUsage(2098, 503, 1800, 248, 320, true);
		assertThat(this.pricer.cost("anthropic", "claude-opus-5-5", usage,
				BillingDetails.PLAIN.withLongLivedCacheWrites(OptionalLong.of(100)), NOVEMBER))
			.isNotNull()
			.satisfies((cost) -> assertThat(cost.amount()).isEqualByComparingTo("0.01216"));
	}

	@ParameterizedTest
	@CsvSource({ "gpt-4o-mini, 0.15", "gpt-4o-mini-2024-07-18, 0.15", "gpt-4o, 2.5", "gpt-4o-2024-08-06, 2.5",
			"gpt-4o-2024-05-13, 5", "gpt-5.6, 4", "o3-mini-2025-01-31, 1.1", "gpt-3.5-turbo-0125, 0.5" })
	void tellsModelsOfOneFamilyApart(String model, BigDecimal input) {
		TokenCost cost = this.pricer.cost("openai", model, TokenUsage.of(1000, 0), BillingDetails.PLAIN, NOVEMBER);
		assertThat(cost).isNotNull();
		assertThat(cost.amount()).isEqualByComparingTo(input.movePointLeft(3));
	}

	@ParameterizedTest
	@CsvSource({ "2026-10-06T23:59:59Z, 0.2", "2026-10-07T00:00:00Z, 0.1" })
	void choosesThePriceOfTheDayOfTheCall(Instant at, String expected) {
		TokenUsage usage = new TokenUsage(1_000_000, 0, 1_000_000, 0, 0, true);
		assertThat(this.pricer.cost("anthropic", "claude-sonnet-5-5", usage, BillingDetails.PLAIN, at)).isNotNull()
			.satisfies((cost) -> assertThat(cost.amount()).isEqualByComparingTo(expected));
	}

	@ParameterizedTest
	@CsvSource({ "naver.clova, HCX-007", "openai, gpt-oss-120b", "unknown, gpt-oss-120b", "openai, grok-4.7",
			"deepseek, deepseek-v4-pro", "openai, gpt-audio", "ollama, gpt-oss:120b-cloud", "ollama, glm-4.6:cloud",
			"ollama.cloud, gpt-oss:120b", "openai, ft:gpt-4o-mini-2024-07-18:acme::x1", "acme, roadrunner",
			"anthropic, claude-opus-9", "unknown, unknown" })
	void doesNotGuess(String provider, String model) {
		assertThat(this.pricer.cost(provider, model, TokenUsage.of(10, 10), BillingDetails.PLAIN, NOVEMBER)).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "gateway, gpt-4o", "unknown, claude-opus-5", "unknown, gemini-2.5-flash" })
	void findsModelsOfUnknownProvidersByName(String provider, String model) {
		assertThat(this.pricer.cost(provider, model, TokenUsage.of(10, 10), BillingDetails.PLAIN, NOVEMBER))
			.isNotNull();
	}

	@ParameterizedTest
	@CsvSource({ "openai, text-embedding-3-small, 0.02", "openai, text-embedding-3-large, 0.13",
			"google_genai, gemini-embedding-001, 0.15", "mistral_ai, mistral-embed, 0.1",
			"mistral_ai, codestral-embed-2505, 0.15", "cohere, embed-v4.0, 0.12" })
	void pricesEmbeddings(String provider, String model, String cost) {
		assertThat(this.pricer.cost(provider, model, TokenUsage.of(1_000_000, 0), BillingDetails.PLAIN, NOVEMBER))
			.isNotNull()
			.satisfies((found) -> assertThat(found.amount()).isEqualByComparingTo(cost));
	}

	@Test
	void contradictNothing(CapturedOutput output) {
		PriceTable.load(null, LocalDate.of(2026, 11, 25), ProviderNames::nameOf);
		assertThat(output).doesNotContain("Different prices");
	}

	@Test
	void saysWhereAndWhenEachFigureWasRead() throws IOException {
		JsonNode root;
		try (InputStream content = new ClassPathResource("prices.json", PriceTable.class).getInputStream()) {
			root = JsonMapper.shared().readTree(content);
		}
		LocalDate updated = LocalDate.parse(root.get("updated").stringValue());
		assertThat(root.get("prices")).isNotEmpty().allSatisfy((entry) -> {
			assertThat(entry.get("source").stringValue()).startsWith("https://");
			assertThat(LocalDate.parse(entry.get("checked").stringValue())).isBeforeOrEqualTo(updated);
		});
	}

}
