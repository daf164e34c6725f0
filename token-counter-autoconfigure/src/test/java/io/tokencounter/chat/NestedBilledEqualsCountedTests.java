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
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.CountedTokens;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is billed is counted: calls inside of other calls, and calls of many threads at
 * once.
 */
class NestedBilledEqualsCountedTests extends AbstractBilledEqualsCountedTests {

	@Autowired
	AutowireCapableBeanFactory beanFactory;

	@ParameterizedTest
	@MethodSource
	void nestedCall(Case test) {
		test.run(this);
	}

	Stream<Case> nestedCall() {
		List<Case> cases = new ArrayList<>();
		BiConsumer<String, BiConsumer<ChatModel, ChatModel>> forAll = (what, action) -> providerModels()
			.forEach((outerName, outer) -> providerModels().forEach((innerName, inner) -> cases
				.add(all("%s in %s, %s".formatted(innerName, outerName, what), () -> action.accept(outer, inner)))));
		forAll.accept("call by the handler of a chunk", (outer, inner) -> {
			AtomicBoolean first = new AtomicBoolean(true);
			outer.stream(HELLO).doOnNext((chunk) -> {
				if (first.getAndSet(false)) {
					inner.call("Hello, inner");
				}
			}).blockLast();
		});
		forAll.accept("stream for a chunk", (outer, inner) -> {
			AtomicBoolean first = new AtomicBoolean(true);
			outer.stream(HELLO)
				.concatMap((chunk) -> first.getAndSet(false) ? inner.stream("Hello, inner") : Flux.just(chunk))
				.blockLast();
		});
		forAll.accept("stream after the last chunk",
				(outer, inner) -> outer.stream(HELLO).then(inner.stream("Hello, inner").then()).block());
		List<Case> exact = new ArrayList<>();
		providerModels().forEach((outerName, outer) -> providerModels().forEach((innerName, inner) -> {
			String what = "%s in a tool of %s".formatted(innerName, outerName);
			ChatClient outerClient = client(outer);
			ChatClient innerClient = client(inner);
			exact.add(all(what + ", call",
					() -> outerClient.prompt(TIDE)
						.tools(new TideTable(() -> inner.call("Hello, inner")))
						.call()
						.content()));
			exact.add(all(what + ", streamed",
					() -> outerClient.prompt(TIDE)
						.tools(new TideTable(() -> inner.call("Hello, inner")))
						.stream()
						.content()
						.blockLast()));
			exact.add(all(what + ", client in client",
					() -> withMemory(outerClient, TIDE)
						.tools(new TideTable(() -> innerClient.prompt("Hello, inner").call().content()))
						.stream()
						.content()
						.blockLast()));
			exact.add(all(what + ", streamed client in client",
					() -> outerClient.prompt(TIDE)
						.tools(new TideTable(() -> innerClient.prompt("Hello, inner").stream().content().blockLast()))
						.call()
						.content()));
		}));
		return Stream.concat(cases.stream(), exact.stream());
	}

	@Test
	void manyThreads() throws Exception {
		List<Case> kinds = new ArrayList<>();
		DirectBilledEqualsCountedTests direct = autowired(new DirectBilledEqualsCountedTests());
		ClientBilledEqualsCountedTests client = autowired(new ClientBilledEqualsCountedTests());
		CompositeBilledEqualsCountedTests composite = autowired(new CompositeBilledEqualsCountedTests());
		EndingBilledEqualsCountedTests ending = autowired(new EndingBilledEqualsCountedTests());
		Stream
			.of(direct.directCall(), client.chatClient(), direct.modelOfTheUser(), ending.answerWithoutUsage(),
					nestedCall(), ending.failure(), direct.directStream(), composite.composite(),
					client.modelThatIsNoBean())
			.flatMap(Function.identity())
			.filter((kind) -> kind.seeing() == Seeing.ALL
					|| kind.seeing() == Seeing.AGGREGATE && !kind.name().contains("nthropic"))
			.forEach(kinds::add);
		assertThat(kinds).hasSizeGreaterThan(100);
		// For the longer run, which Maven is told of by -Dsoak=full
		int requests = "full".equals(System.getProperty("soak")) ? 20_000 : 2000;
		int threads = 16;
		AtomicInteger started = new AtomicInteger();
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				Random random = new Random(i);
				futures.add(executor.submit(() -> {
					while (provider.ledger().bills().size() < requests) {
						kinds.get(random.nextInt(kinds.size())).action().run();
						started.incrementAndGet();
					}
				}));
			}
			for (Future<?> future : futures) {
				future.get(20, TimeUnit.MINUTES);
			}
		}
		finally {
			executor.shutdownNow();
		}
		List<Bill> bills = provider.ledger().bills();
		assertThat(bills).hasSizeGreaterThanOrEqualTo(requests);
		settle(bills.size());
		Map<String, CountedTokens> expected = byRequestModel(CountedTokens.billed(bills, Seeing.ALL));
		Map<String, CountedTokens> counted = byRequestModel(added());
		assertThat(counted.keySet()).isEqualTo(expected.keySet());
		counted.forEach((model, tokens) -> {
			CountedTokens billed = expected.get(model);
			assertThat(tokens.calls()).as(model).isEqualTo(billed.calls());
			assertThat(tokens.input()).as(model).isEqualTo(billed.input());
			assertThat(tokens.output()).as(model).isEqualTo(billed.output());
		});
		// No call to Anthropic is among them of which only the aggregate is seen
		String anthropic = ChatModelContexts.ANTHROPIC_MODEL;
		assertThat(counted.get(anthropic)).isEqualTo(expected.get(anthropic));
	}

	private <T> T autowired(T tests) {
		this.beanFactory.autowireBean(tests);
		return tests;
	}

}
