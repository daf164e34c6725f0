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

package io.tokencounter.provider;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

import com.anthropic.models.messages.MessageDeltaUsage;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.genai.types.GenerateContentResponseUsageMetadata;
import com.openai.models.completions.CompletionUsage;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.pricing.PriceTable;
import io.tokencounter.pricing.TokenPricer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.anthropic.AnthropicWebSearchTool;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.google.genai.GoogleGenAiChatOptions;
import org.springframework.ai.google.genai.common.GoogleGenAiServiceTier;
import org.springframework.ai.google.genai.metadata.GoogleGenAiUsage;
import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is read beside the tokens and decides the price, and what calls then
 * cost at the built-in prices, worked out by hand.
 */
class BilledCallsTests {

	private static final Instant NOVEMBER = Instant.parse("2026-11-25T12:00:00Z");

	private static final String OPENAI_USAGE = """
			{"prompt_tokens":1800,"completion_tokens":120,"total_tokens":1920,
			"prompt_tokens_details":{"cached_tokens":1024,"cache_write_tokens":512},
			"completion_tokens_details":{"reasoning_tokens":64}}""";

	private static final String CLAUDE_USAGE = """
			{"input_tokens":50,"cache_creation_input_tokens":248,"cache_read_input_tokens":1800,
			"cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100},
			"output_tokens":503,"server_tool_use":null%s}""";

	private final ProviderCallReader reader = new ProviderCallReader(new TokenUsageReader(List::of));

	private final TokenPricer pricer = new TokenPricer(
			List.of(PriceTable.load(null, LocalDate.of(2026, 11, 25), ProviderNames::nameOf)));

	/**
	 * Of 1800 input 1024 are cached, 512 written and 264 neither. Flex is half of 4,
	 * 0.40, 5 and 20: 264 x 2 + 1024 x 0.20 + 512 x 2.50 + 120 x 10 = 3212.8. Priority is
	 * twice of it: 12851.2. At GPT-5.5, which charges nothing for writing, 264 + 512 x
	 * 12.50 + 1024 x 1.25 + 120 x 75 = 19980.
	 */
	@ParameterizedTest
	@CsvSource({ "gpt-5.6-sol, flex, 0.0032128", "gpt-5.6-sol, priority, 0.0128512", "gpt-5.6-sol, fast, 0.0128512",
			"gpt-5.6-sol, FLEX, 0.0032128", "gpt-5.5, priority, 0.01998", "gpt-5.6-sol, default, 0.0064256",
			"gpt-5.6-sol, auto, 0.0064256" })
	void costsWhatTheServiceTierCharges(String model, String tier, String cost) {
		OpenAiChatOptions options = OpenAiChatOptions.builder().serviceTier(tier).build();
		assertThat(costOf(model, options, openAi(OPENAI_USAGE))).isEqualByComparingTo(cost);
	}

	@Test
	void believesTheServiceTierOfTheAnswer() {
		OpenAiChatOptions asked = OpenAiChatOptions.builder().serviceTier("priority").build();
		assertThat(costOf("gpt-5.6-sol", asked, openAi(OPENAI_USAGE), "default")).isEqualByComparingTo("0.0064256");
		assertThat(costOf("gpt-5.6-sol", null, openAi(OPENAI_USAGE), "flex")).isEqualByComparingTo("0.0032128");
	}

	@Test
	void readsTheServiceTierOfTheBodyAndOfTheModelsOptions() {
		OpenAiChatOptions body = OpenAiChatOptions.builder().extraBody(Map.of("service_tier", "flex")).build();
		assertThat(costOf("gpt-5.6-sol", body, openAi(OPENAI_USAGE))).isEqualByComparingTo("0.0032128");
		SeenCall call = new SeenCall(request(null, body), CallOutcome.SUCCESS, "gpt-5.6-sol", null, null, 1, 0, 0,
				null);
		assertThat(this.reader.read(call).billing().serviceTier()).isEqualTo("flex");
	}

	/**
	 * GPT-5.5 has no priority price for long inputs, and nobody says what flex costs
	 * there or what any tier but these two costs.
	 */
	@ParameterizedTest
	@CsvSource({ "gpt-5.5, flex, 1800", "gpt-5.5, priority, 272001", "gpt-5.6-sol, scale, 1800",
			"gpt-4o-mini, flex, 1800", "gpt-4o-mini, priority, 1800", "gpt-6-sol, priority, 1800" })
	void hasNoCostInAServiceTierWithoutAPrice(String model, String tier, int input) {
		OpenAiChatOptions options = OpenAiChatOptions.builder().serviceTier(tier).build();
		Usage usage = openAi(
				"{\"prompt_tokens\":%d,\"completion_tokens\":1,\"total_tokens\":%d}".formatted(input, input + 1));
		assertThat(costOf(model, null, usage)).isNotNull();
		assertThat(costOf(model, options, usage)).isNull();
	}

	/**
	 * 1.1 times of 4, 0.20, 5, 8 and 20: 50 x 4.40 + 1800 x 0.22 + 148 x 5.50 + 100 x
	 * 8.80 + 503 x 22 = 13376.
	 */
	@Test
	void costsMoreWhereInferenceIsBoundToTheUnitedStates() {
		assertThat(costOf("claude-opus-5-5", null, claude(",\"inference_geo\":\"us\"")))
			.isEqualByComparingTo("0.013376");
		AnthropicChatOptions asked = AnthropicChatOptions.builder().inferenceGeo("us").build();
		assertThat(costOf("claude-opus-5-5", asked, claude(""))).isEqualByComparingTo("0.013376");
		for (String plain : List.of("global", "not_available")) {
			assertThat(costOf("claude-opus-5-5", asked, claude(",\"inference_geo\":\"" + plain + "\"")))
				.isEqualByComparingTo("0.01216");
		}
	}

	@ParameterizedTest
	@CsvSource({ "claude-opus-5-5, eu", "claude-haiku-4-5, us" })
	void hasNoCostInARegionWithoutAPrice(String model, String geo) {
		assertThat(costOf(model, null, claude(""))).isNotNull();
		assertThat(costOf(model, null, claude(",\"inference_geo\":\"" + geo + "\""))).isNull();
	}

	/**
	 * Twice of 5, 0.50, 6.25, 10 and 25: 50 x 10 + 1800 x 1 + 148 x 12.50 + 100 x 20 +
	 * 503 x 50 = 31300. In the United States 1.1 times of it.
	 */
	@Test
	void costsMoreAtHighSpeed() {
		assertThat(costOf("claude-opus-5", null, claude(",\"speed\":\"fast\""))).isEqualByComparingTo("0.0313");
		assertThat(costOf("claude-opus-5", null, claude(",\"speed\":\"fast\",\"inference_geo\":\"us\"")))
			.isEqualByComparingTo("0.03443");
		assertThat(costOf("claude-opus-5", null, claude(",\"speed\":\"standard\""))).isEqualByComparingTo("0.01565");
	}

	@ParameterizedTest
	@ValueSource(strings = { "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5" })
	void hasNoCostAtASpeedWithoutAPrice(String model) {
		assertThat(costOf(model, null, claude(",\"speed\":\"fast\""))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "priority", "batch" })
	void hasNoCostInAServiceTierOfClaudeWithoutAPrice(String tier) {
		assertThat(costOf("claude-opus-5-5", null, claude(",\"service_tier\":\"" + tier + "\""))).isNull();
		assertThat(costOf("claude-opus-5-5", null, claude(",\"service_tier\":\"standard\"")))
			.isEqualByComparingTo("0.01216");
	}

	/**
	 * 10682 x 4 + 1800 x 0.20 + 510 x 20 = 53288, and three of one thousand searches for
	 * 10.
	 */
	@Test
	void costsWhatThreeWebSearchesCost() {
		String usage = """
				{"input_tokens":10682,"cache_read_input_tokens":1800,"cache_creation_input_tokens":0,
				"output_tokens":510,"server_tool_use":{"web_search_requests":3,"web_fetch_requests":1}}""";
		assertThat(costOf("claude-opus-5-5", null, anthropic(usage, com.anthropic.models.messages.Usage.class)))
			.isEqualByComparingTo("0.083288");
		assertThat(costOf("claude-opus-5-5", searching(), anthropic(usage, MessageDeltaUsage.class)))
			.isEqualByComparingTo("0.083288");
	}

	@Test
	void hasNoCostWhereTheNumberOfWebSearchesIsNotTold() {
		assertThat(costOf("claude-opus-5-5", searching(), new DefaultUsage(50, 503))).isNull();
		Map<String, Object> body = Map.of("web_search_options", Map.of());
		assertThat(costOf("gpt-5.6-sol", OpenAiChatOptions.builder().extraBody(body).build(), openAi(OPENAI_USAGE)))
			.isNull();
		assertThat(
				billing("gpt-4o-search-preview-2025-03-11", OpenAiChatOptions.builder().build(), openAi(OPENAI_USAGE))
					.webSearches())
			.isEmpty();
		GoogleGenAiChatOptions grounded = GoogleGenAiChatOptions.builder().googleSearchRetrieval(true).build();
		assertThat(costOf("gemini-2.5-flash", grounded, gemini("{\"promptTokenCount\":10}"))).isNull();
	}

	/**
	 * 400 x 0.15 + 600 x 10 + 100 x 0.60 + 200 x 20 = 10120.
	 */
	@Test
	void costsWhatAudioCosts() {
		assertThat(costOf("gpt-4o-mini-audio-preview-2024-12-17", null, openAi("""
				{"prompt_tokens":1000,"completion_tokens":300,"total_tokens":1300,
				"prompt_tokens_details":{"audio_tokens":600},
				"completion_tokens_details":{"audio_tokens":200}}"""))).isEqualByComparingTo("0.01012");
	}

	/**
	 * Of 1540 input 1200 are cached text and 250 are audio: 90 x 0.30 + 1200 x 0.03 + 250
	 * x 1 + 400 x 2.50 = 1313.
	 */
	@Test
	void costsWhatAudioCostsBesideCachedText() {
		assertThat(costOf("gemini-2.5-flash", null, gemini(geminiUsage("TEXT")))).isEqualByComparingTo("0.001313");
	}

	@Test
	void hasNoCostForAudioWithoutAPrice() {
		// Cached audio has a price of its own, which is not known
		assertThat(costOf("gemini-2.5-flash", null, gemini(geminiUsage("AUDIO")))).isNull();
		assertThat(costOf("gemini-3-flash-preview", null, gemini(geminiUsage("TEXT")))).isNull();
		assertThat(costOf("gpt-4o", null, openAi("""
				{"prompt_tokens":1000,"completion_tokens":300,"total_tokens":1300,
				"prompt_tokens_details":{"audio_tokens":1}}"""))).isNull();
		assertThat(costOf("gpt-4o", null, openAi("""
				{"prompt_tokens":1000,"completion_tokens":300,"total_tokens":1300,
				"completion_tokens_details":{"audio_tokens":1}}"""))).isNull();
		// Whether the cached tokens are those of audio is not told
		assertThat(costOf("gpt-4o-mini-audio-preview", null, openAi("""
				{"prompt_tokens":1000,"completion_tokens":300,"total_tokens":1300,
				"prompt_tokens_details":{"audio_tokens":600,"cached_tokens":300}}"""))).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "ON_DEMAND, ", "ON_DEMAND_FLEX, flex", "ON_DEMAND_PRIORITY, priority",
			"PROVISIONED_THROUGHPUT, provisioned" })
	void readsTheTrafficOfGemini(String traffic, @Nullable String tier) {
		GoogleGenAiChatOptions asked = GoogleGenAiChatOptions.builder()
			.serviceTier(GoogleGenAiServiceTier.PRIORITY)
			.build();
		Usage usage = gemini("{\"promptTokenCount\":10,\"trafficType\":\"%s\"}".formatted(traffic));
		assertThat(billing("gemini-2.5-flash", asked, usage).serviceTier()).isEqualTo(tier);
		assertThat(billing("gemini-2.5-flash", asked, gemini("{\"promptTokenCount\":10}")).serviceTier())
			.isEqualTo("priority");
	}

	@ParameterizedTest
	@CsvSource({ "https://eu.api.openai.com/v1, eu", "https://us.api.openai.com/v1, us", "https://api.openai.com/v1, ",
			"https://eu.api.openai.com.example/v1, " })
	void readsTheRegionOfOpenAi(String baseUrl, @Nullable String region) {
		OpenAiChatOptions chat = OpenAiChatOptions.builder().baseUrl(baseUrl).build();
		OpenAiEmbeddingOptions embedding = OpenAiEmbeddingOptions.builder().baseUrl(baseUrl).build();
		for (ModelOptions options : List.of(chat, embedding)) {
			assertThat(billing("gpt-5.6-sol", options, openAi(OPENAI_USAGE)).inferenceRegion()).isEqualTo(region);
		}
	}

	@Test
	void doesNotGuessHowLongWhatWasWrittenIsToLiveWhereItIsAskedForInTheBody() {
		OpenAiChatOptions options = OpenAiChatOptions.builder()
			.extraBody(Map.of("prompt_cache_retention", "24h"))
			.build();
		assertThat(billing("gpt-6.2-sol", options, openAi(OPENAI_USAGE)).longLivedCacheWrites()).isEmpty();
		assertThat(costOf("gpt-6.2-sol", options, openAi(OPENAI_USAGE))).isNull();
		assertThat(costOf("gpt-6.2-sol", null, openAi(OPENAI_USAGE))).isNotNull();
	}

	@Test
	void isPlainForAnythingElse() {
		assertThat(billing("m", null, new DefaultUsage(1, 2))).isEqualTo(BillingDetails.PLAIN);
		assertThat(billing("m", OpenAiChatOptions.builder().build(), openAi("""
				{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}""")).withAudio(0, 0, OptionalLong.of(0)))
			.isEqualTo(BillingDetails.PLAIN);
	}

	@Test
	void hasNoCostWhereWhatDecidesThePriceCannotBeRead() {
		Usage broken = new DefaultUsage(1, 2) {

			@Override
			public Object getNativeUsage() {
				throw new IllegalStateException("broken");
			}

		};
		assertThat(costOf("gpt-4o", null, broken)).isNull();
		assertThat(costOf("gpt-4o", null, new DefaultUsage(1, 2))).isNotNull();
	}

	private @Nullable BigDecimal costOf(String model, @Nullable ModelOptions options, Usage usage) {
		return costOf(model, options, usage, null);
	}

	private @Nullable BigDecimal costOf(String model, @Nullable ModelOptions options, Usage usage,
			@Nullable String answeredTier) {
		CallReading reading = read(model, options, usage, answeredTier);
		TokenCost cost = this.pricer.cost(model, reading, NOVEMBER);
		return (cost != null) ? cost.amount() : null;
	}

	private BillingDetails billing(String model, @Nullable ModelOptions options, Usage usage) {
		return read(model, options, usage, null).billing();
	}

	private CallReading read(String model, @Nullable ModelOptions options, Usage usage, @Nullable String answeredTier) {
		return this.reader.read(new SeenCall(request(options, null, provider(model)), CallOutcome.SUCCESS, model, null,
				usage, 1, 0, 0, null, answeredTier));
	}

	private static CallRequest request(@Nullable ModelOptions options, @Nullable ModelOptions defaultOptions) {
		return request(options, defaultOptions, "openai");
	}

	private static CallRequest request(@Nullable ModelOptions options, @Nullable ModelOptions defaultOptions,
			String provider) {
		return new CallRequest(UUID.randomUUID(), "chat", provider, null, options, defaultOptions, null, false,
				NOVEMBER, CallAttribution.NONE, null);
	}

	private static String provider(String model) {
		if (model.startsWith("claude")) {
			return "anthropic";
		}
		return model.startsWith("gemini") ? "google_genai" : (model.equals("m") ? TokenCall.UNKNOWN : "openai");
	}

	private static AnthropicChatOptions searching() {
		return AnthropicChatOptions.builder().webSearchTool(AnthropicWebSearchTool.builder().build()).build();
	}

	private static String geminiUsage(String cached) {
		return """
				{"promptTokenCount":1500,"candidatesTokenCount":80,"totalTokenCount":1940,"cachedContentTokenCount":1200,
				"promptTokensDetails":[{"modality":"TEXT","tokenCount":1250},{"modality":"AUDIO","tokenCount":250}],
				"cacheTokensDetails":[{"modality":"%s","tokenCount":1200}],
				"thoughtsTokenCount":320,"toolUsePromptTokenCount":40,"trafficType":"ON_DEMAND"}"""
			.formatted(cached);
	}

	private static Usage openAi(String json) {
		try {
			CompletionUsage nativeUsage = com.openai.core.ObjectMappers.jsonMapper()
				.readValue(json, CompletionUsage.class);
			return new DefaultUsage(1, 1, 2, nativeUsage);
		}
		catch (JsonProcessingException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static Usage claude(String more) {
		return anthropic(CLAUDE_USAGE.formatted(more), com.anthropic.models.messages.Usage.class);
	}

	private static Usage anthropic(String json, Class<?> type) {
		try {
			return new DefaultUsage(1, 1, 2, com.anthropic.core.ObjectMappers.jsonMapper().readValue(json, type));
		}
		catch (JsonProcessingException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static Usage gemini(String json) {
		return GoogleGenAiUsage.from(GenerateContentResponseUsageMetadata.fromJson(json));
	}

}
