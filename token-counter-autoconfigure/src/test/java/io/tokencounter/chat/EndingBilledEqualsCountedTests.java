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

package io.tokencounter.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;

import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.CountedTokens;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is billed is counted: calls that fail, are cancelled or end without usage.
 */
class EndingBilledEqualsCountedTests extends AbstractBilledEqualsCountedTests {

	@ParameterizedTest
	@MethodSource
	void failure(Case test) {
		test.run(this);
	}

	Stream<Case> failure() {
		List<Case> cases = new ArrayList<>();
		providerModels().forEach((name, model) -> {
			ChatClient client = client(model);
			for (String marker : List.of("fail-429", "fail-500")) {
				String text = "Hello, " + marker;
				cases.add(failing(name + " call " + marker, () -> model.call(text)));
				cases.add(failing(name + " stream " + marker, () -> model.stream(text).blockLast()));
				cases.add(failing(name + " client call " + marker, () -> client.prompt(text).call().content()));
				cases.add(failing(name + " client stream " + marker,
						() -> client.prompt(text).stream().content().blockLast()));
				cases.add(failing(name + " client stream with memory " + marker,
						() -> withMemory(client, text).stream().content().blockLast()));
				cases.add(failing(name + " client entity " + marker,
						() -> client.prompt(text).call().entity(Tide.class)));
			}
			cases.add(failing(name + " stream broken off", () -> model.stream("Hello, fail-midway").blockLast()));
			cases.add(failing(name + " client stream broken off",
					() -> client.prompt("Hello, fail-midway").stream().content().blockLast()));
			cases.add(failing(name + " client entity of an answer that is none",
					() -> client.prompt(HELLO).call().entity(Tide.class)));
			cases.add(all(name + " client tool that throws", () -> client.prompt(TIDE).tools(new TideTable(() -> {
				throw new IllegalStateException("No tide");
			})).call().content()));
			cases.add(all(name + " stream tried again after a failure",
					() -> model.stream("Hello, fail-once " + UUID.randomUUID()).retry(1).blockLast()));
		});
		return cases.stream();
	}

	@Test
	void callThatTheProvidersClientTriesAgain() {
		ChatModel model = ChatModels.openAi(provider, "fail-once", this.observationRegistry, 1);
		model.call(HELLO);
		settle(1);
		List<Bill> bills = provider.ledger().bills();
		assertThat(bills).hasSize(2);
		assertThat(added()).isEqualTo(CountedTokens.billed(bills.subList(1, 2), Seeing.ALL));
	}

	@ParameterizedTest
	@MethodSource
	void answerWithoutUsage(Case test) {
		test.run(this);
	}

	Stream<Case> answerWithoutUsage() {
		List<Case> cases = new ArrayList<>();
		Map.of("openAi", this.openAi, "ollama", this.ollama).forEach((name, model) -> {
			ChatClient client = client(model);
			String text = "Hello, no-usage";
			cases.add(all(name + " call", () -> model.call(text)));
			cases.add(all(name + " stream", () -> model.stream(text).blockLast()));
			cases.add(all(name + " client call", () -> client.prompt(text).call().content()));
			cases.add(all(name + " client stream", () -> client.prompt(text).stream().content().blockLast()));
		});
		Map.of("openAi", this.openAi, "anthropic", this.anthropic).forEach((name, model) -> {
			// Spring AI drops the usage of an answer without choices or content
			cases.add(all(name + " call without choices", () -> model.call("Hello, no-choices")));
			cases.add(all(name + " client call without choices",
					() -> client(model).prompt("Hello, no-choices").call().content()));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void cancelledStream(Case test) {
		test.run(this);
	}

	Stream<Case> cancelledStream() {
		List<Case> cases = new ArrayList<>();
		Map<String, Function<String, Flux<?>>> streams = new LinkedHashMap<>();
		providerModels().forEach((name, model) -> {
			ChatClient client = client(model);
			streams.put(name + " stream", (text) -> model.stream(new Prompt(text)));
			streams.put(name + " client stream", (text) -> client.prompt(text).stream().content());
			streams.put(name + " client stream with memory",
					(text) -> withMemory(client, text).stream().chatResponse());
		});
		for (String name : List.of("openAiThenOllama", "rewritingOllama")) {
			ChatModel model = bean(name);
			streams.put(name + " stream", (text) -> model.stream(new Prompt(text)));
		}
		streams.forEach((name, stream) -> {
			// Whoever cancels a stream of Anthropic's client from another thread is
			// blocked
			// until the provider sends something
			for (String text : name.startsWith("anthropic") ? List.of("Hello, endless")
					: List.of("Hello, slow-stream", "Hello, endless")) {
				cases.add(cancelled("%s take(1), '%s'".formatted(name, text),
						() -> stream.apply(text).take(1).blockLast()));
				if (!name.equals("anthropic stream")) {
					cases.add(cancelled("%s dispose, '%s'".formatted(name, text), () -> {
						CountDownLatch first = new CountDownLatch(1);
						Disposable subscription = stream.apply(text).subscribe((chunk) -> first.countDown());
						await(first);
						subscription.dispose();
					}));
				}
				cases.add(cancelled("%s handler throws, '%s'".formatted(name, text),
						() -> assertThatException().isThrownBy(() -> stream.apply(text).doOnNext((chunk) -> {
							throw new IllegalStateException("Enough");
						}).blockLast())));
			}
		});
		return cases.stream();
	}

	@Test
	void streamOfAnthropicThatAnotherThreadCancels() {
		CountDownLatch first = new CountDownLatch(1);
		Disposable subscription = this.anthropic.stream(new Prompt("Hello, endless"))
			.subscribe((chunk) -> first.countDown());
		await(first);
		subscription.dispose();
		provider.releaseStreams();
		provider.awaitIdle();
		settle(1);
		// Its client's reading thread may fail on the closed connection before the
		// observation stops, and that is no failure
		assertThat(added()).isEqualTo(CountedTokens.billed(provider.ledger().bills(), Seeing.CANCELLED));
	}

	private static void await(CountDownLatch latch) {
		Conditions.await("first chunk", () -> latch.getCount() == 0);
	}

}
