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

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.Bill.Ending;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.CountedTokens;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.client.advisor.ToolCallingAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What the meters say after a call is what the provider billed, once, whatever way the
 * call took. The classes for the ways share one application and one provider.
 */
@SpringBootTest(classes = CountedApplication.class, webEnvironment = WebEnvironment.NONE,
		properties = { "logging.level.org.springframework.ai=off", "logging.level.reactor=off" })
@TestInstance(Lifecycle.PER_CLASS)
abstract class AbstractBilledEqualsCountedTests {

	static final String HELLO = "Hello";

	static final Runnable NOTHING = () -> {
	};

	static final String TIDE = "When is high tide? tool-round";

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start().shared();

	@Autowired
	MeterRegistry meterRegistry;

	@Autowired
	ObservationRegistry observationRegistry;

	@Autowired
	CapturedCalls capturedCalls;

	@Autowired
	RunningObservations runningObservations;

	@Autowired
	OpenAiChatModel openAi;

	@Autowired
	AnthropicChatModel anthropic;

	@Autowired
	OllamaChatModel ollama;

	@Autowired
	Map<String, ChatModel> chatModels;

	@Autowired
	ChatClientBuilderConfigurer chatClientBuilderConfigurer;

	@Autowired
	ObjectProvider<ToolCallingAdvisor.Builder<?>> toolCallingAdvisorBuilder;

	@Autowired
	ChatMemory chatMemory;

	private Map<String, CountedTokens> before = Map.of();

	private int callsBefore;

	private boolean settled;

	@DynamicPropertySource
	static void askTheProvider(DynamicPropertyRegistry registry) {
		for (String property : ChatModelContexts.properties(provider)) {
			String[] keyAndValue = property.split("=", 2);
			registry.add(keyAndValue[0], () -> keyAndValue[1]);
		}
	}

	@BeforeEach
	void readMeters() {
		int calls = this.capturedCalls.calls().size();
		if (this.settled) {
			assertThat(calls).as("Calls that were counted after the test before had ended").isEqualTo(this.callsBefore);
		}
		this.settled = false;
		this.callsBefore = calls;
		this.before = CountedTokens.counted(this.meterRegistry);
	}

	Case all(String name, Runnable action) {
		return new Case(name, Seeing.ALL, action);
	}

	Case cancelled(String name, Runnable action) {
		return new Case(name, Seeing.CANCELLED, action);
	}

	Case failing(String name, Runnable action) {
		return all(name, () -> assertThatException().isThrownBy(action::run));
	}

	Map<String, ChatModel> providerModels() {
		Map<String, ChatModel> models = new LinkedHashMap<>();
		models.put("openAi", this.openAi);
		models.put("anthropic", this.anthropic);
		models.put("ollama", this.ollama);
		return models;
	}

	/**
	 * The models by their own type and as {@link ChatModel}.
	 */
	Map<String, ChatModel> models() {
		Map<String, ChatModel> models = new LinkedHashMap<>(providerModels());
		for (String name : List.of("openAiChatModel", "anthropicChatModel", "ollamaChatModel")) {
			models.put(name, bean(name));
		}
		return models;
	}

	ChatModel bean(String name) {
		ChatModel model = this.chatModels.get(name);
		assertThat(model).as(name).isNotNull();
		return model;
	}

	ChatClient client(ChatModel model) {
		ChatClient.Builder builder = ChatClient.builder(model, this.observationRegistry, null, null,
				this.toolCallingAdvisorBuilder.getObject());
		return this.chatClientBuilderConfigurer.configure(builder).build();
	}

	ChatClient.ChatClientRequestSpec withMemory(ChatClient client, String text) {
		return client.prompt(text)
			.advisors(MessageChatMemoryAdvisor.builder(this.chatMemory).build())
			.advisors((advisors) -> advisors.param(ChatMemory.CONVERSATION_ID, UUID.randomUUID().toString()));
	}

	void settle(int calls) {
		provider.awaitIdle();
		this.capturedCalls.await(this.callsBefore + calls);
		this.runningObservations.awaitNone();
		this.callsBefore = this.capturedCalls.calls().size();
		this.settled = true;
	}

	Map<String, CountedTokens> added() {
		return CountedTokens.added(this.before, CountedTokens.counted(this.meterRegistry));
	}

	private void compare(Seeing seeing) {
		List<Bill> bills = provider.ledger().bills();
		settle(bills.size());
		Map<String, CountedTokens> billed = CountedTokens.billed(bills, seeing);
		if (seeing == Seeing.CANCELLED || seeing == Seeing.NO_USAGE
				|| bills.stream().anyMatch((bill) -> bill.ending() == Ending.FAILED)) {
			// The name that the model answers with may not have been seen
			assertThat(byRequestModel(added())).isEqualTo(byRequestModel(billed));
		}
		else {
			assertThat(added()).isEqualTo(billed);
		}
	}

	static Map<String, CountedTokens> byRequestModel(Map<String, CountedTokens> byModel) {
		return CountedTokens.renamed(byModel, ChatModelContexts::requestModel);
	}

	record Case(String name, Seeing seeing, Runnable action) {

		void run(AbstractBilledEqualsCountedTests tests) {
			this.action.run();
			provider.releaseStreams();
			provider.awaitIdle();
			tests.compare(this.seeing);
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

	record Tide(String name, int height) {
	}

	static final class TideTable {

		private final Runnable onAsked;

		TideTable(Runnable onAsked) {
			this.onAsked = onAsked;
		}

		@Tool(description = "Tells the tides of a port")
		String tideTable(String port) {
			this.onAsked.run();
			return "High tide at noon in " + port;
		}

	}

}
