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

package io.tokencounter.attribution;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.model.google.genai.autoconfigure.chat.GoogleGenAiChatAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiEmbeddingConnectionAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiTextEmbeddingAutoConfiguration;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.DynamicPropertyRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each way to make a client, with each way to ask it, of one provider: what is counted
 * has the feature, the tenant and the session that it was made for, and each call is
 * counted once. Each request has the name {@code tenant.feature} of whom it should be
 * attributed to as its model.
 */
@SpringBootTest(classes = ClientMatrix.Application.class, webEnvironment = WebEnvironment.NONE,
		properties = { "token-counter.metrics.tags=tenant", "token-counter.pricing.enabled=false" })
@TestInstance(Lifecycle.PER_CLASS)
abstract class ClientMatrix {

	@Autowired
	MeterRegistry meterRegistry;

	@Autowired
	ObservationRegistry observationRegistry;

	@Autowired
	CapturedCalls capturedCalls;

	@Autowired
	RunningObservations runningObservations;

	@Autowired
	ObjectProvider<ChatClient.Builder> builders;

	@Autowired
	ChatClientBuilderConfigurer configurer;

	@Autowired
	ChatModel model;

	@Autowired
	ChatMemory chatMemory;

	@Autowired
	TokenCounter tokenCounter;

	@Autowired
	TrackedService service;

	static void ask(BillingProvider provider, DynamicPropertyRegistry registry) {
		for (String property : ChatModelContexts.properties(provider)) {
			String[] keyAndValue = property.split("=", 2);
			registry.add(keyAndValue[0], () -> keyAndValue[1]);
		}
	}

	/**
	 * Return the provider that is asked.
	 */
	abstract BillingProvider provider();

	/**
	 * Return options that ask for a model.
	 */
	abstract ChatOptions options(String model);

	/**
	 * Return whether the observations of streams have all tokens.
	 */
	boolean observesAllTokensOfStreams() {
		return true;
	}

	@BeforeEach
	void reset() {
		this.capturedCalls.reset();
		this.meterRegistry.clear();
	}

	@AfterEach
	void threadIsClean() {
		assertThat(this.observationRegistry.getCurrentObservation()).isNull();
		assertThat(ThreadScopes.current()).isNull();
	}

	@ParameterizedTest
	@MethodSource("cells")
	void callsInsideOfATrackedMethodAreItsOwn(Client client, Way way) {
		way.track(new Asked(this, client.make(this), "acme." + way.feature()), this.service);
		verify(way, client);
	}

	@ParameterizedTest
	@MethodSource("cells")
	void callsInsideOfASessionAreItsOwn(Client client, Way way) {
		Asked asked = new Asked(this, client.make(this), "none.none");
		TokenSession session = this.tokenCounter.openSession("matrix");
		try (session) {
			way.askAndWait(asked);
			assertThat(session.summary().totals().calls()).isEqualTo(way.calls);
			assertThat(session.lastCall()).isNotNull();
		}
		new Asked(this, client.make(this), "none.none").call();
		provider().awaitIdle();
		this.capturedCalls.await(way.calls + 1);
		this.runningObservations.awaitNone();
		assertThat(this.capturedCalls.calls()).hasSize(way.calls + 1);
		assertThat(session.summary().totals().calls()).isEqualTo(way.calls);
	}

	@ParameterizedTest
	@EnumSource(Client.class)
	void sessionThatIsClosedAfterTheLastChunkHasTheCall(Client client) {
		Asked asked = new Asked(this, client.make(this), "none.none");
		for (int i = 0; i < 10; i++) {
			List<Long> atClose = new ArrayList<>();
			TokenSession session = this.tokenCounter.openSession("matrix")
				.onClose((summary) -> atClose.add(summary.totals().calls()));
			asked.stream().blockLast();
			session.close();
			assertThat(atClose).containsExactly(1L);
		}
		this.runningObservations.awaitNone();
	}

	static Stream<Object[]> cells() {
		List<Object[]> cells = new ArrayList<>();
		for (Client client : Client.values()) {
			for (Way way : Way.values()) {
				cells.add(new Object[] { client, way });
			}
		}
		return cells.stream();
	}

	private void verify(Way way, Client client) {
		provider().awaitIdle();
		this.capturedCalls.await(way.calls);
		this.runningObservations.awaitNone();
		assertThat(this.capturedCalls.calls()).hasSize(way.calls);
		assertThat(provider().ledger().bills()).hasSize(way.calls);
		assertThat(this.capturedCalls.calls())
			.extracting((call) -> call.tags().getOrDefault("tenant", "none") + "." + call.feature())
			.containsExactlyInAnyOrderElementsOf(provider().ledger().bills().stream().map(Bill::requestModel).toList());
		if (!way.streams || client.seesChunks || observesAllTokensOfStreams()) {
			assertThat(AttributedTokens.counted(this.meterRegistry))
				.containsExactlyInAnyOrderEntriesOf(AttributedTokens.billed(provider().ledger()));
		}
	}

	/**
	 * Ways to make a client.
	 */
	enum Client {

		INJECTED_BUILDER(true), CONFIGURER(true), CREATE(false), BUILDER(false), CREATE_WITH_REGISTRY(false),
		CREATE_TRACKED(true);

		private final boolean seesChunks;

		Client(boolean seesChunks) {
			this.seesChunks = seesChunks;
		}

		ChatClient make(ClientMatrix test) {
			return switch (this) {
				case INJECTED_BUILDER -> test.builders.getObject().build();
				case CONFIGURER ->
					test.configurer.configure(ChatClient.builder(test.model, test.observationRegistry, null, null))
						.build();
				case CREATE -> ChatClient.create(test.model);
				case BUILDER -> ChatClient.builder(test.model).build();
				case CREATE_WITH_REGISTRY -> ChatClient.create(test.model, test.observationRegistry);
				case CREATE_TRACKED -> ChatClient.create(test.tokenCounter.track(test.model));
			};
		}

	}

	/**
	 * Ways to ask a client.
	 */
	enum Way {

		CALL(1, false), STREAM(1, true), BLOCKED_STREAM(1, true), ITERATED_STREAM(1, true), TOOL_CALL(2, false),
		TOOL_STREAM(2, true), BLOCKED_TOOL_STREAM(2, true), MEMORY_CALL(1, false), MEMORY_STREAM(1, true),
		BLOCKED_MEMORY_STREAM(1, true), BLOCKED_MEMORY_TOOL_STREAM(2, true);

		private final int calls;

		private final boolean streams;

		Way(int calls, boolean streams) {
			this.calls = calls;
			this.streams = streams;
		}

		private boolean returnsStream() {
			return this == STREAM || this == TOOL_STREAM || this == MEMORY_STREAM;
		}

		String feature() {
			return returnsStream() ? "flux" : "plain";
		}

		void track(Asked asked, TrackedService service) {
			if (returnsStream()) {
				service.flux("acme", () -> stream(asked)).blockLast();
			}
			else {
				service.plain("acme", () -> askAndWait(asked));
			}
		}

		String askAndWait(Asked asked) {
			return switch (this) {
				case CALL -> asked.call();
				case TOOL_CALL -> asked.tool().call().content();
				case MEMORY_CALL -> asked.memory(asked.request("Hello")).call().content();
				case ITERATED_STREAM -> String.join("", stream(asked).toIterable());
				default -> stream(asked).blockLast();
			};
		}

		private Flux<String> stream(Asked asked) {
			return switch (this) {
				case TOOL_STREAM, BLOCKED_TOOL_STREAM -> asked.tool().stream().content();
				case MEMORY_STREAM, BLOCKED_MEMORY_STREAM -> asked.memory(asked.request("Hello")).stream().content();
				case BLOCKED_MEMORY_TOOL_STREAM -> asked.memory(asked.tool()).stream().content();
				default -> asked.stream();
			};
		}

	}

	/**
	 * What to ask a client.
	 *
	 * @param test the test
	 * @param client the client
	 * @param caller whom the calls should be attributed to
	 */
	record Asked(ClientMatrix test, ChatClient client, String caller) {

		String call() {
			return String.valueOf(request("Hello").call().content());
		}

		Flux<String> stream() {
			return request("Hello").stream().content();
		}

		ChatClient.ChatClientRequestSpec tool() {
			return request("When is high tide? tool-round").tools(new Tides());
		}

		ChatClient.ChatClientRequestSpec memory(ChatClient.ChatClientRequestSpec request) {
			return request.advisors(MessageChatMemoryAdvisor.builder(this.test.chatMemory).build())
				.advisors((advisors) -> advisors.param(ChatMemory.CONVERSATION_ID, UUID.randomUUID().toString()));
		}

		ChatClient.ChatClientRequestSpec request(String text) {
			return this.client.prompt(new Prompt(text, this.test.options(this.caller)));
		}

	}

	/**
	 * A tool.
	 */
	static final class Tides {

		@Tool(description = "Tells the tides of a port")
		String tides(String port) {
			return "Noon in " + port;
		}

	}

	/**
	 * An application with one of Spring AI's models and tracked methods.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { GoogleGenAiChatAutoConfiguration.class,
			GoogleGenAiEmbeddingConnectionAutoConfiguration.class, GoogleGenAiTextEmbeddingAutoConfiguration.class })
	static class Application {

		@Bean
		CapturedCalls capturedCalls() {
			return new CapturedCalls();
		}

		@Bean
		RunningObservations runningObservations() {
			return new RunningObservations();
		}

		@Bean
		TrackedService trackedService() {
			return new TrackedService();
		}

	}

}
