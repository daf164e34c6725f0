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
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.FaultyProvider;
import io.tokencounter.testsupport.RunningObservations;
import io.tokencounter.testsupport.WireFault;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.model.google.genai.autoconfigure.chat.GoogleGenAiChatAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiEmbeddingConnectionAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiTextEmbeddingAutoConfiguration;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever a provider does on the wire, the application sees what it sees without us, and
 * nothing is counted that was not told.
 */
class WireFaultTests {

	private static final FaultyProvider provider = FaultyProvider.start();

	private static final Map<String, Class<? extends ChatModel>> MODELS = Map.of("openai", OpenAiChatModel.class,
			"anthropic", AnthropicChatModel.class, "ollama", OllamaChatModel.class);

	private static final Set<WireFault> TELLING = EnumSet.of(WireFault.NONE, WireFault.LARGEST_USAGE,
			WireFault.FRACTION_USAGE);

	private static final int ATTEMPTS = 100;

	private static final TokenUsage HEARD_AT_THE_START = new TokenUsage(FaultyProvider.INPUT, 1, 20, 10, 0, true);

	private static ConfigurableApplicationContext counting;

	private static ConfigurableApplicationContext notCounting;

	@BeforeAll
	static void start() {
		counting = run("token-counter.enabled=true");
		notCounting = run("token-counter.enabled=false");
	}

	@AfterAll
	static void stop() throws Exception {
		counting.close();
		notCounting.close();
		provider.close();
	}

	@BeforeEach
	void reset() {
		provider.takeRequests();
		calls().reset();
	}

	static Stream<Arguments> faults() {
		return Stream.of(WireFault.values())
			.filter((fault) -> fault != WireFault.LARGE && fault != WireFault.ENDLESS)
			.flatMap((fault) -> MODELS.keySet()
				.stream()
				.sorted()
				.flatMap((model) -> Stream.of(Way.values()).map((way) -> Arguments.of(fault, model, way))));
	}

	@ParameterizedTest
	@MethodSource("faults")
	void faultReachesTheApplicationAsItDoesWithoutUs(WireFault fault, String model, Way way) {
		provider.setFault(fault);
		Seen without = way.ask(notCounting, MODELS.get(model));
		int requests = provider.takeRequests();
		Seen with = way.ask(counting, MODELS.get(model));
		assertThat(provider.takeRequests()).isEqualTo(requests);
		// Clients name a broken connection by where they were when it broke, which is not
		// the same each time, but each name is one that is seen without us too
		for (int i = 0; i < ATTEMPTS && !with.equals(without); i++) {
			without = way.ask(notCounting, MODELS.get(model));
			assertThat(provider.takeRequests()).isEqualTo(requests);
		}
		assertThat(with).isEqualTo(without);
		TokenCall call = calls().awaitOne();
		assertThat(call.outcome()).isEqualTo(with.failure().isEmpty() ? CallOutcome.SUCCESS : CallOutcome.ERROR);
		assertThat(call.usage()).satisfies((usage) -> assertUsage(usage, fault, with));
		counting.getBean(RunningObservations.class).awaitNone();
		assertThat(calls().calls()).hasSize(1);
		assertNothingIsLeft();
	}

	/**
	 * The clients fail on most nonsense themselves, and what they let pass is counted as
	 * it was told, but never as less than nothing.
	 */
	private static void assertUsage(TokenUsage usage, WireFault fault, Seen seen) {
		boolean told = seen.failure().isEmpty() && TELLING.contains(fault);
		if (!told) {
			if (usage.reported()) {
				assertHeard(usage, fault);
			}
			return;
		}
		assertThat(usage.reported()).isTrue();
		switch (fault) {
			case LARGEST_USAGE -> {
				assertThat(usage.input()).isEqualTo(Integer.MAX_VALUE);
				assertThat(usage.output()).isEqualTo(Integer.MAX_VALUE);
			}
			case FRACTION_USAGE -> assertThat(usage).isEqualTo(TokenUsage.of(1, 1));
			default -> assertThat(usage.output()).isEqualTo(FaultyProvider.OUTPUT);
		}
	}

	/**
	 * What the answer told before the client failed on it is billed: the input at the
	 * start of a stream of Anthropic, or counts that are no integers to Spring AI.
	 */
	private static void assertHeard(TokenUsage usage, WireFault fault) {
		if (fault == WireFault.LARGEST_USAGE || fault == WireFault.HUGE_USAGE) {
			assertThat(usage.output()).isEqualTo(Long.parseLong(String.valueOf(fault.count())));
		}
		else {
			assertThat(fault.count()).isNull();
			assertThat(usage).isEqualTo(HEARD_AT_THE_START);
		}
	}

	@ParameterizedTest
	@MethodSource("streams")
	void largeStreamArrivesWholeAndInOrder(String model, Way way) {
		provider.setFault(WireFault.LARGE);
		AtomicLong length = new AtomicLong();
		AtomicInteger pieces = new AtomicInteger();
		StringBuilder rest = new StringBuilder();
		way.ask(counting, counting.getBean(MODELS.get(model))).doOnNext((chunk) -> {
			String text = text(chunk);
			length.addAndGet(text.length());
			if (text.equals(FaultyProvider.LARGE_TEXT)) {
				pieces.incrementAndGet();
			}
			else {
				rest.append(text).append(pieces.get()).append('|');
			}
		}).blockLast();
		assertThat(pieces).hasValue(FaultyProvider.LARGE_PIECES);
		assertThat(length.get()).isGreaterThan((long) FaultyProvider.LARGE_PIECES * FaultyProvider.LARGE_TEXT.length());
		assertThat(rest.toString()).contains("Pebbles gossip.0|");
		TokenCall call = calls().awaitOne();
		assertThat(call.outcome()).isEqualTo(CallOutcome.SUCCESS);
		assertThat(call.usage().output()).isEqualTo(FaultyProvider.OUTPUT);
		assertNothingIsLeft();
	}

	@ParameterizedTest
	@MethodSource("streams")
	void endlessStreamCanBeCancelled(String model, Way way) {
		provider.setFault(WireFault.ENDLESS);
		Seen without = Seen.of(way.ask(notCounting, notCounting.getBean(MODELS.get(model))).take(100));
		Seen with = Seen.of(way.ask(counting, counting.getBean(MODELS.get(model))).take(100));
		assertThat(with).isEqualTo(without);
		assertThat(with.chunks()).hasSize(100);
		TokenCall call = calls().awaitOne();
		assertThat(call.outcome()).isEqualTo(CallOutcome.CANCELLED);
		assertThat(call.usage()).isEqualTo(model.contains("nthropic") ? HEARD_AT_THE_START : TokenUsage.unreported());
		// OpenAI's client reads a stream to its end, that is until the provider gives up
		provider.setFault(WireFault.NONE);
		provider.awaitIdle();
		counting.getBean(RunningObservations.class).awaitNone();
		assertThat(calls().calls()).hasSize(1);
		assertNothingIsLeft();
	}

	static Stream<Arguments> streams() {
		return MODELS.keySet()
			.stream()
			.sorted()
			.flatMap((model) -> Stream.of(Way.STREAM, Way.CLIENT_STREAM).map((way) -> Arguments.of(model, way)));
	}

	private static void assertNothingIsLeft() {
		assertThat(CallScope.current()).isNull();
		assertThat(counting.getBean(ObservationRegistry.class).getCurrentObservation()).isNull();
	}

	private static String text(ChatResponse chunk) {
		String text = (chunk.getResult() != null) ? chunk.getResult().getOutput().getText() : null;
		return (text != null) ? text : "";
	}

	private static ConfigurableApplicationContext run(String property) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(ChatModelContexts.properties(provider.baseUrl()))
			.properties(property, "spring.main.banner-mode=off", "logging.level.org.springframework.ai=off",
					"logging.level.reactor=off")
			.run();
	}

	private static CapturedCalls calls() {
		return counting.getBean(CapturedCalls.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { GoogleGenAiChatAutoConfiguration.class,
			GoogleGenAiEmbeddingConnectionAutoConfiguration.class, GoogleGenAiTextEmbeddingAutoConfiguration.class })
	@Import({ CapturedCalls.class, RunningObservations.class })
	static class Application {

	}

	/**
	 * How an application asks a model.
	 */
	enum Way {

		CALL {

			@Override
			Flux<ChatResponse> ask(ApplicationContext context, ChatModel model) {
				return Flux.defer(() -> Flux.just(model.call(new Prompt("Hello"))));
			}

		},

		STREAM {

			@Override
			Flux<ChatResponse> ask(ApplicationContext context, ChatModel model) {
				return model.stream(new Prompt("Hello"));
			}

		},

		CLIENT_CALL {

			@Override
			Flux<ChatResponse> ask(ApplicationContext context, ChatModel model) {
				return Flux.defer(() -> Flux.just(client(context, model).prompt("Hello").call().chatResponse()));
			}

		},

		CLIENT_STREAM {

			@Override
			Flux<ChatResponse> ask(ApplicationContext context, ChatModel model) {
				return client(context, model).prompt("Hello").stream().chatResponse();
			}

		};

		abstract Flux<ChatResponse> ask(ApplicationContext context, ChatModel model);

		Seen ask(ApplicationContext context, Class<? extends ChatModel> model) {
			return Seen.of(ask(context, context.getBean(model)));
		}

		boolean isStream() {
			return this == STREAM || this == CLIENT_STREAM;
		}

		private static ChatClient client(ApplicationContext context, ChatModel model) {
			return context.getBean(ChatClientBuilderConfigurer.class)
				.configure(ChatClient.builder(model, context.getBean(ObservationRegistry.class), null, null))
				.build();
		}

	}

	/**
	 * What an application sees of an answer, in this order.
	 *
	 * @param chunks texts and usages
	 * @param failure class and message of the exception, empty without one
	 */
	private record Seen(List<String> chunks, String failure) {

		static Seen of(Flux<ChatResponse> answer) {
			List<String> chunks = new ArrayList<>();
			String failure = "";
			try {
				answer.doOnNext((chunk) -> {
					chunks.add(describe(chunk));
					provider.sawChunk();
				}).blockLast();
			}
			catch (Throwable ex) {
				// Its causes depend on how far the client's library has read
				failure = ex.getClass().getName() + ": " + ex.getMessage();
			}
			return new Seen(chunks, failure);
		}

		private static String describe(ChatResponse chunk) {
			Usage usage = chunk.getMetadata().getUsage();
			String text = (chunk.getResult() != null) ? chunk.getResult().getOutput().getText() : null;
			return text + " " + usage.getPromptTokens() + "+" + usage.getCompletionTokens() + "="
					+ usage.getTotalTokens();
		}

	}

}
