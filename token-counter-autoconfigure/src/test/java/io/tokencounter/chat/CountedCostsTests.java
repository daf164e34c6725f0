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

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenCounter;
import io.tokencounter.UsageSummary;
import io.tokencounter.testsupport.BillingLedger;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

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

	static class TideTable {

		@Tool(description = "Tells the time of high tide")
		String tideTable(String port) {
			return "noon";
		}

	}

}
