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

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@code token-counter.chat-models.exclude}.
 */
@ExtendWith(OutputCaptureExtension.class)
class ChatModelExclusionTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class)
		.withBean(RunningObservations.class);

	@Test
	void excludedModelIsNotCountedInAnyWay() {
		this.runner.withPropertyValues("token-counter.chat-models.exclude=ollamaChatModel").run((context) -> {
			OllamaChatModel excluded = context.getBean(OllamaChatModel.class);
			askInEachWay(context, excluded);
			context.getBean(RunningObservations.class).awaitNone();
			assertThat(provider.ledger().bills()).hasSize(7);
			assertThat(calls(context)).isEmpty();
			assertThat(context.getBean(MeterRegistry.class).find("llm.calls").counters()).isEmpty();
		});
	}

	@Test
	void otherModelsAreCountedBesideAnExcludedOne() {
		this.runner.withPropertyValues("token-counter.chat-models.exclude=ollamaChatModel").run((context) -> {
			context.getBean(OllamaChatModel.class).call("Hello");
			context.getBean(OpenAiChatModel.class).call("Hello");
			context.getBean(AnthropicChatModel.class).call("Hello");
			assertThat(calls(context)).extracting(TokenCall::provider).containsExactly("openai", "anthropic");
		});
	}

	@Test
	void sameModelIsCountedInEachWayWhenNotExcluded() {
		this.runner.run((context) -> {
			askInEachWay(context, context.getBean(OllamaChatModel.class));
			context.getBean(RunningObservations.class).awaitNone();
			assertThat(calls(context)).hasSize(7);
		});
	}

	@Test
	void usersOwnModelCanBeExcluded() {
		this.runner.withBean("localModel", LocalChatModel.class)
			.withPropertyValues("token-counter.chat-models.exclude=localModel")
			.run((context) -> {
				ChatModel model = context.getBean("localModel", ChatModel.class);
				askInEachWay(context, model);
				assertThat(context.getBean(LocalChatModel.class).calls()).isEqualTo(7);
				assertThat(calls(context)).isEmpty();
			});
	}

	@Test
	void finalModelThatIsNotObservedCanBeExcluded() {
		this.runner
			.withBean("hidden", OpenAiChatModel.class,
					() -> ChatModels.openAi(provider, "hidden", ObservationRegistry.NOOP))
			.withPropertyValues("token-counter.chat-models.exclude=hidden")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				askInEachWay(context, context.getBean("hidden", ChatModel.class));
				context.getBean(RunningObservations.class).awaitNone();
				assertThat(calls(context)).isEmpty();
			});
	}

	@Test
	void finalModelThatIsObservedCanNotBeExcluded() {
		this.runner.withPropertyValues("token-counter.chat-models.exclude=openAiChatModel")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(ChatModelNotExcludableException.class)
				.hasMessageContaining("openAiChatModel"));
	}

	@Test
	void warnsOfANameThatIsNoChatModel(CapturedOutput output) {
		this.runner.withPropertyValues("token-counter.chat-models.exclude=ollamaChatModel,olamaChatModel")
			.run((context) -> assertThat(
					output.getAll().lines().filter((line) -> line.matches(".* WARN .* io?\\.t(okencounter)?\\..*")))
				.singleElement()
				.asString()
				.contains("token-counter.chat-models.exclude", "[olamaChatModel]"));
	}

	private static void askInEachWay(AssertableApplicationContext context, ChatModel model) {
		ChatClient client = context.getBean(ChatClientBuilderConfigurer.class)
			.configure(ChatClient.builder(model))
			.build();
		model.call("Hello");
		model.call(new Prompt("Hello"));
		model.stream("Hello").blockLast(Conditions.DEADLINE);
		model.stream(new Prompt("Hello")).blockLast(Conditions.DEADLINE);
		client.prompt("Hello").call().content();
		client.prompt("Hello").stream().content().blockLast(Conditions.DEADLINE);
		ChatClient.create(model).prompt("Hello").call().content();
	}

	private static List<TokenCall> calls(AssertableApplicationContext context) {
		return context.getBean(CapturedCalls.class).calls();
	}

}
