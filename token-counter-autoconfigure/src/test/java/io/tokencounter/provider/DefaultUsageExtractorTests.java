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

import io.tokencounter.TokenUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.MessageAggregator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DefaultUsageExtractor}.
 */
class DefaultUsageExtractorTests {

	private final TokenUsageReader reader = new TokenUsageReader(List::of);

	@Test
	void readsPromptAndCompletion() {
		assertThat(read(new DefaultUsage(26, 282), "ollama")).isEqualTo(TokenUsage.of(26, 282));
	}

	@Test
	void takesCacheTokensAsPartOfTheInput() {
		assertThat(read(new DefaultUsage(200, 30, 230, null, 128L, 10L), "mistral_ai"))
			.isEqualTo(new TokenUsage(200, 30, 128, 10, 0, true));
	}

	@ParameterizedTest
	@ValueSource(strings = { "bedrock_converse", "aws.bedrock", "unknown" })
	void addsCacheTokensThatTheTotalHasOnTop(String provider) {
		assertThat(read(new DefaultUsage(30, 120, 2150, null, 1800L, 200L), provider))
			.isEqualTo(new TokenUsage(2030, 120, 1800, 200, 0, true));
	}

	@Test
	void addsCacheTokensOfAnthropicThoughTheTotalLeavesThemOut() {
		// Fewer than the prompt, so that only the provider's name tells
		assertThat(read(new DefaultUsage(500, 503, 1003, null, 100L, 48L), "anthropic"))
			.isEqualTo(new TokenUsage(648, 503, 100, 48, 0, true));
	}

	@Test
	void addsCacheTokensThatAreMoreThanThePrompt() {
		assertThat(read(new DefaultUsage(50, 503, 553, null, 1800L, 248L), "unknown"))
			.isEqualTo(new TokenUsage(2098, 503, 1800, 248, 0, true));
	}

	@Test
	void countsThoughtsOfAnAggregatedGeminiStreamAsOutput() {
		assertThat(read(new MessageAggregator.DefaultUsage(1500, 80, 1940), "gcp.gemini"))
			.isEqualTo(TokenUsage.of(1500, 440));
	}

	@Test
	void countsCacheTokensOfAnAggregatedBedrockStreamAsInput() {
		assertThat(read(new MessageAggregator.DefaultUsage(30, 120, 2150), "bedrock_converse"))
			.isEqualTo(TokenUsage.of(2030, 120));
	}

	@Test
	void takesATotalWithoutPartsAsInput() {
		assertThat(read(new DefaultUsage(0, 0, 42), "google_genai")).isEqualTo(TokenUsage.of(42, 0));
	}

	@Test
	void believesThePartsWhereTheTotalIsSmaller() {
		assertThat(read(new DefaultUsage(10, 20, 15), "unknown")).isEqualTo(TokenUsage.of(10, 20));
		assertThat(read(new DefaultUsage(10, 20, 0), "unknown")).isEqualTo(TokenUsage.of(10, 20));
	}

	@Test
	void takesAnOverflownTotalAsUnknown() {
		Usage overflown = new DefaultUsage(Integer.MAX_VALUE, Integer.MAX_VALUE);
		assertThat(overflown.getTotalTokens()).isNegative();
		assertThat(read(overflown, "unknown")).isEqualTo(TokenUsage.of(Integer.MAX_VALUE, Integer.MAX_VALUE));
	}

	@Test
	void takesNegativeCountsAsZero() {
		assertThat(read(new DefaultUsage(-5, 20, 20, null, -1L, -2L), "unknown")).isEqualTo(TokenUsage.of(0, 20));
	}

	@Test
	void isUnreportedWhereAllIsZero() {
		assertThat(read(new MessageAggregator.DefaultUsage(0, 0, 0), "openai")).isEqualTo(TokenUsage.unreported());
	}

	private TokenUsage read(Usage usage, String provider) {
		return this.reader.read(usage, provider);
	}

}
