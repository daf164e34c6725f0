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

import java.util.OptionalLong;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tokencounter.TokenUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.anthropic.AnthropicCacheOptions;
import org.springframework.ai.anthropic.AnthropicCacheStrategy;
import org.springframework.ai.anthropic.AnthropicCacheTtl;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.openai.OpenAiChatOptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LongLivedCacheWrites}.
 */
class LongLivedCacheWritesTests {

	private static final TokenUsage TOKENS = new TokenUsage(1000, 10, 0, 248, 0, true);

	@Test
	void areThoseOfTheAnswer() {
		Usage usage = anthropic("""
				{"input_tokens":50,"output_tokens":10,"cache_creation_input_tokens":248,
				"cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100}}""");
		assertThat(count(usage, null)).hasValue(100);
		// The answer knows better than the request
		assertThat(count(usage, options(AnthropicCacheStrategy.SYSTEM_ONLY, MessageType.SYSTEM))).hasValue(100);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1", "0", "null", "\"many\"" })
	void areNoneWhereTheAnswerHasNonsense(String count) {
		assertThat(count(anthropic("""
				{"input_tokens":50,"output_tokens":10,"cache_creation_input_tokens":248,
				"cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":%s}}""".formatted(count)),
				null))
			.hasValue(0);
	}

	@Test
	void areNotMoreThanWereWritten() {
		assertThat(count(anthropic("""
				{"input_tokens":50,"output_tokens":10,"cache_creation_input_tokens":248,
				"cache_creation":{"ephemeral_1h_input_tokens":5000}}"""), null)).hasValue(248);
	}

	@ParameterizedTest
	@EnumSource(value = AnthropicCacheStrategy.class, names = { "SYSTEM_ONLY", "TOOLS_ONLY", "SYSTEM_AND_TOOLS" })
	void areAllOrNoneOfAStreamByTheTimeOfSystemMessages(AnthropicCacheStrategy strategy) {
		assertThat(count(null, options(strategy, MessageType.SYSTEM))).hasValue(248);
		assertThat(count(null, options(strategy, MessageType.USER))).hasValue(0);
		assertThat(count(null, options(strategy))).hasValue(0);
	}

	@Test
	void areUnknownWhereAStreamedConversationIsCachedForDifferentTimes() {
		AnthropicCacheStrategy strategy = AnthropicCacheStrategy.CONVERSATION_HISTORY;
		assertThat(count(null, options(strategy, MessageType.SYSTEM))).isEmpty();
		assertThat(count(null, options(strategy, MessageType.values()))).hasValue(248);
		assertThat(count(null, options(strategy))).hasValue(0);
	}

	@Test
	void areNoneWhereNothingIsCachedByTheRequest() {
		assertThat(count(null, options(AnthropicCacheStrategy.NONE, MessageType.SYSTEM))).hasValue(0);
		assertThat(count(null, null)).hasValue(0);
		assertThat(count(null, OpenAiChatOptions.builder().build())).hasValue(0);
	}

	@ParameterizedTest
	@EnumSource(value = AnthropicCacheStrategy.class, names = "NONE", mode = Mode.EXCLUDE)
	void areNoneWhereNothingWasWritten(AnthropicCacheStrategy strategy) {
		assertThat(LongLivedCacheWrites.count(TokenUsage.of(10, 10), null, options(strategy, MessageType.SYSTEM), null))
			.hasValue(0);
	}

	@Test
	void areByTheOptionsOfTheModelWhereTheRequestHasNone() {
		assertThat(LongLivedCacheWrites.count(TOKENS, null, null,
				options(AnthropicCacheStrategy.SYSTEM_ONLY, MessageType.SYSTEM)))
			.hasValue(248);
	}

	private static OptionalLong count(Usage usage, ChatOptions options) {
		return LongLivedCacheWrites.count(TOKENS, usage, options, null);
	}

	private static ChatOptions options(AnthropicCacheStrategy strategy, MessageType... forAnHour) {
		AnthropicCacheOptions.Builder cache = AnthropicCacheOptions.builder().strategy(strategy);
		for (MessageType type : forAnHour) {
			cache.messageTypeTtl(type, AnthropicCacheTtl.ONE_HOUR);
		}
		return AnthropicChatOptions.builder().model("claude").maxTokens(10).cacheOptions(cache.build()).build();
	}

	private static Usage anthropic(String json) {
		try {
			return new DefaultUsage(50, 10, 60, com.anthropic.core.ObjectMappers.jsonMapper()
				.readValue(json, com.anthropic.models.messages.Usage.class));
		}
		catch (JsonProcessingException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

}
