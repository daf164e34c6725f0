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
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.Bill.Ending;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.CountedTokens;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.client.advisor.ToolCallingAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.Ordered;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What the meters say after a call is what the provider billed, once, whatever way the
 * call took.
 */
@SpringBootTest(classes = CountedApplication.class, webEnvironment = WebEnvironment.NONE,
		properties = { "logging.level.org.springframework.ai=off", "logging.level.reactor=off" })
@TestInstance(Lifecycle.PER_CLASS)
class BilledEqualsCountedTests {

	private static final String HELLO = "Hello";

	private static final Runnable NOTHING = () -> {
	};

	private static final String TIDE = "When is high tide? tool-round";

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

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

	@ParameterizedTest
	@MethodSource
	void directCall(Case test) {
		test.run(this);
	}

	Stream<Case> directCall() {
		List<Case> cases = new ArrayList<>();
		models().forEach((name, model) -> {
			cases.add(all(name + ".call(String)", () -> model.call(HELLO)));
			cases.add(all(name + ".call(Message...)",
					() -> model.call(new SystemMessage("Be brief"), new UserMessage(HELLO))));
			cases.add(all(name + ".call(Prompt)", () -> model.call(new Prompt(HELLO))));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void directStream(Case test) {
		test.run(this);
	}

	Stream<Case> directStream() {
		List<Case> cases = new ArrayList<>();
		models().forEach((name, model) -> {
			cases.add(all(name + ".stream(String)", () -> model.stream(HELLO).blockLast()));
			cases.add(all(name + ".stream(Message...)",
					() -> model.stream(new SystemMessage("Be brief"), new UserMessage(HELLO)).blockLast()));
			cases.add(all(name + ".stream(Prompt)", () -> model.stream(new Prompt(HELLO)).blockLast()));
			cases.add(all(name + ".stream(Prompt) on another thread",
					() -> model.stream(new Prompt(HELLO))
						.subscribeOn(Schedulers.boundedElastic())
						.publishOn(Schedulers.parallel())
						.blockLast()));
		});
		return cases.stream();
	}

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

	@ParameterizedTest
	@MethodSource
	void composite(Case test) {
		test.run(this);
	}

	Stream<Case> composite() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("openAiThenOllama", "ollamaThenAnthropic", "anthropicThenOpenAi", "routerOfRouters",
				"rewritingOpenAi", "rewritingOllama", "rewritingPlain", "hedging", "plainThenOpenAi")) {
			ChatModel model = bean(name);
			ChatClient client = client(model);
			for (String text : (model instanceof FallbackChatModel) ? List.of(HELLO, FallbackChatModel.FIRST_FAILS)
					: List.of(HELLO)) {
				String what = "%s, '%s', ".formatted(name, text);
				cases.add(all(what + "call", () -> model.call(new Prompt(text))));
				cases.add(all(what + "stream", () -> model.stream(new Prompt(text)).blockLast()));
				cases.add(all(what + "client call", () -> client.prompt(text).call().content()));
				cases.add(all(what + "client stream", () -> client.prompt(text).stream().content().blockLast()));
				cases.add(all(what + "client stream with memory",
						() -> withMemory(client, text).stream().content().blockLast()));
			}
		}
		ChatModel router = bean("openAiThenOllama");
		cases.add(all("router whose both models fail, call",
				() -> assertThatException().isThrownBy(() -> router.call("Hello, fail-429"))));
		cases.add(all("router whose both models fail, stream",
				() -> assertThatException().isThrownBy(() -> router.stream("Hello, fail-429").blockLast())));
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void compositeOfClient(Case test) {
		test.run(this);
	}

	Stream<Case> compositeOfClient() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("clientOpenAi", "clientAnthropic", "clientOllama")) {
			ChatModel model = bean(name);
			ChatClient client = client(model);
			for (String text : List.of(HELLO, "Hello, no-usage")) {
				String what = "%s, '%s', ".formatted(name, text);
				cases.add(all(what + "call", () -> model.call(text)));
				cases.add(all(what + "stream", () -> model.stream(text).blockLast()));
				cases.add(all(what + "client call", () -> client.prompt(text).call().content()));
				cases.add(all(what + "client stream", () -> client.prompt(text).stream().content().blockLast()));
			}
			cases.add(failing(name + " failed call", () -> model.call("Hello, fail-500")));
			cases.add(failing(name + " failed stream", () -> model.stream("Hello, fail-500").blockLast()));
			cases.add(cancelled(name + " cancelled stream", () -> model.stream("Hello, endless").blockFirst()));
		}
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void compositeAnswerWithoutUsage(Case test) {
		test.run(this);
	}

	Stream<Case> compositeAnswerWithoutUsage() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("openAiThenOllama", "anthropicThenOpenAi", "ollamaThenAnthropic", "hedging",
				"rewritingOpenAi")) {
			ChatModel model = bean(name);
			cases.add(all(name + " call", () -> model.call("Hello, no-usage")));
			cases.add(all(name + " stream", () -> model.stream("Hello, no-usage").blockLast()));
		}
		cases.add(all("rewritingOpenAi call without choices", () -> bean("rewritingOpenAi").call("Hello, no-choices")));
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
	void detachedComposite(Case test) {
		test.run(this);
	}

	Stream<Case> detachedComposite() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("detachedOpenAi", "detachedAnthropic", "detachedOllama")) {
			ChatModel model = bean(name);
			for (String text : List.of(HELLO, "Hello, no-usage")) {
				cases.add(all("%s call, '%s'".formatted(name, text), () -> model.call(text)));
				cases.add(all("%s stream, '%s'".formatted(name, text), () -> model.stream(text).blockLast()));
			}
			cases.add(failing(name + " failed call", () -> model.call("Hello, fail-500")));
			cases.add(failing(name + " failed stream", () -> model.stream("Hello, fail-500").blockLast()));
			cases.add(cancelled(name + " cancelled stream", () -> model.stream("Hello, endless").blockFirst()));
		}
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void cachingComposite(Case test) {
		test.run(this);
	}

	Stream<Case> cachingComposite() {
		List<Case> cases = new ArrayList<>();
		for (String name : List.of("cachingOpenAi", "cachingAnthropic", "cachingOllama")) {
			ChatModel model = bean(name);
			for (String text : List.of(HELLO, "Hello, no-usage")) {
				for (int i = 1; i <= 2; i++) {
					cases.add(all("%s call %d, '%s'".formatted(name, i, text), () -> model.call(text)));
					cases.add(all("%s stream %d, '%s'".formatted(name, i, text), () -> model.stream(text).blockLast()));
				}
			}
		}
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void routerAnswerWithoutChoices(Case test) {
		test.run(this);
	}

	Stream<Case> routerAnswerWithoutChoices() {
		// Not so for a router that gets its models from an ObjectProvider and calls them
		// on a
		// thread to which nothing is carried: an answer without choices has nothing to
		// link it
		return Stream.of(all("openAiThenOllama", () -> bean("openAiThenOllama").call("Hello, no-choices")));
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

	@ParameterizedTest
	@MethodSource
	void modelOfTheUser(Case test) {
		test.run(this);
	}

	Stream<Case> modelOfTheUser() {
		ChatModel model = bean("plain");
		ChatClient client = client(model);
		return Stream.of(all("call(String)", () -> model.call(HELLO)),
				all("call(Message...)", () -> model.call(new UserMessage(HELLO))),
				all("call(Prompt)", () -> model.call(new Prompt(HELLO))),
				all("stream(String)", () -> model.stream(HELLO).blockLast()),
				all("stream(Message...)", () -> model.stream(new UserMessage(HELLO)).blockLast()),
				all("stream(Prompt)", () -> model.stream(new Prompt(HELLO)).blockLast()),
				all("client call", () -> client.prompt(HELLO).call().content()),
				all("client stream", () -> client.prompt(HELLO).stream().content().blockLast()),
				all("client stream with memory", () -> withMemory(client, HELLO).stream().content().blockLast()),
				all("failed call", () -> assertThatException().isThrownBy(() -> model.call("Hello, fail-500"))),
				all("failed stream",
						() -> assertThatException().isThrownBy(() -> model.stream("Hello, fail-500").blockLast())),
				all("call without usage", () -> model.call("Hello, no-usage")),
				all("stream without usage", () -> model.stream("Hello, no-usage").blockLast()),
				cancelled("stream, first only", () -> model.stream("Hello, slow-stream").blockFirst()),
				all("stream subscribed twice", () -> {
					Flux<String> stream = model.stream(HELLO);
					stream.blockLast();
					stream.blockLast();
				}));
	}

	@ParameterizedTest
	@MethodSource
	void failure(Case test) {
		test.run(this);
	}

	Stream<Case> failure() {
		List<Case> cases = new ArrayList<>();
		providerModels().forEach((name, model) -> {
			ChatClient client = client(model);
			for (String marker : List.of("fail-429", "fail-500")) {
				String text = "Hello, " + marker;
				cases.add(failing(name + " call " + marker, () -> model.call(text)));
				cases.add(failing(name + " stream " + marker, () -> model.stream(text).blockLast()));
				cases.add(failing(name + " client call " + marker, () -> client.prompt(text).call().content()));
				cases.add(failing(name + " client stream " + marker,
						() -> client.prompt(text).stream().content().blockLast()));
				cases.add(failing(name + " client stream with memory " + marker,
						() -> withMemory(client, text).stream().content().blockLast()));
				cases.add(failing(name + " client entity " + marker,
						() -> client.prompt(text).call().entity(Tide.class)));
			}
			cases.add(failing(name + " stream broken off", () -> model.stream("Hello, fail-midway").blockLast()));
			cases.add(failing(name + " client stream broken off",
					() -> client.prompt("Hello, fail-midway").stream().content().blockLast()));
			cases.add(failing(name + " client entity of an answer that is none",
					() -> client.prompt(HELLO).call().entity(Tide.class)));
			cases.add(all(name + " client tool that throws", () -> client.prompt(TIDE).tools(new TideTable(() -> {
				throw new IllegalStateException("No tide");
			})).call().content()));
			cases.add(all(name + " stream tried again after a failure",
					() -> model.stream("Hello, fail-once " + UUID.randomUUID()).retry(1).blockLast()));
		});
		return cases.stream();
	}

	@Test
	void callThatTheProvidersClientTriesAgain() {
		ChatModel model = ChatModels.openAi(provider, "fail-once", this.observationRegistry, 1);
		model.call(HELLO);
		settle(1);
		List<Bill> bills = provider.ledger().bills();
		assertThat(bills).hasSize(2);
		assertThat(added()).isEqualTo(CountedTokens.billed(bills.subList(1, 2), Seeing.ALL));
	}

	@ParameterizedTest
	@MethodSource
	void answerWithoutUsage(Case test) {
		test.run(this);
	}

	Stream<Case> answerWithoutUsage() {
		List<Case> cases = new ArrayList<>();
		Map.of("openAi", this.openAi, "ollama", this.ollama).forEach((name, model) -> {
			ChatClient client = client(model);
			String text = "Hello, no-usage";
			cases.add(all(name + " call", () -> model.call(text)));
			cases.add(all(name + " stream", () -> model.stream(text).blockLast()));
			cases.add(all(name + " client call", () -> client.prompt(text).call().content()));
			cases.add(all(name + " client stream", () -> client.prompt(text).stream().content().blockLast()));
		});
		Map.of("openAi", this.openAi, "anthropic", this.anthropic).forEach((name, model) -> {
			// Spring AI drops the usage of an answer without choices or content
			cases.add(all(name + " call without choices", () -> model.call("Hello, no-choices")));
			cases.add(all(name + " client call without choices",
					() -> client(model).prompt("Hello, no-choices").call().content()));
		});
		return cases.stream();
	}

	@ParameterizedTest
	@MethodSource
	void cancelledStream(Case test) {
		test.run(this);
	}

	Stream<Case> cancelledStream() {
		List<Case> cases = new ArrayList<>();
		Map<String, Function<String, Flux<?>>> streams = new LinkedHashMap<>();
		providerModels().forEach((name, model) -> {
			ChatClient client = client(model);
			streams.put(name + " stream", (text) -> model.stream(new Prompt(text)));
			streams.put(name + " client stream", (text) -> client.prompt(text).stream().content());
			streams.put(name + " client stream with memory",
					(text) -> withMemory(client, text).stream().chatResponse());
		});
		for (String name : List.of("openAiThenOllama", "rewritingOllama")) {
			ChatModel model = bean(name);
			streams.put(name + " stream", (text) -> model.stream(new Prompt(text)));
		}
		streams.forEach((name, stream) -> {
			// Whoever cancels a stream of Anthropic's client from another thread is
			// blocked
			// until the provider sends something
			for (String text : name.startsWith("anthropic") ? List.of("Hello, endless")
					: List.of("Hello, slow-stream", "Hello, endless")) {
				cases.add(cancelled("%s take(1), '%s'".formatted(name, text),
						() -> stream.apply(text).take(1).blockLast()));
				if (!name.equals("anthropic stream")) {
					cases.add(cancelled("%s dispose, '%s'".formatted(name, text), () -> {
						CountDownLatch first = new CountDownLatch(1);
						Disposable subscription = stream.apply(text).subscribe((chunk) -> first.countDown());
						await(first);
						subscription.dispose();
					}));
				}
				cases.add(cancelled("%s handler throws, '%s'".formatted(name, text),
						() -> assertThatException().isThrownBy(() -> stream.apply(text).doOnNext((chunk) -> {
							throw new IllegalStateException("Enough");
						}).blockLast())));
			}
		});
		return cases.stream();
	}

	@Test
	void streamOfAnthropicThatAnotherThreadCancels() {
		CountDownLatch first = new CountDownLatch(1);
		Disposable subscription = this.anthropic.stream(new Prompt("Hello, endless"))
			.subscribe((chunk) -> first.countDown());
		await(first);
		subscription.dispose();
		provider.releaseStreams();
		provider.awaitIdle();
		settle(1);
		// Its client's reading thread may fail on the closed connection before the
		// observation stops, and that is no failure
		assertThat(added()).isEqualTo(CountedTokens.billed(provider.ledger().bills(), Seeing.CANCELLED));
	}

	@ParameterizedTest
	@MethodSource
	void manySubscriptions(Case test) {
		test.run(this);
	}

	Stream<Case> manySubscriptions() {
		List<Case> cases = new ArrayList<>();
		models().forEach((name, model) -> {
			Flux<String> stream = Flux.defer(() -> model.stream(HELLO));
			cases.add(all(name + " one after the other", () -> {
				Flux<String> same = model.stream(HELLO);
				same.blockLast();
				same.blockLast();
			}));
			cases.add(all(name + " at the same time", () -> Flux.merge(stream, stream, stream).blockLast()));
			cases.add(all(name + " concatenated", () -> stream.concatWith(stream).blockLast()));
			cases.add(all(name + " shared", () -> {
				Flux<String> shared = model.stream(HELLO).cache();
				shared.blockLast();
				shared.blockLast();
			}));
			cases.add(all(name + " never", () -> model.stream(HELLO)));
		});
		cases.add(all("two providers at the same time",
				() -> Flux.merge(this.openAi.stream(HELLO), this.ollama.stream(HELLO)).blockLast()));
		return cases.stream();
	}

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
		Stream
			.of(directCall(), chatClient(), modelOfTheUser(), answerWithoutUsage(), nestedCall(), failure(),
					directStream(), composite(), modelThatIsNoBean())
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

	private Case all(String name, Runnable action) {
		return new Case(name, Seeing.ALL, action);
	}

	private Case aggregate(String name, Runnable action) {
		return new Case(name, Seeing.AGGREGATE, action);
	}

	private Case cancelled(String name, Runnable action) {
		return new Case(name, Seeing.CANCELLED, action);
	}

	private Case failing(String name, Runnable action) {
		return all(name, () -> assertThatException().isThrownBy(action::run));
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

	private Map<String, ChatModel> providerModels() {
		Map<String, ChatModel> models = new LinkedHashMap<>();
		models.put("openAi", this.openAi);
		models.put("anthropic", this.anthropic);
		models.put("ollama", this.ollama);
		return models;
	}

	/**
	 * The models by their own type and as {@link ChatModel}.
	 */
	private Map<String, ChatModel> models() {
		Map<String, ChatModel> models = new LinkedHashMap<>(providerModels());
		for (String name : List.of("openAiChatModel", "anthropicChatModel", "ollamaChatModel")) {
			models.put(name, bean(name));
		}
		return models;
	}

	private ChatModel bean(String name) {
		ChatModel model = this.chatModels.get(name);
		assertThat(model).as(name).isNotNull();
		return model;
	}

	private static Map<String, ChatModel> handBuilt(ObservationRegistry observationRegistry) {
		Map<String, ChatModel> models = new LinkedHashMap<>();
		models.put("handBuiltOpenAi", ChatModels.openAi(provider, "gpt-by-hand", observationRegistry));
		models.put("handBuiltAnthropic", ChatModels.anthropic(provider, "claude-by-hand", observationRegistry));
		models.put("handBuiltOllama", ChatModels.ollama(provider, "llama-by-hand", observationRegistry));
		return models;
	}

	private ChatClient client(ChatModel model) {
		ChatClient.Builder builder = ChatClient.builder(model, this.observationRegistry, null, null,
				this.toolCallingAdvisorBuilder.getObject());
		return this.chatClientBuilderConfigurer.configure(builder).build();
	}

	private ChatClient.ChatClientRequestSpec withMemory(ChatClient client, String text) {
		return client.prompt(text)
			.advisors(MessageChatMemoryAdvisor.builder(this.chatMemory).build())
			.advisors((advisors) -> advisors.param(ChatMemory.CONVERSATION_ID, UUID.randomUUID().toString()));
	}

	private static void await(CountDownLatch latch) {
		Conditions.await("first chunk", () -> latch.getCount() == 0);
	}

	private void settle(int calls) {
		provider.awaitIdle();
		this.capturedCalls.await(this.callsBefore + calls);
		this.runningObservations.awaitNone();
		this.callsBefore = this.capturedCalls.calls().size();
		this.settled = true;
	}

	private Map<String, CountedTokens> added() {
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

	private static Map<String, CountedTokens> byRequestModel(Map<String, CountedTokens> byModel) {
		return CountedTokens.renamed(byModel, ChatModelContexts::requestModel);
	}

	record Case(String name, Seeing seeing, Runnable action) {

		void run(BilledEqualsCountedTests tests) {
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
