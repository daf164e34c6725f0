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
import java.util.stream.Stream;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.core.Ordered;

/**
 * What is billed is counted: calls through a {@link ChatClient}, and those of models that
 * are no beans.
 */
class ClientBilledEqualsCountedTests extends AbstractBilledEqualsCountedTests {

	@ParameterizedTest
	@MethodSource
	void chatClient(Case test) {
		test.run(this);
	}

	Stream<Case> chatClient() {
		List<Case> cases = new ArrayList<>();
		providerModels().forEach((name, model) -> cases.addAll(chatClientCases(name, client(model))));
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void clientOfTheUser(Case test) {
		test.run(this);
	}

	Stream<Case> clientOfTheUser() {
		List<Case> cases = new ArrayList<>();
		providerModels().forEach((name, model) -> {
			ChatClient created = ChatClient.create(model, this.observationRegistry);
			cases.add(all(name + " created client call", () -> created.prompt(HELLO).call().content()));
			cases.add(all(name + " created client stream", () -> created.prompt(HELLO).stream().content().blockLast()));
			ChatClient mutated = client(model).mutate().defaultSystem("Be brief").build();
			cases.add(all(name + " mutated client call", () -> mutated.prompt(HELLO).call().content()));
			cases.add(all(name + " mutated client stream", () -> mutated.prompt(HELLO).stream().content().blockLast()));
			cases.add(retrying(name, model, 0));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void retryInsideTheClient(Case test) {
		test.run(this);
	}

	Stream<Case> retryInsideTheClient() {
		List<Case> cases = new ArrayList<>();
		providerModels().forEach((name, model) -> {
			cases.add(retrying(name, model, Ordered.LOWEST_PRECEDENCE - 1));
			cases.add(retrying(name, model, Ordered.LOWEST_PRECEDENCE));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void modelThatIsNoBean(Case test) {
		test.run(this);
	}

	Stream<Case> modelThatIsNoBean() {
		List<Case> cases = new ArrayList<>();
		handBuilt(this.observationRegistry).forEach((name, model) -> {
			cases.add(all(name + ".call(String)", () -> model.call(HELLO)));
			cases.add(aggregate(name + ".stream(Prompt)", () -> model.stream(new Prompt(HELLO)).blockLast()));
			cases.addAll(chatClientCases(name, client(model)));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void modelThatIsNoBeanAndHasNoRegistry(Case test) {
		test.run(this);
	}

	Stream<Case> modelThatIsNoBeanAndHasNoRegistry() {
		List<Case> cases = new ArrayList<>();
		handBuilt(ObservationRegistry.NOOP)
			.forEach((name, model) -> cases.addAll(chatClientCases(name, client(model))));
		return cases.stream();
	}

	private List<Case> chatClientCases(String name, ChatClient client) {
		List<Case> cases = new ArrayList<>();
		cases.add(all(name + " client call", () -> client.prompt(HELLO).call().content()));
		cases.add(all(name + " client stream", () -> client.prompt(HELLO).stream().content().blockLast()));
		cases.add(all(name + " client call with memory", () -> withMemory(client, HELLO).call().content()));
		cases.add(all(name + " client stream with memory",
				() -> withMemory(client, HELLO).stream().chatResponse().blockLast()));
		cases.add(all(name + " client entity", () -> client.prompt("The tide, as-json").call().entity(Tide.class)));
		cases.add(all(name + " client tool loop",
				() -> client.prompt(TIDE).tools(new TideTable(NOTHING)).call().content()));
		cases.add(all(name + " client streamed tool loop",
				() -> client.prompt(TIDE).tools(new TideTable(NOTHING)).stream().content().blockLast()));
		cases.add(all(name + " client streamed tool loop with memory",
				() -> withMemory(client, TIDE).tools(new TideTable(NOTHING)).stream().content().blockLast()));
		cases.add(all(name + " client stream subscribed twice", () -> {
			Flux<String> stream = client.prompt(HELLO).stream().content();
			stream.blockLast();
			stream.blockLast();
		}));
		cases.add(all(name + " client stream on another thread",
				() -> client.prompt(HELLO)
					.stream()
					.content()
					.subscribeOn(Schedulers.parallel())
					.publishOn(Schedulers.single())
					.blockLast()));
		return cases;
	}

	private static Map<String, ChatModel> handBuilt(ObservationRegistry observationRegistry) {
		Map<String, ChatModel> models = new LinkedHashMap<>();
		models.put("handBuiltOpenAi", ChatModels.openAi(provider, "gpt-by-hand", observationRegistry));
		models.put("handBuiltAnthropic", ChatModels.anthropic(provider, "claude-by-hand", observationRegistry));
		models.put("handBuiltOllama", ChatModels.ollama(provider, "llama-by-hand", observationRegistry));
		return models;
	}

	private Case aggregate(String name, Runnable action) {
		return new Case(name, Seeing.AGGREGATE, action);
	}

	private Case retrying(String name, ChatModel model, int order) {
		ChatClient client = client(model);
		return all("%s client stream tried again by an advisor of order %d".formatted(name, order),
				() -> client.prompt("Hello, fail-once " + UUID.randomUUID())
					.advisors(new RetryAdvisor(order))
					.stream()
					.content()
					.blockLast());
	}

	record RetryAdvisor(int order) implements StreamAdvisor {

		@Override
		public Flux<ChatClientResponse> adviseStream(ChatClientRequest request, StreamAdvisorChain chain) {
			return Flux.defer(() -> chain.copy(this).nextStream(request)).retry(1);
		}

		@Override
		public String getName() {
			return "retry";
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

}
