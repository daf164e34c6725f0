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
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is billed is counted: calls of models over other models.
 */
class CompositeBilledEqualsCountedTests extends AbstractBilledEqualsCountedTests {

	@ParameterizedTest
	@MethodSource
	void composite(Case test) {
		test.run(this);
	}

	Stream<Case> composite() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("openAiThenOllama", "ollamaThenAnthropic", "anthropicThenOpenAi", "routerOfRouters",
				"rewritingOpenAi", "rewritingOllama", "rewritingPlain", "hedging", "plainThenOpenAi")) {
			ChatModel model = bean(name);
			ChatClient client = client(model);
			for (String text : (model instanceof FallbackChatModel) ? List.of(HELLO, FallbackChatModel.FIRST_FAILS)
					: List.of(HELLO)) {
				String what = "%s, '%s', ".formatted(name, text);
				cases.add(all(what + "call", () -> model.call(new Prompt(text))));
				cases.add(all(what + "stream", () -> model.stream(new Prompt(text)).blockLast()));
				cases.add(all(what + "client call", () -> client.prompt(text).call().content()));
				cases.add(all(what + "client stream", () -> client.prompt(text).stream().content().blockLast()));
				cases.add(all(what + "client stream with memory",
						() -> withMemory(client, text).stream().content().blockLast()));
			}
		}
		ChatModel router = bean("openAiThenOllama");
		cases.add(all("router whose both models fail, call",
				() -> assertThatException().isThrownBy(() -> router.call("Hello, fail-429"))));
		cases.add(all("router whose both models fail, stream",
				() -> assertThatException().isThrownBy(() -> router.stream("Hello, fail-429").blockLast())));
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void compositeOfClient(Case test) {
		test.run(this);
	}

	Stream<Case> compositeOfClient() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("clientOpenAi", "clientAnthropic", "clientOllama")) {
			ChatModel model = bean(name);
			ChatClient client = client(model);
			for (String text : List.of(HELLO, "Hello, no-usage")) {
				String what = "%s, '%s', ".formatted(name, text);
				cases.add(all(what + "call", () -> model.call(text)));
				cases.add(all(what + "stream", () -> model.stream(text).blockLast()));
				cases.add(all(what + "client call", () -> client.prompt(text).call().content()));
				cases.add(all(what + "client stream", () -> client.prompt(text).stream().content().blockLast()));
			}
			cases.add(failing(name + " failed call", () -> model.call("Hello, fail-500")));
			cases.add(failing(name + " failed stream", () -> model.stream("Hello, fail-500").blockLast()));
			cases.add(cancelled(name + " cancelled stream", () -> model.stream("Hello, endless").blockFirst()));
		}
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void compositeAnswerWithoutUsage(Case test) {
		test.run(this);
	}

	Stream<Case> compositeAnswerWithoutUsage() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("openAiThenOllama", "anthropicThenOpenAi", "ollamaThenAnthropic", "hedging",
				"rewritingOpenAi")) {
			ChatModel model = bean(name);
			cases.add(all(name + " call", () -> model.call("Hello, no-usage")));
			cases.add(all(name + " stream", () -> model.stream("Hello, no-usage").blockLast()));
		}
		cases.add(all("rewritingOpenAi call without choices", () -> bean("rewritingOpenAi").call("Hello, no-choices")));
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void detachedComposite(Case test) {
		test.run(this);
	}

	Stream<Case> detachedComposite() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("detachedOpenAi", "detachedAnthropic", "detachedOllama")) {
			ChatModel model = bean(name);
			for (String text : List.of(HELLO, "Hello, no-usage")) {
				cases.add(all("%s call, '%s'".formatted(name, text), () -> model.call(text)));
				cases.add(all("%s stream, '%s'".formatted(name, text), () -> model.stream(text).blockLast()));
			}
			cases.add(failing(name + " failed call", () -> model.call("Hello, fail-500")));
			cases.add(failing(name + " failed stream", () -> model.stream("Hello, fail-500").blockLast()));
			cases.add(cancelled(name + " cancelled stream", () -> model.stream("Hello, endless").blockFirst()));
		}
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void cachingComposite(Case test) {
		test.run(this);
	}

	Stream<Case> cachingComposite() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("cachingOpenAi", "cachingAnthropic", "cachingOllama")) {
			ChatModel model = bean(name);
			for (String text : List.of(HELLO, "Hello, no-usage")) {
				for (int i = 1; i <= 2; i++) {
					cases.add(all("%s call %d, '%s'".formatted(name, i, text), () -> model.call(text)));
					cases.add(all("%s stream %d, '%s'".formatted(name, i, text), () -> model.stream(text).blockLast()));
				}
			}
		}
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void routerAnswerWithoutChoices(Case test) {
		test.run(this);
	}

	Stream<Case> routerAnswerWithoutChoices() {
		// Not so for a router that gets its models from an ObjectProvider and calls them
		// on a
		// thread to which nothing is carried: an answer without choices has nothing to
		// link it
		return Stream.of(all("openAiThenOllama", () -> bean("openAiThenOllama").call("Hello, no-choices")));
	}

}
