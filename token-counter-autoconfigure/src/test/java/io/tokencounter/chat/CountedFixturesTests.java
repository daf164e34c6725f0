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

import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.autoconfigure.TokenCounterAttributionAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterPricingAutoConfiguration;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.ReplayProvider;
import io.tokencounter.testsupport.ReplayedModels;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.ai.anthropic.AnthropicCacheOptions;
import org.springframework.ai.anthropic.AnthropicCacheStrategy;
import org.springframework.ai.anthropic.AnthropicCacheTtl;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds what is counted and what it costs to what each provider's documentation says was
 * billed, with the providers' answers replayed over HTTP to an application.
 */
class CountedFixturesTests {

	private static ReplayProvider provider;

	@BeforeAll
	static void start() {
		provider = ReplayProvider.start();
	}

	@AfterAll
	static void stop() {
		provider.close();
	}

	static Stream<Arguments> answers() {
		return Stream.of(
				billed("openai", "openai", new TokenUsage(1800, 120, 1024, 512, 64, true), TokenUsage.of(1800, 120)),
				billed("azure-openai", "openai", TokenUsage.of(90, 12), TokenUsage.of(90, 12)),
				billed("cerebras", "openai", new TokenUsage(69, 45, 32, 0, 8, true), TokenUsage.of(69, 45)),
				billed("openai-toolcall", "openai", new TokenUsage(1000, 40, 800, 100, 16, true),
						TokenUsage.of(1000, 40)),
				// The known limit: of a direct stream, the cached input is lost
				billed("anthropic", "anthropic", new TokenUsage(2098, 503, 1800, 248, 320, true),
						TokenUsage.of(50, 503)),
				billed("google-genai", "gcp.gemini", new TokenUsage(1540, 400, 1200, 0, 320, true),
						new TokenUsage(1540, 400, 1200, 0, 320, true)),
				billed("ollama", "ollama", TokenUsage.of(26, 282), TokenUsage.of(26, 282)));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answers")
	void call(String fixture, String providerName, TokenUsage billed) {
		run(fixture, (context) -> {
			context.getBean(ChatModel.class).call("hello");
			assertCounted(context, providerName, billed);
		});
	}

	/**
	 * A client would carry out the tool, which the tests of tool loops do.
	 */
	static Stream<Arguments> answersToAChatClient() {
		return answers().filter((answer) -> !answer.get()[0].equals("openai-toolcall"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answersToAChatClient")
	void callOfAChatClient(String fixture, String providerName, TokenUsage billed) {
		run(fixture, (context) -> {
			client(context).prompt("hello").call().chatResponse();
			assertCounted(context, providerName, billed);
		});
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answersToAChatClient")
	void streamOfAChatClient(String fixture, String providerName, TokenUsage billed) {
		run(fixture, (context) -> {
			client(context).prompt("hello").stream().chatResponse().blockLast(Conditions.DEADLINE);
			assertCounted(context, providerName, billed);
		});
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("answers")
	void directStream(String fixture, String providerName, TokenUsage billed, TokenUsage counted) {
		run(fixture, (context) -> {
			context.getBean(ChatModel.class).stream("hello").blockLast(Conditions.DEADLINE);
			assertCounted(context, providerName, counted);
		});
	}

	/**
	 * 100 of the 248 tokens that were written live for one hour: 50 x 4 + 1800 x 0.20 +
	 * 148 x 5 + 100 x 8 + 503 x 20 = 12160.
	 */
	@Test
	void writingToTheCacheForLongCostsMore() {
		runner("anthropic").run((context) -> {
			context.getBean(ChatModel.class).call("hello");
			TokenCall call = context.getBean(CapturedCalls.class).awaitOne();
			assertThat(call.responseModel()).isEqualTo("claude-opus-5-5");
			assertThat(call.cost().amount()).isEqualByComparingTo("0.01216");
		});
	}

	/**
	 * Of a stream, only the options of the request tell: 50 x 4 + 1800 x 0.20 + 248 x 8 +
	 * 503 x 20 = 12604.
	 */
	@Test
	void writingToTheCacheForLongCostsMoreInAStreamThatAsksForIt() {
		runner("anthropic").run((context) -> {
			AnthropicChatOptions options = ((AnthropicChatOptions) context.getBean(ChatModel.class).getOptions())
				.mutate()
				.cacheOptions(AnthropicCacheOptions.builder()
					.strategy(AnthropicCacheStrategy.SYSTEM_ONLY)
					.messageTypeTtl(MessageType.SYSTEM, AnthropicCacheTtl.ONE_HOUR)
					.build())
				.build();
			client(context).prompt(new Prompt("hello", options)).stream().chatResponse().blockLast(Conditions.DEADLINE);
			TokenCall call = context.getBean(CapturedCalls.class).awaitOne();
			assertThat(call.usage().cacheWrite()).isEqualTo(248);
			assertThat(call.cost().amount()).isEqualByComparingTo("0.012604");
		});
	}

	private static void run(String fixture, Consumer<AssertableApplicationContext> test) {
		runner(fixture)
			.withPropertyValues("token-counter.pricing.models[*].input=4", "token-counter.pricing.models[*].output=8",
					"token-counter.pricing.models[*].cache-read=1", "token-counter.pricing.models[*].cache-write=5")
			.run(test::accept);
	}

	private static ApplicationContextRunner runner(String fixture) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class,
					ChatClientAutoConfiguration.class, TokenCounterAutoConfiguration.class,
					TokenCounterAttributionAutoConfiguration.class, TokenCounterPricingAutoConfiguration.class))
			.withBean(CapturedCalls.class)
			.withBean(Fixture.class, fixture)
			.withUserConfiguration(Model.class);
	}

	private static ChatClient client(AssertableApplicationContext context) {
		return context.getBean(ChatClient.Builder.class).build();
	}

	private static void assertCounted(AssertableApplicationContext context, String provider, TokenUsage usage) {
		TokenCall call = context.getBean(CapturedCalls.class).awaitOne();
		assertThat(call.usage()).isEqualTo(usage);
		assertThat(call.provider()).isEqualTo(provider);
		assertThat(call.requestModel()).isEqualTo("asked-for");
		assertThat(call.duration()).isPositive().isLessThan(Duration.ofMinutes(1));
		long uncached = usage.input() - usage.cacheRead() - usage.cacheWrite();
		assertThat(call.cost().amount().movePointRight(6)).isEqualByComparingTo(
				Long.toString(4 * uncached + usage.cacheRead() + 5 * usage.cacheWrite() + 8 * usage.output()));
	}

	private static Arguments billed(String fixture, String provider, TokenUsage billed, TokenUsage directStream) {
		return Arguments.of(fixture, provider, billed, directStream);
	}

	record Fixture(String name) {

	}

	@Configuration(proxyBeanMethods = false)
	static class Model {

		@Bean
		ChatModel model(Fixture fixture, ObservationRegistry observations) {
			return ReplayedModels.model(provider, fixture.name(), observations);
		}

	}

}
