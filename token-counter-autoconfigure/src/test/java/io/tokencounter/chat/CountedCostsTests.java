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

import java.math.BigDecimal;
import java.util.function.Consumer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenCounter;
import io.tokencounter.UsageSummary;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterMetricsAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterPricingAutoConfiguration;
import io.tokencounter.testsupport.BillingLedger;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.ReplayProvider;
import io.tokencounter.testsupport.ReplayedModels;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Holds what calls cost to what was billed, in money.
 */
class CountedCostsTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class)
		.withPropertyValues("token-counter.pricing.models[*].input=4", "token-counter.pricing.models[*].output=8",
				"token-counter.pricing.models[*].cache-read=1", "token-counter.pricing.models[*].cache-write=5");

	@ParameterizedTest
	@ValueSource(strings = { "openai", "anthropic", "ollama" })
	void toolLoopCostsTheSumOfItsRounds(String chatModel) {
		this.runner.withPropertyValues("spring.ai.model.chat=" + chatModel).run((context) -> {
			ChatClient client = context.getBean(ChatClient.Builder.class).build();
			client.prompt("When is high tide? tool-round").tools(new TideTable()).call().content();
			client.prompt("When is high tide? tool-round")
				.tools(new TideTable())
				.stream()
				.content()
				.blockLast(Conditions.DEADLINE);
			context.getBean(CapturedCalls.class).await(4);
			assertCost(context);
		});
	}

	@Test
	void failedCallCostsNothing() {
		this.runner.withPropertyValues("spring.ai.model.chat=openai").run((context) -> {
			ChatClient client = context.getBean(ChatClient.Builder.class).build();
			assertThatException().isThrownBy(() -> client.prompt("Hello, fail-500").call().content());
			TokenCall call = context.getBean(CapturedCalls.class).awaitOne();
			assertThat(call.cost()).isNull();
			UsageSummary.Totals totals = context.getBean(TokenCounter.class).summary().totals();
			assertThat(totals.cost()).isEmpty();
			assertThat(totals.unpricedCalls()).isZero();
			assertThat(context.getBean(MeterRegistry.class).find("llm.cost").counters()).isEmpty();
			assertThat(context.getBean(MeterRegistry.class).find("llm.tokens.unpriced").counters()).isEmpty();
		});
	}

	@Test
	void modelWithoutAPriceIsUnpricedAndNotFree() {
		ChatModelContexts.countingRunner(provider)
			.withBean(CapturedCalls.class)
			.withPropertyValues("spring.ai.model.chat=openai")
			.run((context) -> {
				context.getBean(ChatClient.Builder.class).build().prompt("Hello").call().content();
				context.getBean(CapturedCalls.class).awaitOne();
				BillingLedger.Totals bill = provider.ledger().totals();
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				assertThat(registry.find("llm.cost").counters()).isEmpty();
				assertThat(registry.get("llm.tokens.unpriced").tag("gen_ai.token.type", "input").counter().count())
					.isEqualTo(bill.input());
				assertThat(registry.get("llm.tokens.unpriced").tag("gen_ai.token.type", "output").counter().count())
					.isEqualTo(bill.output());
				assertThat(context.getBean(TokenCounter.class).summary().models()).singleElement()
					.matches((model) -> model.totals().unpricedCalls() == 1 && model.totals().cost().isEmpty());
			});
	}

	/**
	 * GPT-5.6 Sol costs 4, 0.40 cached, 5 written and 20. Flex is half of it: 264 x 2 +
	 * 1024 x 0.20 + 512 x 2.50 + 120 x 10 = 3212.8. Priority is twice of it.
	 */
	@ParameterizedTest
	@CsvSource({ "flex, 0.0032128", "priority, 0.0128512", "default, 0.0064256" })
	void costsWhatTheServiceTierCharges(String tier, String cost) {
		replay("openai", (context) -> {
			context.getBean(ChatModel.class).call(new Prompt("hello", tier(context, tier)));
			assertThat(context.getBean(CapturedCalls.class).awaitOne().cost().amount()).isEqualByComparingTo(cost);
		});
	}

	@Test
	void hasNoCostInAServiceTierWithoutAPrice() {
		replay("openai", (context) -> {
			context.getBean(ChatModel.class).call(new Prompt("hello", tier(context, "scale")));
			assertUnpriced(context, 1800, 120);
		});
	}

	/**
	 * The usage of a stream does not tell the region. Claude Opus 5.5 costs 4, 0.20 read,
	 * 5 written and 20, and 1.1 times of it in the United States: 50 x 4.40 + 1800 x 0.22
	 * + 248 x 5.50 + 503 x 22 = 13046.
	 */
	@Test
	void costsMoreWhereInferenceIsBoundToTheUnitedStates() {
		replay("anthropic", (context) -> {
			AnthropicChatOptions options = ((AnthropicChatOptions) context.getBean(ChatModel.class).getOptions())
				.mutate()
				.inferenceGeo("us")
				.build();
			context.getBean(ChatClient.Builder.class)
				.build()
				.prompt(new Prompt("hello", options))
				.stream()
				.chatResponse()
				.blockLast(Conditions.DEADLINE);
			assertThat(context.getBean(CapturedCalls.class).awaitOne().cost().amount())
				.isEqualByComparingTo("0.013046");
		});
	}

	/**
	 * Claude Opus 5 at high speed costs 10, 1 read, 12.50 and 20 written and 50: 50 x 10
	 * + 1800 x 1 + 148 x 12.50 + 100 x 20 + 503 x 50 = 31300. Of Opus 5.5, 10682 x 4 +
	 * 1800 x 0.20 + 510 x 20 = 53288, and three searches for 10 a thousand. Audio costs
	 * 10 and 20 beside text for 0.15 and 0.60: 400 x 0.15 + 600 x 10 + 100 x 0.60 + 200 x
	 * 20 = 10120. Of Gemini 2.5 Flash, 90 x 0.30 + 1200 cached x 0.03 + 250 of audio x 1
	 * + 400 x 2.50 = 1313.
	 */
	@ParameterizedTest
	@CsvSource({ "anthropic-fast, 0.0313", "anthropic-search, 0.083288", "openai-audio, 0.01012",
			"google-genai-audio, 0.001313" })
	void costsWhatElseTheAnswerIsBilledFor(String fixture, String cost) {
		replay(fixture, (context) -> {
			context.getBean(ChatModel.class).call("hello");
			assertThat(context.getBean(CapturedCalls.class).awaitOne().cost().amount()).isEqualByComparingTo(cost);
		});
	}

	/**
	 * Gemini 3 Flash has another price for audio, of which no dated source was found.
	 */
	@Test
	void hasNoCostForAudioWithoutAPrice() {
		replay("google-genai", (context) -> {
			context.getBean(ChatModel.class).call("hello");
			assertUnpriced(context, 1540, 400);
		});
	}

	private static OpenAiChatOptions tier(AssertableApplicationContext context, String tier) {
		return ((OpenAiChatOptions) context.getBean(ChatModel.class).getOptions()).mutate().serviceTier(tier).build();
	}

	private static void replay(String fixture, Consumer<AssertableApplicationContext> test) {
		try (ReplayProvider replayed = ReplayProvider.start()) {
			new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class,
						ChatClientAutoConfiguration.class, TokenCounterAutoConfiguration.class,
						TokenCounterPricingAutoConfiguration.class, TokenCounterMetricsAutoConfiguration.class))
				.withBean(SimpleMeterRegistry.class)
				.withBean(CapturedCalls.class)
				.withBean(Replayed.class, () -> new Replayed(replayed, fixture))
				.withUserConfiguration(ReplayedModel.class)
				.run(test::accept);
		}
	}

	private static void assertUnpriced(AssertableApplicationContext context, long input, long output) {
		assertThat(context.getBean(CapturedCalls.class).awaitOne().cost()).isNull();
		MeterRegistry registry = context.getBean(MeterRegistry.class);
		assertThat(registry.find("llm.cost").counters()).isEmpty();
		assertThat(registry.get("llm.tokens.unpriced").tag("gen_ai.token.type", "input").counter().count())
			.isEqualTo(input);
		assertThat(registry.get("llm.tokens.unpriced").tag("gen_ai.token.type", "output").counter().count())
			.isEqualTo(output);
	}

	private static void assertCost(AssertableApplicationContext context) {
		BillingLedger.Totals bill = provider.ledger().totals();
		long uncached = bill.input() - bill.cacheRead() - bill.cacheWrite();
		BigDecimal expected = BigDecimal
			.valueOf(4 * uncached + bill.cacheRead() + 5 * bill.cacheWrite() + 8 * bill.output(), 6);
		UsageSummary summary = context.getBean(TokenCounter.class).summary();
		assertThat(summary.totals().cost().get("USD")).isEqualByComparingTo(expected);
		assertThat(summary.recentCalls().stream().map(TokenCall::cost).map(TokenCost::amount).reduce(BigDecimal::add))
			.hasValueSatisfying((sum) -> assertThat(sum).isEqualByComparingTo(expected));
		assertThat(context.getBean(MeterRegistry.class)
			.get("llm.cost")
			.counters()
			.stream()
			.mapToDouble(Counter::count)
			.sum()).isCloseTo(expected.doubleValue(), Offset.offset(1e-9));
	}

	record Replayed(ReplayProvider provider, String fixture) {

	}

	@Configuration(proxyBeanMethods = false)
	static class ReplayedModel {

		@Bean
		ChatModel model(Replayed replayed, ObservationRegistry observations) {
			return ReplayedModels.model(replayed.provider(), replayed.fixture(), observations);
		}

	}

	static class TideTable {

		@Tool(description = "Tells the time of high tide")
		String tideTable(String port) {
			return "noon";
		}

	}

}
