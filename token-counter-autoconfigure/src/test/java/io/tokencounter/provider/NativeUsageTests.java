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

import java.util.List;
import java.util.Map;

import com.anthropic.models.messages.MessageDeltaUsage;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.genai.types.GenerateContentResponseUsageMetadata;
import com.openai.models.completions.CompletionUsage;
import io.tokencounter.TokenUsage;
import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.deepseek.api.DeepSeekApi;
import org.springframework.ai.google.genai.metadata.GoogleGenAiUsage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for reading the native usage of each provider, in shapes that no fixture has.
 */
class NativeUsageTests {

	private final TokenUsageReader reader = new TokenUsageReader(List::of);

	@Test
	void readsDeepSeekCacheHitsAsPartOfTheInput() {
		assertThat(openAi("""
				{"prompt_tokens":500,"completion_tokens":20,"total_tokens":520,
				"prompt_cache_hit_tokens":448,"prompt_cache_miss_tokens":52}""")).isEqualTo(usage(500, 20, 448, 0, 0));
	}

	@Test
	void readsCachedTokensOfMistralBehindTheOpenAiClient() {
		assertThat(openAi("""
				{"prompt_tokens":200,"completion_tokens":30,"total_tokens":230,"num_cached_tokens":128}"""))
			.isEqualTo(usage(200, 30, 128, 0, 0));
	}

	@Test
	void readsCachedTokensOfMoonshot() {
		assertThat(openAi("""
				{"prompt_tokens":200,"completion_tokens":30,"total_tokens":230,"cached_tokens":128}"""))
			.isEqualTo(usage(200, 30, 128, 0, 0));
	}

	@Test
	void readsCacheTokensOfAGatewayBeforeClaude() {
		assertThat(openAi("""
				{"prompt_tokens":2098,"completion_tokens":503,"total_tokens":2601,
				"prompt_tokens_details":{"cached_tokens":1800,"cache_creation_tokens":248}}"""))
			.isEqualTo(usage(2098, 503, 1800, 248, 0));
		assertThat(openAi("""
				{"prompt_tokens":2098,"completion_tokens":503,"total_tokens":2601,
				"cache_creation_input_tokens":248,"cache_read_input_tokens":1800}"""))
			.isEqualTo(usage(2098, 503, 1800, 248, 0));
	}

	@Test
	void addsCacheTokensOfAGatewayThatLeavesThemOutOfThePrompt() {
		assertThat(openAi("""
				{"prompt_tokens":50,"completion_tokens":503,"total_tokens":553,
				"cache_creation_input_tokens":248,"cache_read_input_tokens":1800}"""))
			.isEqualTo(usage(2098, 503, 1800, 248, 0));
	}

	@Test
	void clampsWhatNoProviderCanMean() {
		assertThat(openAi("""
				{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
				"completion_tokens_details":{"reasoning_tokens":1000000000000000000}}""").output())
			.isEqualTo(5 + (1L << 53));
	}

	@Test
	void addsReasoningThatTheTotalHasOnTopAtXai() {
		assertThat(openAi("""
				{"prompt_tokens":663,"completion_tokens":50,"total_tokens":837,
				"completion_tokens_details":{"reasoning_tokens":124}}""")).isEqualTo(usage(663, 174, 0, 0, 124));
	}

	@Test
	void addsReasoningOnTopThoughItCouldBePartOfTheCompletion() {
		assertThat(openAi("""
				{"prompt_tokens":663,"completion_tokens":200,"total_tokens":987,
				"completion_tokens_details":{"reasoning_tokens":124}}""")).isEqualTo(usage(663, 324, 0, 0, 124));
	}

	@Test
	void takesWhatTheTotalHasOnTopForReasoningRatherThanForCachedTokens() {
		assertThat(openAi("""
				{"prompt_tokens":663,"completion_tokens":200,"total_tokens":987,
				"prompt_tokens_details":{"cached_tokens":124},
				"completion_tokens_details":{"reasoning_tokens":124}}""")).isEqualTo(usage(663, 324, 124, 0, 124));
	}

	@Test
	void doesNotAddReasoningWhereAGatewayAlreadyDid() {
		assertThat(openAi("""
				{"prompt_tokens":663,"completion_tokens":174,"total_tokens":837,
				"completion_tokens_details":{"reasoning_tokens":124}}""")).isEqualTo(usage(663, 174, 0, 0, 124));
	}

	@Test
	void addsReasoningThatIsMoreThanTheCompletion() {
		assertThat(openAi("""
				{"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,
				"completion_tokens_details":{"reasoning_tokens":95305}}""")).isEqualTo(usage(33, 102468, 0, 0, 95305));
	}

	@Test
	void countsWhatOnlyTheTotalHasAsOutputAtGeminisOpenAiEndpoint() {
		assertThat(openAi("""
				{"prompt_tokens":10,"completion_tokens":5,"total_tokens":115}""")).isEqualTo(usage(10, 105, 0, 0, 0));
	}

	@Test
	void addsCacheTokensThatTheTotalHasOnTop() {
		assertThat(openAi("""
				{"prompt_tokens":30,"completion_tokens":120,"total_tokens":1950,
				"prompt_tokens_details":{"cached_tokens":1800}}""")).isEqualTo(usage(1830, 120, 1800, 0, 0));
	}

	@Test
	void addsCitationAndReasoningOfPerplexitysDeepResearch() {
		assertThat(openAi("""
				{"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,"citation_tokens":8000,
				"reasoning_tokens":500,"num_search_queries":19}""")).isEqualTo(usage(8033, 7663, 0, 0, 500));
	}

	@Test
	void cutsOffMoreCachedTokensThanThePromptHas() {
		assertThat(openAi("""
				{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
				"prompt_tokens_details":{"cached_tokens":50,"cache_write_tokens":7}}"""))
			.isEqualTo(usage(10, 5, 10, 0, 0));
	}

	@Test
	void passesOverMalformedDetails() {
		assertThat(openAi("""
				{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
				"prompt_tokens_details":{"cached_tokens":"many","cache_write_tokens":"some"},
				"completion_tokens_details":"none","prompt_cache_hit_tokens":[4]}""")).isEqualTo(usage(10, 5, 0, 0, 0));
	}

	@Test
	void countsBeyondTheRangeOfAnInteger() {
		assertThat(openAi("""
				{"prompt_tokens":3000000000,"completion_tokens":4000000000,"total_tokens":7000000000}"""))
			.isEqualTo(usage(3_000_000_000L, 4_000_000_000L, 0, 0, 0));
	}

	@Test
	void zeroNativeUsageIsUnreported() {
		CompletionUsage zero = CompletionUsage.builder().promptTokens(0).completionTokens(0).totalTokens(0).build();
		assertThat(read(new DefaultUsage(0, 0, 0, zero))).isEqualTo(TokenUsage.unreported());
	}

	@Test
	void readsTheInputOfAnAnthropicStreamFromItsEnd() {
		// The stream's start said 472 input tokens, before a web search
		MessageDeltaUsage delta = anthropic("""
				{"input_tokens":10682,"output_tokens":510,"cache_read_input_tokens":0,
				"cache_creation_input_tokens":0,"server_tool_use":{"web_search_requests":1}}""",
				MessageDeltaUsage.class);
		assertThat(read(new DefaultUsage(472, 510, 982, delta, 0L, 0L))).isEqualTo(usage(10682, 510, 0, 0, 0));
	}

	@Test
	void readsTheInputOfAnAnthropicStreamFromItsStartWhereTheEndLeavesItOut() {
		MessageDeltaUsage delta = anthropic("""
				{"output_tokens":15}""", MessageDeltaUsage.class);
		assertThat(read(new DefaultUsage(25, 15, 40, delta))).isEqualTo(usage(25, 15, 0, 0, 0));
	}

	@Test
	void readsTheCountsOfAnAnthropicStreamFromItsStartWhereTheEndHasZeros() {
		MessageDeltaUsage delta = anthropic("""
				{"input_tokens":0,"output_tokens":15,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}""",
				MessageDeltaUsage.class);
		assertThat(read(new DefaultUsage(12, 15, 27, delta, 100L, 7L))).isEqualTo(usage(119, 15, 100, 7, 0));
	}

	@Test
	void passesOverMalformedAnthropicCounts() {
		com.anthropic.models.messages.Usage malformed = anthropic("""
				{"input_tokens":25,"output_tokens":15,"cache_read_input_tokens":"many",
				"output_tokens_details":{"thinking_tokens":{}}}""", com.anthropic.models.messages.Usage.class);
		assertThat(read(new DefaultUsage(25, 15, 40, malformed))).isEqualTo(usage(25, 15, 0, 0, 0));
	}

	@Test
	void cutsOffMoreThinkingThanOutput() {
		com.anthropic.models.messages.Usage approximate = anthropic("""
				{"input_tokens":25,"output_tokens":15,"output_tokens_details":{"thinking_tokens":16}}""",
				com.anthropic.models.messages.Usage.class);
		assertThat(read(new DefaultUsage(25, 15, 40, approximate))).isEqualTo(usage(25, 15, 0, 0, 15));
	}

	@Test
	void readsAnEarlyGeminiChunkWithoutCandidates() {
		assertThat(read(GoogleGenAiUsage.from(GenerateContentResponseUsageMetadata.builder()
			.promptTokenCount(1500)
			.totalTokenCount(1840)
			.cachedContentTokenCount(1200)
			.thoughtsTokenCount(300)
			.toolUsePromptTokenCount(40)
			.build()))).isEqualTo(usage(1540, 300, 1200, 0, 300));
	}

	@Test
	void readsGeminiWithoutATotal() {
		assertThat(read(GoogleGenAiUsage.from(GenerateContentResponseUsageMetadata.builder()
			.promptTokenCount(10)
			.candidatesTokenCount(5)
			.thoughtsTokenCount(7)
			.build()))).isEqualTo(usage(10, 12, 0, 0, 7));
	}

	@Test
	void readsGeminiWithoutItsExtendedUsage() {
		assertThat(read(new DefaultUsage(1500, 80, 1940))).isEqualTo(usage(1500, 440, 0, 0, 0));
	}

	@Test
	void readsCachedTokensOfDeepSeeksOwnClient() {
		DeepSeekApi.Usage cached = new DeepSeekApi.Usage(20, 500, 520, new DeepSeekApi.Usage.PromptTokensDetails(448));
		assertThat(read(new DefaultUsage(500, 20, 520, cached))).isEqualTo(usage(500, 20, 448, 0, 0));
		DeepSeekApi.Usage plain = new DeepSeekApi.Usage(20, 500, 520, null);
		assertThat(read(new DefaultUsage(500, 20, 520, plain))).isEqualTo(usage(500, 20, 0, 0, 0));
	}

	@Test
	void readsTheGettersWhereTheNativeUsageIsOfNoKnownType() {
		assertThat(read(new DefaultUsage(7, 5, 12, Map.of("tokens", 99)))).isEqualTo(usage(7, 5, 0, 0, 0));
		assertThat(read(new DefaultUsage(7, 5, 12, "12 tokens"))).isEqualTo(usage(7, 5, 0, 0, 0));
	}

	private TokenUsage read(Usage usage) {
		return this.reader.read(usage, "unknown");
	}

	private TokenUsage openAi(String json) {
		try {
			CompletionUsage nativeUsage = com.openai.core.ObjectMappers.jsonMapper()
				.readValue(json, CompletionUsage.class);
			return read(new DefaultUsage(1, 1, 2, nativeUsage));
		}
		catch (JsonProcessingException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static <T> T anthropic(String json, Class<T> type) {
		try {
			return com.anthropic.core.ObjectMappers.jsonMapper().readValue(json, type);
		}
		catch (JsonProcessingException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static TokenUsage usage(long input, long output, long cacheRead, long cacheWrite, long reasoning) {
		return new TokenUsage(input, output, cacheRead, cacheWrite, reasoning, true);
	}

}
