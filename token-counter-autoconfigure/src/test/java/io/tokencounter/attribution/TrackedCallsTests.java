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

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.RunningObservations;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.api.OllamaChatOptions;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the meters say of a tenant's feature is what the provider billed for it, whatever
 * threads its calls went by. Each request has the name {@code tenant.feature} of whom it
 * should be attributed to as its model.
 */
@SpringBootTest(classes = TrackedApplication.class, webEnvironment = WebEnvironment.NONE,
		properties = { "token-counter.metrics.tags=tenant", "token-counter.metrics.max-tag-values=1000",
				"token-counter.pricing.enabled=false", "logging.level.org.springframework.ai=off",
				"logging.level.reactor=off" })
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class TrackedCallsTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ExecutorService executor = Executors.newFixedThreadPool(16);

	private final ExecutorService propagating = ContextExecutorService.wrap(this.executor,
			ContextSnapshotFactory.builder().build()::captureAll);

	@Autowired
	MeterRegistry meterRegistry;

	@Autowired
	ObservationRegistry observationRegistry;

	@Autowired
	CapturedCalls capturedCalls;

	@Autowired
	RunningObservations runningObservations;

	@Autowired
	Map<String, ChatModel> models;

	@Autowired
	Map<String, ChatClient> clients;

	@Autowired
	ChatMemory chatMemory;

	@Autowired
	TrackedService service;

	@Autowired
	TrackedService.TypeLevel typeLevel;

	@DynamicPropertySource
	static void askTheProvider(DynamicPropertyRegistry registry) {
		for (String property : ChatModelContexts.properties(provider)) {
			String[] keyAndValue = property.split("=", 2);
			registry.add(keyAndValue[0], () -> keyAndValue[1]);
		}
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

	@AfterAll
	void shutDown() {
		this.executor.shutdownNow();
	}

	@ParameterizedTest
	@MethodSource("cases")
	void attributesEachCallToTheFeatureAndTenantThatItWasMadeFor(Case test) throws Exception {
		test.run(this);
		verify(test.calls());
	}

	static Stream<Case> cases() {
		List<Case> cases = new ArrayList<>();
		for (String model : List.of("openAi", "anthropic", "ollama")) {
			scenarios().forEach((name, scenario) -> {
				// The aggregate of a direct stream of Anthropic's lacks cached tokens
				if (!(model.equals("anthropic") && name.contains("direct stream"))) {
					cases.add(new Case(model, name, scenario));
				}
			});
		}
		return cases.stream();
	}

	private static Map<String, Scenario> scenarios() {
		Map<String, Scenario> all = new LinkedHashMap<>();
		all.put("call", new Scenario(1, (test, asked) -> test.service.plain("acme", asked.model("acme.plain"))));
		all.put("call in a generic method",
				new Scenario(1, (test, asked) -> test.service.generic("acme", asked.model("acme.generic"))));
		all.put("client call",
				new Scenario(1, (test, asked) -> test.service.plain("acme", asked.client("acme.plain"))));
		all.put("client stream with memory", new Scenario(1,
				(test, asked) -> test.service.flux("acme", asked.memoryStream("acme.flux")).blockLast()));
		all.put("client stream in a generic method", new Scenario(1,
				(test, asked) -> test.service.generic("acme", asked.memoryStream("acme.generic")).blockLast()));
		all.put("client stream on other threads",
				new Scenario(1,
						(test, asked) -> test.service.flux("acme", asked.memoryStream("acme.flux"))
							.subscribeOn(Schedulers.boundedElastic())
							.publishOn(Schedulers.parallel())
							.blockLast()));
		all.put("direct stream",
				new Scenario(1, (test, asked) -> test.service.flux("acme", asked.stream("acme.flux")).blockLast()));
		all.put("two subscriptions", new Scenario(2, (test, asked) -> {
			Flux<String> stream = test.service.flux("acme", asked.memoryStream("acme.flux"));
			stream.blockLast();
			stream.blockLast();
		}));
		all.put("mono of a stream",
				new Scenario(1,
						(test, asked) -> test.service
							.mono("acme", () -> asked.memoryStream("acme.mono").get().collectList().map(List::toString))
							.block()));
		all.put("mono on the subscriber's thread", new Scenario(1,
				(test, asked) -> test.service.mono("acme", () -> Mono.fromSupplier(asked.model("acme.mono"))).block()));
		all.put("mono on another thread with automatic context propagation", new Scenario(1, (test, asked) -> {
			Hooks.enableAutomaticContextPropagation();
			try {
				test.service
					.mono("acme",
							() -> Mono.fromSupplier(asked.model("acme.mono")).subscribeOn(Schedulers.boundedElastic()))
					.block();
			}
			finally {
				Hooks.disableAutomaticContextPropagation();
			}
		}));
		all.put("call made by a subscriber downstream of a mono",
				new Scenario(2,
						(test, asked) -> test.service.mono("acme", () -> Mono.fromSupplier(asked.model("acme.mono")))
							.map((text) -> asked.model("none.none").get())
							.block()));
		all.put("mono subscribed to in a mono", new Scenario(3, (test, asked) -> test.service.mono("acme", () -> {
			Supplier<Flux<String>> inner = () -> Flux.defer(() -> Flux.just(asked.model("acme.innerflux").get()));
			return test.service.innerFlux(inner).map((text) -> asked.model("acme.mono").get()).last();
		}).map((text) -> asked.model("none.none").get()).block()));
		all.put("call before the publisher is returned",
				new Scenario(2, (test, asked) -> test.service.flux("acme", () -> {
					asked.model("acme.flux").get();
					return asked.memoryStream("acme.flux").get();
				}).blockLast()));
		all.put("future",
				new Scenario(
						1, (test,
								asked) -> test.service
									.future("acme",
											() -> CompletableFuture.supplyAsync(asked.model("acme.future"),
													test.propagating))
									.get()));
		all.put("async method",
				new Scenario(1, (test, asked) -> test.service.async("acme", asked.model("acme.async")).get()));
		all.put("blocked client stream with memory", new Scenario(1,
				(test, asked) -> test.service.plain("acme", () -> asked.memoryStream("acme.plain").get().blockLast())));
		all.put("blocked direct stream", new Scenario(1,
				(test, asked) -> test.service.plain("acme", () -> asked.stream("acme.plain").get().blockLast())));
		all.put("tracked method in a tool", new Scenario(3, (test, asked) -> test.service.plain("acme",
				() -> asked.tool("acme.plain", () -> test.service.inner(asked.model("acme.inner"))).call().content())));
		all.put("tracked method in a streamed tool loop", new Scenario(3, (test, asked) -> test.service.flux("acme",
				() -> asked.tool("acme.flux", () -> test.service.inner(asked.model("acme.inner"))).stream().content())
			.blockLast()));
		all.put("client stream in a tool of a client",
				new Scenario(
						3, (test,
								asked) -> test.service.plain("acme",
										() -> asked
											.tool("acme.plain",
													() -> test.service.inner(
															() -> asked.memoryStream("acme.inner").get().blockLast()))
											.call()
											.content())));
		all.put("nested", new Scenario(3, (test, asked) -> test.service.plain("acme", () -> {
			asked.model("acme.plain").get();
			test.service.inner(asked.client("acme.inner"));
			return asked.client("acme.plain").get();
		})));
		all.put("nested with another tenant", new Scenario(3, (test, asked) -> test.service.plain("acme", () -> {
			test.service.generic("emca", asked.model("emca.generic"));
			test.service.flux("emca", asked.memoryStream("emca.flux")).blockLast();
			return asked.model("acme.plain").get();
		})));
		all.put("self-made annotation",
				new Scenario(1, (test, asked) -> test.service.meta("acme", asked.model("acme.meta"))));
		all.put("annotation of a type", new Scenario(2, (test, asked) -> {
			test.typeLevel.ofType("acme", asked.model("acme.type"));
			test.typeLevel.ofMethod("acme", asked.model("acme.own"));
		}));
		all.put("annotation of an interface",
				new Scenario(1, (test, asked) -> test.service.declared("acme", asked.model("acme.declared"))));
		all.put("outside", new Scenario(1, (test, asked) -> asked.model("none.none").get()));
		all.put("virtual threads", new Scenario(2, (test, asked) -> {
			Thread thread = newThread(() -> {
				test.service.plain("acme", asked.model("acme.plain"));
				test.service.plain("acme", () -> asked.memoryStream("acme.plain").get().blockLast());
			});
			thread.join(Duration.ofSeconds(20).toMillis());
		}));
		return all;
	}

	@Test
	void keepsTenantsApartOnManyThreads() throws Exception {
		List<Future<?>> work = new ArrayList<>();
		CountDownLatch start = new CountDownLatch(1);
		for (int thread = 0; thread < 16; thread++) {
			String tenant = "tenant" + thread;
			Asked asked = new Asked(this, List.of("openAi", "anthropic", "ollama").get(thread % 3));
			work.add(this.executor.submit(() -> {
				start.await();
				for (int i = 0; i < 3; i++) {
					this.service.plain(tenant, asked.model(tenant + ".plain"));
					this.service.flux(tenant, asked.memoryStream(tenant + ".flux")).blockLast();
					this.service.mono(tenant, () -> Mono.fromSupplier(asked.client(tenant + ".mono"))).block();
				}
				assertThat(this.observationRegistry.getCurrentObservation()).isNull();
				return null;
			}));
		}
		start.countDown();
		for (Future<?> future : work) {
			future.get(60, TimeUnit.SECONDS);
		}
		verify(16 * 9);
	}

	@Test
	void passesCheckedExceptionsUnchanged() {
		IOException failure = new IOException("No");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.service.checked("acme", () -> {
			throw failure;
		})).isSameAs(failure);
		this.runningObservations.awaitNone();
	}

	@Test
	void endsRunOfCancelledStream() {
		Asked asked = new Asked(this, "ollama");
		CountDownLatch first = new CountDownLatch(1);
		Disposable stream = this.service.flux("acme", asked.stream("acme.flux slow-stream"))
			.subscribe((chunk) -> first.countDown());
		Awaitility.await().until(() -> first.getCount() == 0);
		stream.dispose();
		assertThat(this.capturedCalls.awaitOne()).satisfies((call) -> {
			assertThat(call.feature()).isEqualTo("flux");
			assertThat(call.tags()).containsEntry("tenant", "acme");
		});
		provider.releaseStreams();
		this.runningObservations.awaitNone();
	}

	@Test
	void endsRunOfFailedStream() {
		Asked asked = new Asked(this, "openAi");
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> this.service.flux("acme", asked.memoryStream("acme.flux fail-500")).blockLast());
		assertThat(this.capturedCalls.awaitOne().feature()).isEqualTo("flux");
		this.runningObservations.awaitNone();
	}

	@Test
	void endsRunOfFailedFuture() {
		CompletableFuture<String> future = new CompletableFuture<>();
		CompletableFuture<String> returned = this.service.future("acme", () -> future);
		assertThat(returned).isSameAs(future);
		future.completeExceptionally(new IllegalStateException("No"));
		this.runningObservations.awaitNone();
	}

	@Test
	void logsTheTokensOfAStreamWhoseModelStopsAfterItsPublisher(CapturedOutput output) {
		Asked asked = new Asked(this, "openAi");
		this.service.logged(asked.stream("none.logged")).blockLast();
		TokenCall call = this.capturedCalls.awaitOne();
		this.runningObservations.awaitNone();
		assertThat(output.getOut().lines().filter((line) -> line.contains("logged: "))).singleElement()
			.asString()
			.endsWith("logged: openai/%s input=%d output=%d total=%d calls=1".formatted(call.model(),
					call.usage().input(), call.usage().output(), call.usage().total()));
	}

	@Test
	void leavesMethodsOfObjectAlone() {
		assertThat(this.typeLevel).hasToString("a type");
		assertThat(this.meterRegistry.find("token.counter.track").timer()).isNull();
	}

	private void verify(int calls) {
		provider.awaitIdle();
		this.capturedCalls.await(calls);
		this.runningObservations.awaitNone();
		assertThat(this.capturedCalls.calls()).hasSize(calls);
		assertThat(provider.ledger().bills()).hasSize(calls);
		assertThat(AttributedTokens.counted(this.meterRegistry))
			.containsExactlyInAnyOrderEntriesOf(AttributedTokens.billed(provider.ledger()));
	}

	/**
	 * A virtual thread where there are any.
	 */
	private static Thread newThread(Runnable task) {
		try {
			return (Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
		}
		catch (ReflectiveOperationException ex) {
			Thread thread = new Thread(task);
			thread.start();
			return thread;
		}
	}

	/**
	 * Ways to ask a model.
	 *
	 * @param test the test
	 * @param name the name of the model
	 */
	record Asked(TrackedCallsTests test, String name) {

		Supplier<String> model(String caller) {
			return () -> String.valueOf(this.test.models.get(this.name + "ChatModel")
				.call(prompt(caller, "Hello"))
				.getResult()
				.getOutput()
				.getText());
		}

		Supplier<String> client(String caller) {
			return () -> String.valueOf(request(caller, "Hello").call().content());
		}

		Supplier<Flux<String>> stream(String caller) {
			return () -> this.test.models.get(this.name + "ChatModel")
				.stream(prompt(caller, "Hello"))
				.map((response) -> "chunk");
		}

		Supplier<Flux<String>> memoryStream(String caller) {
			return () -> request(caller, "Hello")
				.advisors(MessageChatMemoryAdvisor.builder(this.test.chatMemory).build())
				.advisors((advisors) -> advisors.param(ChatMemory.CONVERSATION_ID, UUID.randomUUID().toString()))
				.stream()
				.content();
		}

		ChatClient.ChatClientRequestSpec tool(String caller, Runnable onAsked) {
			return request(caller, "When is high tide? tool-round").tools(new Tides(onAsked));
		}

		private ChatClient.ChatClientRequestSpec request(String caller, String text) {
			return this.test.clients.get(this.name).prompt(prompt(caller, text));
		}

		private Prompt prompt(String caller, String text) {
			ChatOptions options = switch (this.name) {
				case "openAi" -> OpenAiChatOptions.builder().model(caller).build();
				case "anthropic" -> AnthropicChatOptions.builder().model(caller).maxTokens(100).build();
				default -> OllamaChatOptions.builder().model(caller).build();
			};
			return new Prompt(text, options);
		}

	}

	/**
	 * Calls that are made in some way.
	 *
	 * @param calls the number of requests to the provider
	 * @param action makes them
	 */
	record Scenario(int calls, Action action) {

	}

	/**
	 * Makes calls.
	 */
	interface Action {

		void run(TrackedCallsTests test, Asked asked) throws Exception;

	}

	/**
	 * A scenario with a model.
	 *
	 * @param model the model
	 * @param name the name of the scenario
	 * @param scenario the scenario
	 */
	record Case(String model, String name, Scenario scenario) {

		int calls() {
			return this.scenario.calls();
		}

		void run(TrackedCallsTests test) throws Exception {
			this.scenario.action().run(test, new Asked(test, this.model));
		}

		@Override
		public String toString() {
			return this.model + " " + this.name;
		}

	}

	/**
	 * A tool.
	 *
	 * @param onAsked what to do when the tool is called
	 */
	record Tides(Runnable onAsked) {

		@Tool(description = "Tells the tides of a port")
		String tides(String port) {
			this.onAsked.run();
			return "Noon in " + port;
		}

	}

}
