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

package io.tokencounter.budget;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Every way to a model refuses before the wire: nothing is sent, one call is recorded,
 * and nothing stays open or held.
 */
class BudgetPathsTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner contextRunner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class);

	@Test
	void nothingIsSentByWhateverWayACallIsMade() {
		this.contextRunner.withPropertyValues("token-counter.budgets.none.max-calls=0").run((context) -> {
			SoftAssertions softly = new SoftAssertions();
			CapturedCalls calls = context.getBean(CapturedCalls.class);
			ways(context).forEach((way, action) -> {
				calls.reset();
				Throwable thrown = catchThrowable(() -> action.accept("Hello"));
				softly.assertThat(thrown).as(way).isInstanceOf(TokenBudgetExceededException.class);
				softly.assertThat(calls.calls())
					.as(way)
					.extracting(TokenCall::outcome)
					.containsExactly(CallOutcome.REJECTED);
				softly.assertThat(context.getBean(ObservationRegistry.class).getCurrentObservation()).as(way).isNull();
			});
			softly.assertThat(provider.ledger().bills()).isEmpty();
			TokenBudgets.Amount amount = context.getBean(TokenBudgets.class).status("none", null).amounts().get(0);
			softly.assertThat(amount.held()).isZero();
			softly.assertThat(amount.spent()).isZero();
			softly.assertAll();
		});
	}

	@Test
	void whatIsLetThroughIsHeldAndChargedByWhateverWay() {
		this.contextRunner.withPropertyValues("token-counter.budgets.all.max-calls=1000").run((context) -> {
			Map<String, Consumer<String>> ways = ways(context);
			ways.values().forEach((action) -> action.accept("Hello"));
			CapturedCalls calls = context.getBean(CapturedCalls.class);
			calls.await(ways.size());
			assertThat(provider.ledger().bills()).hasSize(ways.size());
			TokenBudgets budgets = context.getBean(TokenBudgets.class);
			Conditions.await("nothing held", () -> budgets.status("all", null).amounts().get(0).held().signum() == 0);
			assertThat(budgets.status("all", null).amounts().get(0).spent())
				.isEqualByComparingTo(Integer.toString(ways.size()));
		});
	}

	@Test
	void eachRoundOfAToolLoopIsACallOfItsOwn() {
		this.contextRunner.withPropertyValues("token-counter.budgets.one.max-calls=1").run((context) -> {
			ChatClient client = client(context, context.getBean(OllamaChatModel.class));
			Throwable thrown = catchThrowable(
					() -> client.prompt("When is high tide? tool-round").tools(new TideTable()).call().content());
			assertThat(thrown).isInstanceOf(TokenBudgetExceededException.class);
			assertThat(provider.ledger().bills()).hasSize(1);
			assertThat(context.getBean(CapturedCalls.class).await(2)).extracting(TokenCall::outcome)
				.containsExactly(CallOutcome.SUCCESS, CallOutcome.REJECTED);
		});
	}

	private static Map<String, Consumer<String>> ways(ApplicationContext context) {
		Map<String, ChatModel> models = new LinkedHashMap<>();
		models.put("OpenAI", context.getBean(OpenAiChatModel.class));
		models.put("Anthropic", context.getBean(AnthropicChatModel.class));
		models.put("Ollama", context.getBean(OllamaChatModel.class));
		models.put("tracked OpenAI", context.getBean(TokenCounter.class).track(models.get("OpenAI")));
		Map<String, Consumer<String>> ways = new LinkedHashMap<>();
		models.forEach((name, model) -> {
			ways.put(name + " call", (text) -> model.call(new Prompt(text)));
			ways.put(name + " call of a text", model::call);
			ways.put(name + " stream", (text) -> model.stream(new Prompt(text)).blockLast());
			ChatClient client = client(context, model);
			ways.put(name + " client", (text) -> client.prompt(text).call().content());
			ways.put(name + " client stream", (text) -> client.prompt(text).stream().content().blockLast());
			ChatClient plain = ChatClient.create(model);
			ways.put(name + " plain client", (text) -> plain.prompt(text).call().content());
			ways.put(name + " plain client stream", (text) -> plain.prompt(text).stream().content().blockLast());
		});
		return ways;
	}

	private static ChatClient client(ApplicationContext context, ChatModel model) {
		return context.getBean(ChatClientBuilderConfigurer.class)
			.configure(ChatClient.builder(model, context.getBean(ObservationRegistry.class), null, null))
			.build();
	}

	/**
	 * A tool.
	 */
	static final class TideTable {

		@Tool(description = "Tells the tides of a port")
		String tides(String port) {
			return "High tide at noon";
		}

	}

}
