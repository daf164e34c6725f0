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

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.CountedTokens;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What the clients that everybody makes show of a call, with usage that is also read
 * where it arrives, and without.
 */
class ClientsAndTheWireTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	static Stream<Class<? extends ChatModel>> models() {
		return Stream.of(OpenAiChatModel.class, AnthropicChatModel.class);
	}

	@ParameterizedTest
	@MethodSource("models")
	void allIsSeenWhateverTheClient(Class<? extends ChatModel> type) {
		run("token-counter.wire.enabled=true", type, (model) -> {
			for (ChatClient client : List.of(ChatClient.create(model), ChatClient.builder(model).build())) {
				client.prompt("Hello").call().content();
				client.prompt("Hello").stream().content().blockLast();
				client.prompt("Hello no-choices").call().content();
				client.prompt("Hello no-choices").stream().content().blockLast();
				assertThatException()
					.isThrownBy(() -> client.prompt("Hello fail-midway").stream().content().blockLast());
				assertThatException()
					.isThrownBy(() -> client.prompt("Hello error-event").stream().content().blockLast());
			}
			model.stream("Hello").blockLast();
			assertThatException().isThrownBy(() -> model.stream("Hello error-event").blockLast());
			model.call("Hello no-choices");
		}, Seeing.ALL);
	}

	@ParameterizedTest
	@MethodSource("models")
	void startIsSeenOfCancelledStreams(Class<? extends ChatModel> type) {
		run("token-counter.wire.enabled=true", type, (model) -> {
			ChatClient.create(model).prompt("Hello endless").stream().content().take(2).blockLast();
			ChatClient.builder(model).build().prompt("Hello endless").stream().content().blockFirst();
			model.stream("Hello endless").take(1).blockLast();
		}, Seeing.CANCELLED);
	}

	@ParameterizedTest
	@MethodSource("models")
	void withoutItOnlyTheAggregateIsSeen(Class<? extends ChatModel> type) {
		run("token-counter.wire.enabled=false", type, (model) -> {
			ChatClient.create(model).prompt("Hello").call().content();
			ChatClient.create(model).prompt("Hello").stream().content().blockLast();
			model.stream("Hello").blockLast();
		}, Seeing.AGGREGATE);
	}

	@ParameterizedTest
	@MethodSource("models")
	void withoutItAnAnswerWithoutChoicesHasNoUsage(Class<? extends ChatModel> type) {
		run("token-counter.wire.enabled=false", type, (model) -> model.call("Hello no-choices"), Seeing.NO_USAGE);
	}

	private static void run(String property, Class<? extends ChatModel> type, Action action, Seeing seeing) {
		ChatModelContexts.countingRunner(provider)
			.withBean(CapturedCalls.class)
			.withPropertyValues(property)
			.run((context) -> {
				action.run(context.getBean(type));
				provider.releaseStreams();
				provider.awaitIdle();
				List<Bill> bills = provider.ledger().bills();
				assertThat(context.getBean(CapturedCalls.class).await(bills.size())).hasSameSizeAs(bills);
				// The application's listener may be told before the meters
				Conditions.awaitAsserted(
						() -> assertThat(byRequestModel(CountedTokens.counted(context.getBean(MeterRegistry.class))))
							.isEqualTo(byRequestModel(CountedTokens.billed(bills, seeing))));
			});
	}

	private static Map<String, CountedTokens> byRequestModel(Map<String, CountedTokens> byModel) {
		return CountedTokens.renamed(byModel, ChatModelContexts::requestModel);
	}

	@FunctionalInterface
	interface Action {

		void run(ChatModel model);

	}

}
