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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.CountedTokens;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import io.tokencounter.wire.UsageInterceptor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for calls of models of final classes that are not observed: those that are not
 * streamed are counted by what is heard on the wire, and none is counted twice.
 */
class UnobservedModelsTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class)
		.withPropertyValues("spring.ai.openai.max-retries=1", "spring.ai.anthropic.max-retries=1");

	@ParameterizedTest
	@MethodSource("applications")
	void callsAreHeard(UnaryOperator<ApplicationContextRunner> unobserved, Class<? extends ChatModel> type) {
		unobserved.apply(this.runner).run((context) -> {
			ChatModel model = context.getBean(type);
			ChatClient client = context.getBean(ChatClientBuilderConfigurer.class)
				.configure(ChatClient.builder(model))
				.build();
			model.call("Hello");
			model.call(new Prompt("Hello no-choices"));
			model.call("Hello fail-once " + type);
			ChatClient.create(model).prompt("Hello").call().content();
			client.prompt("Hello").call().content();
			client.prompt("Hello").stream().content().blockLast();
			List<Bill> bills = provider.ledger()
				.bills()
				.stream()
				.filter((bill) -> bill.ending() == Bill.Ending.ANSWERED)
				.toList();
			assertThat(bills).hasSize(6);
			assertCounted(context, bills);
		});
	}

	static Stream<Arguments> applications() {
		return Stream.of(
				Named.<UnaryOperator<ApplicationContextRunner>>of("switched off",
						(runner) -> runner.withPropertyValues("management.observations.enable.gen_ai=false")),
				Named.<UnaryOperator<ApplicationContextRunner>>of("no registry",
						(runner) -> runner.withBean(ObservationRegistry.class, () -> ObservationRegistry.NOOP)),
				Named.<UnaryOperator<ApplicationContextRunner>>of("every second one",
						(runner) -> runner.withBean(ObservationPredicate.class, UnobservedModelsTests::everySecondOne)))
			.flatMap((application) -> Stream.of(OpenAiChatModel.class, AnthropicChatModel.class)
				.map((type) -> Arguments.of(application, type)));
	}

	private static ObservationPredicate everySecondOne() {
		AtomicInteger calls = new AtomicInteger();
		return (name, context) -> !(context instanceof ChatModelObservationContext) || calls.incrementAndGet() % 2 == 0;
	}

	@Test
	void directStreamsAreNot() {
		this.runner.withPropertyValues("management.observations.enable.gen_ai=false").run((context) -> {
			context.getBean(OpenAiChatModel.class).stream("Hello").blockLast();
			context.getBean(AnthropicChatModel.class).stream("Hello").blockLast();
			context.getBean(OpenAiChatModel.class).call("Hello");
			assertThat(calls(context)).extracting(TokenCall::streaming).containsExactly(false);
		});
	}

	@Test
	void callIsAttributedAndKnowsItsProvider() {
		this.runner.withPropertyValues("management.observations.enable.gen_ai=false").run((context) -> {
			try (TokenSession session = context.getBean(TokenCounter.class).openSession("heard")) {
				context.getBean(OpenAiChatModel.class).call("Hello");
				TokenCall call = session.lastCall();
				assertThat(call).isNotNull();
				assertThat(call.provider()).isEqualTo("openai");
				assertThat(call.model()).startsWith(ChatModelContexts.OPENAI_MODEL);
				assertThat(call.responseId()).startsWith("madeup");
				assertThat(call.duration()).isPositive();
			}
		});
	}

	@Test
	void crowdOfWhichHalfIsObserved() {
		this.runner
			.withBean(ObservationPredicate.class,
					() -> (name, context) -> !(context instanceof ChatModelObservationContext)
							|| ThreadLocalRandom.current().nextBoolean())
			.run((context) -> {
				List<ChatModel> models = List.of(context.getBean(OpenAiChatModel.class),
						context.getBean(AnthropicChatModel.class));
				ExecutorService executor = Executors.newFixedThreadPool(8);
				try {
					List<? extends Future<?>> calls = IntStream.range(0, 200)
						.mapToObj((i) -> executor.submit(() -> models.get(i % 2).call("Hello")))
						.toList();
					for (Future<?> call : calls) {
						call.get();
					}
				}
				catch (InterruptedException | ExecutionException ex) {
					throw new IllegalStateException(ex);
				}
				finally {
					executor.shutdownNow();
				}
				assertCounted(context, provider.ledger().bills());
			});
	}

	@Test
	void modelThatAnotherRegistryObserves() {
		this.runner.run((context) -> {
			AtomicInteger observed = new AtomicInteger();
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig().observationHandler((handled) -> observed.incrementAndGet() > 0);
			handBuilt(context, registry).call("Hello");
			assertThat(observed).hasPositiveValue();
			assertCounted(context, provider.ledger().bills());
		});
	}

	@Test
	void callWithinAnotherModelIsThatOnes() {
		this.runner.withBean("own", OwnModel.class).run((context) -> {
			OwnModel own = context.getBean(OwnModel.class);
			own.setDelegate(handBuilt(context, ObservationRegistry.NOOP));
			own.call("Hello");
			own.stream(new Prompt("Hello")).blockLast();
			assertThat(calls(context)).extracting(TokenCall::modelBean).containsExactly("own", "own");
		});
	}

	@Test
	void callOfATrackedModelIsCountedOnce() {
		this.runner.run((context) -> {
			context.getBean(TokenCounter.class).track(handBuilt(context, ObservationRegistry.NOOP)).call("Hello");
			assertCounted(context, provider.ledger().bills());
		});
	}

	@Test
	void excludedModelIsNotHeardEither() {
		this.runner
			.withPropertyValues("management.observations.enable.gen_ai=false",
					"token-counter.chat-models.exclude=openAiChatModel")
			.run((context) -> {
				context.getBean(OpenAiChatModel.class).call("Hello");
				handBuilt(context, ObservationRegistry.NOOP).call("Hello");
				context.getBean(AnthropicChatModel.class).call("Hello");
				assertThat(calls(context)).extracting(TokenCall::provider).containsExactly("anthropic");
			});
	}

	@Test
	void nothingIsHeardWithoutTheWire() {
		this.runner
			.withPropertyValues("management.observations.enable.gen_ai=false", "token-counter.wire.enabled=false")
			.run((context) -> {
				context.getBean(OpenAiChatModel.class).call("Hello");
				assertThat(calls(context)).isEmpty();
			});
	}

	private static ChatModel handBuilt(AssertableApplicationContext context, ObservationRegistry registry) {
		UsageInterceptor interceptor = context.getBean(UsageInterceptor.class);
		return OpenAiChatModel.builder()
			.options(OpenAiChatOptions.builder()
				.baseUrl(provider.openAiBaseUrl())
				.apiKey("none")
				.model("gpt-hand-built")
				.build())
			.httpClientBuilderCustomizer((client) -> client.interceptor(interceptor))
			.observationRegistry(registry)
			.build();
	}

	private static void assertCounted(AssertableApplicationContext context, List<Bill> bills) {
		assertThat(calls(context)).hasSameSizeAs(bills);
		// The application's listener may be told before the meters
		Conditions
			.awaitAsserted(() -> assertThat(byRequestModel(CountedTokens.counted(context.getBean(MeterRegistry.class))))
				.isEqualTo(byRequestModel(CountedTokens.billed(bills, Seeing.ALL))));
	}

	private static Map<String, CountedTokens> byRequestModel(Map<String, CountedTokens> byModel) {
		return CountedTokens.renamed(byModel, ChatModelContexts::requestModel);
	}

	private static List<TokenCall> calls(AssertableApplicationContext context) {
		return context.getBean(CapturedCalls.class).calls();
	}

	/**
	 * A model that builds the one that it calls.
	 */
	static class OwnModel implements ChatModel {

		private ChatModel delegate = this;

		void setDelegate(ChatModel delegate) {
			this.delegate = delegate;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.delegate.call(prompt);
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return Flux.defer(() -> Flux.just(this.delegate.call(prompt)));
		}

	}

}
