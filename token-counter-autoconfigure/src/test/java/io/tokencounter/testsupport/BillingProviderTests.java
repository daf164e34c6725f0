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

package io.tokencounter.testsupport;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import com.openai.models.completions.CompletionUsage;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.Bill.Ending;
import io.tokencounter.testsupport.BillingLedger.Totals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.tool.annotation.Tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link BillingProvider}: Spring AI's real models understand it, and read from
 * it what it billed.
 */
class BillingProviderTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	@ParameterizedTest
	@EnumSource
	void answersACall(Model model) {
		ChatResponse response = model.build("plain").call(new Prompt("Hello"));
		assertThat(response.getResult().getOutput().getText()).isEqualTo("Pebbles gossip.");
		Bill bill = onlyBill();
		assertThat(bill.ending()).isEqualTo(Ending.ANSWERED);
		assertThat(bill.streaming()).isFalse();
		assertThat(bill.requestModel()).isEqualTo("plain");
		assertThat(response.getMetadata().getModel()).isEqualTo(bill.model());
		model.assertUsage(response.getMetadata().getUsage(), bill);
	}

	@ParameterizedTest
	@EnumSource
	void answersAStream(Model model) {
		List<ChatResponse> chunks = chunks(model.build("plain").stream(new Prompt("Hello")));
		assertThat(textOf(chunks)).isEqualTo("Pebbles gossip. They never stop.");
		Bill bill = onlyBill();
		assertThat(bill.ending()).isEqualTo(Ending.ANSWERED);
		assertThat(bill.streaming()).isTrue();
		List<Usage> usages = usages(chunks);
		assertThat(usages).hasSize(1);
		model.assertUsage(usages.get(0), bill);
	}

	@ParameterizedTest
	@EnumSource
	void asksForAToolAndAnswersWhenItsResultIsThere(Model model) {
		TideTable tool = new TideTable();
		ChatResponse response = ChatClient.create(model.build("plain"))
			.prompt("When is high tide? tool-round")
			.tools(tool)
			.call()
			.chatResponse();
		assertThat(response).isNotNull();
		assertThat(response.getResult().getOutput().getText()).isEqualTo("Pebbles gossip.");
		assertThat(tool.port).isEqualTo("Nowhere");
		List<Bill> bills = provider.ledger().bills();
		assertThat(bills).hasSize(2);
		if (SpringAi.is200()) {
			model.assertUsage(response.getMetadata().getUsage(), bills.get(1));
		}
		else {
			// Of all rounds, so it must not be counted
			assertThat(response.getMetadata().getUsage().getCompletionTokens().longValue())
				.isEqualTo(bills.get(0).output() + bills.get(1).output());
		}
	}

	@ParameterizedTest
	@EnumSource
	void streamsToolRounds(Model model) {
		TideTable tool = new TideTable();
		List<String> texts = ChatClient.create(model.build("plain"))
			.prompt("When is high tide? tool-round")
			.tools(tool)
			.stream()
			.content()
			.collectList()
			.block(Conditions.DEADLINE);
		assertThat(texts).isNotNull();
		assertThat(String.join("", texts)).contains("Pebbles gossip. They never stop.");
		assertThat(tool.port).isEqualTo("Nowhere");
		assertThat(provider.ledger().totals().answered()).isEqualTo(2);
	}

	@ParameterizedTest
	@EnumSource
	void answersWithAnObject(Model model) {
		Tide tide = ChatClient.create(model.build("plain"))
			.prompt("Describe the tide, as-json")
			.call()
			.entity(Tide.class);
		assertThat(tide).isEqualTo(new Tide("Nowhere", 12));
	}

	@ParameterizedTest
	@EnumSource
	void failsACall(Model model) {
		assertThatException().isThrownBy(() -> model.build("fail-429").call("Hello"));
		assertThatException().isThrownBy(() -> model.build("plain").call("Hello, fail-500"));
		assertThat(provider.ledger().bills()).extracting(Bill::ending).containsExactly(Ending.FAILED, Ending.FAILED);
		assertThat(provider.ledger().totals().input()).isZero();
	}

	@ParameterizedTest
	@EnumSource
	void failsAStream(Model model) {
		assertThatException().isThrownBy(() -> chunks(model.build("fail-429").stream(new Prompt("Hello"))));
		assertThatException().isThrownBy(() -> chunks(model.build("fail-500").stream(new Prompt("Hello"))));
		assertThat(provider.ledger().bills()).extracting(Bill::ending).containsExactly(Ending.FAILED, Ending.FAILED);
	}

	@ParameterizedTest
	@EnumSource
	void breaksAStreamOff(Model model) {
		assertThatException().isThrownBy(() -> chunks(model.build("fail-midway").stream(new Prompt("Hello"))));
		assertThat(onlyBill().ending()).isEqualTo(Ending.FAILED);
	}

	@Test
	void failsOnceForAClientThatTriesAgain() {
		OpenAiChatModel model = ChatModels.openAi(provider, "fail-once", ObservationRegistry.NOOP, 1);
		assertThat(model.call("Hello")).isEqualTo("Pebbles gossip.");
		assertThat(provider.ledger().bills()).extracting(Bill::ending).containsExactly(Ending.FAILED, Ending.ANSWERED);
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ANTHROPIC")
	void billsWithoutSayingSo(Model model) {
		ChatResponse response = model.build("no-usage").call(new Prompt("Hello"));
		assertThat(response.getMetadata().getUsage().getTotalTokens()).isZero();
		assertThat(usages(chunks(model.build("no-usage").stream(new Prompt("Hello"))))).isEmpty();
		Totals totals = provider.ledger().totals();
		assertThat(totals.unreported()).isEqualTo(2);
		assertThat(totals.input()).isZero();
		assertThat(provider.ledger().bills()).allSatisfy((bill) -> assertThat(bill.input()).isPositive());
	}

	@Test
	void answersWithoutChoices() {
		ChatResponse response = Model.OPENAI.build("no-choices").call(new Prompt("Hello"));
		assertThat(response.getResults()).isEmpty();
		assertThat(provider.ledger().totals().input()).isPositive();
	}

	@ParameterizedTest
	@EnumSource
	void holdsASlowStreamUntilItIsReleased(Model model) {
		CountDownLatch first = new CountDownLatch(1);
		CountDownLatch last = new CountDownLatch(1);
		model.build("slow-stream")
			.stream(new Prompt("Hello"))
			.doOnNext((chunk) -> first.countDown())
			.doOnComplete(last::countDown)
			.subscribe();
		provider.awaitHeldStreams(1);
		Conditions.await("first chunk", () -> first.getCount() == 0);
		assertThat(provider.ledger().bills()).isEmpty();
		assertThat(last.getCount()).isOne();
		provider.releaseStreams();
		Conditions.await("last chunk", () -> last.getCount() == 0);
		assertThat(onlyBill().ending()).isEqualTo(Ending.ANSWERED);
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OPENAI")
	void noticesThatTheClientOfAnEndlessStreamIsGone(Model model) {
		assertThat(model.build("endless").stream(new Prompt("Hello")).take(3).collectList().block(Conditions.DEADLINE))
			.hasSize(3);
		provider.awaitIdle();
		assertThat(onlyBill().ending()).isEqualTo(Ending.INTERRUPTED);
		assertThat(provider.ledger().totals().input()).isZero();
	}

	@Test
	void billsAStreamOfOpenAiAsItsClientLeavesItAfterACancel() {
		CountDownLatch first = new CountDownLatch(1);
		Disposable subscription = Model.OPENAI.build("endless")
			.stream(new Prompt("Hello"))
			.subscribe((chunk) -> first.countDown());
		Conditions.await("first chunk", () -> first.getCount() == 0);
		subscription.dispose();
		if (SpringAi.is200()) {
			provider.releaseStreams();
		}
		provider.awaitIdle();
		assertThat(onlyBill().ending()).isEqualTo(SpringAi.is200() ? Ending.ANSWERED : Ending.INTERRUPTED);
	}

	@Test
	void drawsTheSameCountsFromTheSameSeed() {
		try (BillingProvider one = BillingProvider.start(42); BillingProvider other = BillingProvider.start(42)) {
			for (BillingProvider each : List.of(one, other)) {
				ChatModel model = ChatModels.openAi(each, "plain", ObservationRegistry.NOOP);
				model.call("Hello");
				model.call("Hello again");
			}
			assertThat(one.ledger().bills()).hasSize(2).isEqualTo(other.ledger().bills());
			assertThat(one.ledger().bills().get(0)).isNotEqualTo(one.ledger().bills().get(1));
		}
	}

	@Test
	void addsUpAndForgets() {
		Model.OPENAI.build("plain").call("Hello");
		Model.ANTHROPIC.build("plain").call("Hello");
		List<Bill> bills = provider.ledger().bills();
		Totals totals = provider.ledger().totals();
		assertThat(totals.requests()).isEqualTo(2);
		assertThat(totals.input()).isEqualTo(bills.stream().mapToLong(Bill::input).sum());
		assertThat(totals.output()).isEqualTo(bills.stream().mapToLong(Bill::output).sum());
		assertThat(totals.cacheRead()).isEqualTo(bills.stream().mapToLong(Bill::cacheRead).sum());
		assertThat(totals.cacheWrite()).isEqualTo(bills.stream().mapToLong(Bill::cacheWrite).sum());
		assertThat(totals.reasoning()).isEqualTo(bills.stream().mapToLong(Bill::reasoning).sum());
		assertThat(provider.ledger().totals((bill) -> bill.provider().equals("anthropic")).requests()).isOne();
		provider.ledger().reset();
		assertThat(provider.ledger().totals()).isEqualTo(Totals.NONE);
	}

	@Test
	void servesTheModelsOfAnApplication() {
		ChatModelContexts.runner(provider).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(OpenAiChatModel.class).call("Hello");
			context.getBean(AnthropicChatModel.class).call("Hello");
			context.getBean(OllamaChatModel.class).call("Hello");
			assertThatException().isThrownBy(() -> context.getBean(OllamaChatModel.class).call("fail-429"));
			assertThatException().isThrownBy(() -> context.getBean(OllamaChatModel.class).call("fail-500"));
			assertThat(provider.ledger().bills()).extracting(Bill::requestModel)
				.containsExactly(ChatModelContexts.OPENAI_MODEL, ChatModelContexts.ANTHROPIC_MODEL,
						ChatModelContexts.OLLAMA_MODEL, ChatModelContexts.OLLAMA_MODEL, ChatModelContexts.OLLAMA_MODEL);
		});
	}

	private static Bill onlyBill() {
		assertThat(provider.ledger().bills()).hasSize(1);
		return provider.ledger().bills().get(0);
	}

	private static List<ChatResponse> chunks(Flux<ChatResponse> stream) {
		List<ChatResponse> chunks = stream.collectList().block(Conditions.DEADLINE);
		assertThat(chunks).isNotNull();
		return chunks;
	}

	private static List<Usage> usages(List<ChatResponse> chunks) {
		return chunks.stream()
			.map((chunk) -> chunk.getMetadata().getUsage())
			.filter((usage) -> usage.getTotalTokens() > 0)
			.toList();
	}

	private static String textOf(List<ChatResponse> chunks) {
		StringBuilder text = new StringBuilder();
		chunks.stream()
			.flatMap((chunk) -> chunk.getResults().stream())
			.flatMap((generation) -> Stream.ofNullable(generation.getOutput().getText()))
			.forEach(text::append);
		return text.toString();
	}

	enum Model {

		OPENAI {

			@Override
			ChatModel build(String name) {
				return ChatModels.openAi(provider, name, ObservationRegistry.NOOP);
			}

			@Override
			void assertUsage(Usage usage, Bill bill) {
				assertThat(usage.getPromptTokens().longValue()).isEqualTo(bill.input());
				assertThat(usage.getCompletionTokens().longValue()).isEqualTo(bill.output());
				assertThat(usage.getCacheReadInputTokens()).isEqualTo(bill.cacheRead());
				assertThat(usage.getNativeUsage()).isInstanceOfSatisfying(CompletionUsage.class,
						(nativeUsage) -> assertThat(nativeUsage.completionTokensDetails().get().reasoningTokens())
							.contains(bill.reasoning()));
			}

		},

		ANTHROPIC {

			@Override
			ChatModel build(String name) {
				return ChatModels.anthropic(provider, name, ObservationRegistry.NOOP);
			}

			@Override
			void assertUsage(Usage usage, Bill bill) {
				assertThat(usage.getPromptTokens() + bill.cacheRead() + bill.cacheWrite()).isEqualTo(bill.input());
				assertThat(usage.getCompletionTokens().longValue()).isEqualTo(bill.output());
				assertThat(usage.getCacheReadInputTokens()).isEqualTo(bill.cacheRead());
				assertThat(usage.getCacheWriteInputTokens()).isEqualTo(bill.cacheWrite());
			}

		},

		OLLAMA {

			@Override
			ChatModel build(String name) {
				return ChatModels.ollama(provider, name, ObservationRegistry.NOOP);
			}

			@Override
			void assertUsage(Usage usage, Bill bill) {
				assertThat(usage.getPromptTokens().longValue()).isEqualTo(bill.input());
				assertThat(usage.getCompletionTokens().longValue()).isEqualTo(bill.output());
				assertThat(bill.cacheRead() + bill.cacheWrite() + bill.reasoning()).isZero();
			}

		};

		abstract ChatModel build(String name);

		abstract void assertUsage(Usage usage, Bill bill);

	}

	record Tide(String name, int height) {
	}

	static final class TideTable {

		private volatile String port = "";

		@Tool(description = "Tells the tides of a port")
		String tideTable(String port) {
			this.port = port;
			return "High tide at noon";
		}

	}

}
