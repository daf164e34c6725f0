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
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is billed is counted: calls of a model itself.
 */
class DirectBilledEqualsCountedTests extends AbstractBilledEqualsCountedTests {

	@ParameterizedTest
	@MethodSource
	void directCall(Case test) {
		test.run(this);
	}

	Stream<Case> directCall() {
		List<Case> cases = new ArrayList<>();
		models().forEach((name, model) -> {
			cases.add(all(name + ".call(String)", () -> model.call(HELLO)));
			cases.add(all(name + ".call(Message...)",
					() -> model.call(new SystemMessage("Be brief"), new UserMessage(HELLO))));
			cases.add(all(name + ".call(Prompt)", () -> model.call(new Prompt(HELLO))));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void directStream(Case test) {
		test.run(this);
	}

	Stream<Case> directStream() {
		List<Case> cases = new ArrayList<>();
		models().forEach((name, model) -> {
			cases.add(all(name + ".stream(String)", () -> model.stream(HELLO).blockLast()));
			cases.add(all(name + ".stream(Message...)",
					() -> model.stream(new SystemMessage("Be brief"), new UserMessage(HELLO)).blockLast()));
			cases.add(all(name + ".stream(Prompt)", () -> model.stream(new Prompt(HELLO)).blockLast()));
			cases.add(all(name + ".stream(Prompt) on another thread",
					() -> model.stream(new Prompt(HELLO))
						.subscribeOn(Schedulers.boundedElastic())
						.publishOn(Schedulers.parallel())
						.blockLast()));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void manySubscriptions(Case test) {
		test.run(this);
	}

	Stream<Case> manySubscriptions() {
		List<Case> cases = new ArrayList<>();
		models().forEach((name, model) -> {
			Flux<String> stream = Flux.defer(() -> model.stream(HELLO));
			cases.add(all(name + " one after the other", () -> {
				Flux<String> same = model.stream(HELLO);
				same.blockLast();
				same.blockLast();
			}));
			cases.add(all(name + " at the same time", () -> Flux.merge(stream, stream, stream).blockLast()));
			cases.add(all(name + " concatenated", () -> stream.concatWith(stream).blockLast()));
			cases.add(all(name + " shared", () -> {
				Flux<String> shared = model.stream(HELLO).cache();
				shared.blockLast();
				shared.blockLast();
			}));
			cases.add(all(name + " never", () -> model.stream(HELLO)));
		});
		cases.add(all("two providers at the same time",
				() -> Flux.merge(this.openAi.stream(HELLO), this.ollama.stream(HELLO)).blockLast()));
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void modelOfTheUser(Case test) {
		test.run(this);
	}

	Stream<Case> modelOfTheUser() {
		ChatModel model = bean("plain");
		ChatClient client = client(model);
		return Stream.of(all("call(String)", () -> model.call(HELLO)),
				all("call(Message...)", () -> model.call(new UserMessage(HELLO))),
				all("call(Prompt)", () -> model.call(new Prompt(HELLO))),
				all("stream(String)", () -> model.stream(HELLO).blockLast()),
				all("stream(Message...)", () -> model.stream(new UserMessage(HELLO)).blockLast()),
				all("stream(Prompt)", () -> model.stream(new Prompt(HELLO)).blockLast()),
				all("client call", () -> client.prompt(HELLO).call().content()),
				all("client stream", () -> client.prompt(HELLO).stream().content().blockLast()),
				all("client stream with memory", () -> withMemory(client, HELLO).stream().content().blockLast()),
				all("failed call", () -> assertThatException().isThrownBy(() -> model.call("Hello, fail-500"))),
				all("failed stream",
						() -> assertThatException().isThrownBy(() -> model.stream("Hello, fail-500").blockLast())),
				all("call without usage", () -> model.call("Hello, no-usage")),
				all("stream without usage", () -> model.stream("Hello, no-usage").blockLast()),
				cancelled("stream, first only", () -> model.stream("Hello, slow-stream").blockFirst()),
				all("stream subscribed twice", () -> {
					Flux<String> stream = model.stream(HELLO);
					stream.blockLast();
					stream.blockLast();
				}));
	}

}
