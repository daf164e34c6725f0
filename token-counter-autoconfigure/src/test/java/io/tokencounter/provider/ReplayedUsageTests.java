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

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.tokencounter.TokenUsage;
import io.tokencounter.testsupport.ReplayProvider;
import io.tokencounter.testsupport.ReplayedModels;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds what is read of each provider's answer, replayed over HTTP through Spring AI's
 * real model, to what that provider's documentation says was billed.
 */
class ReplayedUsageTests {

	private static ReplayProvider provider;

	private final TokenUsageReader reader = new TokenUsageReader(List::of);

	@BeforeAll
	static void start() {
		provider = ReplayProvider.start();
	}

	@AfterAll
	static void stop() {
		provider.close();
	}

	static Stream<Arguments> answers() {
		return Stream.of(
				// prompt_tokens includes cached_tokens and cache_write_tokens
				billed("openai", 1800, 120, 1024, 512, 64), billed("azure-openai", 90, 12, 0, 0, 0),
				billed("cerebras", 69, 45, 32, 0, 8),
				// 50 input_tokens, 1800 read and 248 written beside them
				billed("anthropic", 2098, 503, 1800, 248, 320),
				// 1500 prompt and 40 tool use; 80 candidates and 320 thoughts
				billed("google-genai", 1540, 400, 1200, 0, 320), billed("ollama", 26, 282, 0, 0, 0));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answers")
	void readsWhatWasBilledForACall(String fixture, TokenUsage billed) {
		assertThat(read(ReplayedModels.model(provider, fixture).call(new Prompt("hello")))).isEqualTo(billed);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answers")
	void readsWhatWasBilledForAStream(String fixture, TokenUsage billed) {
		assertThat(readLast(ReplayedModels.model(provider, fixture)
			.stream(new Prompt("hello"))
			.collectList()
			.block(Duration.ofSeconds(30)))).isEqualTo(billed);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answers")
	void readsWhatWasBilledForACallOfAChatClient(String fixture, TokenUsage billed) {
		ChatClient client = ChatClient.create(ReplayedModels.model(provider, fixture));
		assertThat(read(client.prompt("hello").call().chatResponse())).isEqualTo(billed);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answers")
	void readsWhatWasBilledForAStreamOfAChatClient(String fixture, TokenUsage billed) {
		ChatClient client = ChatClient.create(ReplayedModels.model(provider, fixture));
		assertThat(readLast(client.prompt("hello").stream().chatResponse().collectList().block(Duration.ofSeconds(30))))
			.isEqualTo(billed);
	}

	@Test
	void readsNaverClovaCallAndStreamOfDifferentModels() {
		ChatModel model = ReplayedModels.model(provider, "clova-openai");
		assertThat(read(model.call(new Prompt("hello")))).isEqualTo(new TokenUsage(58, 631, 0, 0, 366, true));
		assertThat(readLast(model.stream(new Prompt("hello")).collectList().block(Duration.ofSeconds(30))))
			.isEqualTo(TokenUsage.of(20, 5));
	}

	@Test
	void readsTheUsageOfACallThatAsksForATool() {
		ChatModel model = ReplayedModels.model(provider, "openai-toolcall");
		TokenUsage billed = new TokenUsage(1000, 40, 800, 100, 16, true);
		assertThat(read(model.call(new Prompt("hello")))).isEqualTo(billed);
		assertThat(readLast(model.stream(new Prompt("hello")).collectList().block(Duration.ofSeconds(30))))
			.isEqualTo(billed);
	}

	@Test
	void isUnreportedWhereTheProviderSaysNothing() {
		ChatModel openAi = ReplayedModels.model(provider, "openai-nousage");
		assertThat(read(openAi.call(new Prompt("hello")))).isEqualTo(TokenUsage.unreported());
		assertThat(readLast(openAi.stream(new Prompt("hello")).collectList().block(Duration.ofSeconds(30))))
			.isEqualTo(TokenUsage.unreported());
		assertThat(read(ReplayedModels.model(provider, "ollama-nousage").call(new Prompt("hello"))))
			.isEqualTo(TokenUsage.unreported());
	}

	@Test
	void isUnreportedWhereSpringAiDropsTheUsageOfAnAnswerWithoutChoices() {
		ChatModel model = ReplayedModels.model(provider, "openai-nochoices");
		assertThat(read(model.call(new Prompt("hello")))).isEqualTo(TokenUsage.unreported());
	}

	@Test
	void chunksBeforeTheUsageSayNothing() {
		List<ChatResponse> chunks = ReplayedModels.model(provider, "openai")
			.stream(new Prompt("hello"))
			.collectList()
			.block(Duration.ofSeconds(30));
		assertThat(chunks).hasSizeGreaterThan(1);
		assertThat(chunks.subList(0, chunks.size() - 1)).noneMatch((chunk) -> read(chunk).reported());
		assertThat(this.reader.read(chunks.get(0).getMetadata().getUsage(), "openai"))
			.isEqualTo(TokenUsage.unreported());
	}

	private TokenUsage read(ChatResponse response) {
		return this.reader.read(response.getMetadata().getUsage(), "unknown");
	}

	private TokenUsage readLast(List<ChatResponse> chunks) {
		Usage last = null;
		for (ChatResponse chunk : chunks) {
			Usage usage = chunk.getMetadata().getUsage();
			if (read(chunk).reported()) {
				last = usage;
			}
		}
		return this.reader.read(last, "unknown");
	}

	private static Arguments billed(String fixture, long input, long output, long cacheRead, long cacheWrite,
			long reasoning) {
		return Arguments.of(fixture, new TokenUsage(input, output, cacheRead, cacheWrite, reasoning, true));
	}

}
