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
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCounter;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.LocalChatModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ChatModelBeans} and what it says at start-up.
 */
@ExtendWith(OutputCaptureExtension.class)
class ChatModelBeansTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class);

	@Test
	void oneLineNamesEachModelAndHowItIsCounted(CapturedOutput output) {
		this.runner.withUserConfiguration(Models.class)
			.withPropertyValues("token-counter.chat-models.exclude=excluded")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(lines(output, "INFO")).singleElement()
					.asString()
					.contains("ollamaChatModel (by a proxy)")
					.contains("observed (by its observations, streams of a ChatClient by an advisor)")
					.contains("anthropicChatModel (by its observations, and on the wire)")
					.contains("local (by a proxy)")
					.contains("excluded (not at all, excluded)")
					.contains("router (by the models that it calls)")
					.contains("later (when it is created)")
					.contains("unseen (not at all, can be neither proxied nor observed)")
					.doesNotContain("scopedTarget");
			});
	}

	@Test
	void lineSaysNothingOfTheWireWhereItIsOff(CapturedOutput output) {
		this.runner.withPropertyValues("token-counter.wire.enabled=false")
			.run((context) -> assertThat(lines(output, "INFO")).singleElement()
				.asString()
				.contains("anthropicChatModel (by its observations, streams of a ChatClient by an advisor)")
				.doesNotContain("wire"));
	}

	@Test
	void secondLineSaysWhoseCallsBudgetsCanRefuse(CapturedOutput output) {
		this.runner.withUserConfiguration(Models.class)
			.withPropertyValues("token-counter.chat-models.exclude=excluded", "token-counter.budgets.all.max-calls=1")
			.run((context) -> assertThat(lines(output, "INFO")).hasSize(2)
				.last()
				.asString()
				.contains("[anthropicChatModel, local, observed, ollamaChatModel, router]",
						"not those of [excluded, unseen]"));
	}

	@Test
	void warnsOfAModelThatNothingCanCountAndOfNoOther(CapturedOutput output) {
		this.runner.withUserConfiguration(Models.class)
			.run((context) -> assertThat(lines(output, "WARN")).singleElement()
				.asString()
				.contains("'unseen'", OpenAiChatModel.class.getName(), "its class is final", "observationRegistry"));
	}

	@Test
	void warnsOfFinalModelsWhoseObservationsAreSwitchedOff(CapturedOutput output) {
		this.runner
			.withPropertyValues("management.observations.enable.gen_ai=false", "token-counter.budgets.all.max-calls=1")
			.run((context) -> {
				assertThat(lines(output, "WARN")).hasSize(2)
					.allMatch((line) -> line.contains("Streams of chat model bean"))
					.anyMatch((line) -> line.contains("'openAiChatModel'"))
					.anyMatch((line) -> line.contains("'anthropicChatModel'"));
				assertThat(lines(output, "INFO")).hasSize(2)
					.anyMatch((line) -> line.contains("openAiChatModel (on the wire, streams of a ChatClient"))
					.anyMatch((line) -> line.contains("not those of [anthropicChatModel, openAiChatModel]"));
			});
	}

	@ParameterizedTest
	@CsvSource({ "true, Streams of chat model bean", "false, Some calls to chat model bean" })
	void warnsOfFinalModelsOfWhichSomeCallsAreObserved(boolean wire, String warning, CapturedOutput output) {
		this.runner.withPropertyValues("token-counter.wire.enabled=" + wire)
			.withBean(ObservationPredicate.class, ChatModelBeansTests::oneInTen)
			.run((context) -> assertThat(lines(output, "WARN")).hasSize(2)
				.allMatch((line) -> line.contains(warning) && line.contains("not all observed")));
	}

	@Test
	void predicateThatFailsOnWhetherCallsAreObservedDoesNotStopTheStart() {
		this.runner.withBean(ObservationPredicate.class, () -> (name, context) -> {
			if (context instanceof ChatModelObservationContext) {
				throw new NoClassDefFoundError("Broken predicate");
			}
			return true;
		}).run((context) -> assertThat(context).hasNotFailed());
	}

	private static ObservationPredicate oneInTen() {
		AtomicInteger calls = new AtomicInteger();
		return (name, context) -> !(context instanceof ChatModelObservationContext)
				|| calls.incrementAndGet() % 10 == 0;
	}

	@Test
	void knowsATrackedModelAndSaysHowToTrackOne(CapturedOutput output) {
		this.runner.withUserConfiguration(Lambdas.class).run((context) -> {
			assertThat(lines(output, "INFO")).singleElement().asString().contains("tracked (by TokenCounter.track)");
			assertThat(lines(output, "WARN")).singleElement()
				.asString()
				.contains("'untracked'", "TokenCounter.track(chatModel)")
				.doesNotContain("observationRegistry");
		});
	}

	@Test
	void warnsOnceOfAPrototype(CapturedOutput output) {
		this.runner.withUserConfiguration(UnseenPrototype.class).run((context) -> {
			context.getBean("unseenPrototype");
			context.getBean("unseenPrototype");
			assertThat(lines(output, "WARN")).hasSize(1);
		});
	}

	@Test
	void warnsOfNothingInAnApplicationOfSpringAisModels(CapturedOutput output) {
		this.runner.run((context) -> assertThat(lines(output, "WARN")).isEmpty());
	}

	@Test
	void saysSoIfThereIsNoModel(CapturedOutput output) {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class))
			.run((context) -> assertThat(lines(output, "INFO")).singleElement()
				.asString()
				.contains("No chat model bean"));
	}

	private static List<String> lines(CapturedOutput output, String level) {
		return output.getAll()
			.lines()
			.filter((line) -> line.contains(" " + level + " ") && line.contains(ChatModelBeans.class.getSimpleName()))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class Models {

		@Bean
		ChatModel local() {
			return new LocalChatModel();
		}

		@Bean
		LocalChatModel excluded() {
			return new LocalChatModel();
		}

		@Bean
		FinalRouter router(ChatModel local) {
			return new FinalRouter(local);
		}

		@Bean
		@Scope(scopeName = "prototype")
		LocalChatModel later() {
			return new LocalChatModel();
		}

		@Bean
		@Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
		LocalChatModel scoped() {
			return new LocalChatModel();
		}

		@Bean
		OpenAiChatModel observed(ObservationRegistry registry) {
			return ChatModels.openAi(provider, "observed", registry);
		}

		@Bean
		OpenAiChatModel unseen() {
			return ChatModels.openAi(provider, "unseen", ObservationRegistry.NOOP);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnseenPrototype {

		@Bean
		@Scope("prototype")
		OpenAiChatModel unseenPrototype() {
			return ChatModels.openAi(provider, "unseen", ObservationRegistry.NOOP);
		}

	}

	static final class FinalRouter implements ChatModel {

		private final ChatModel model;

		FinalRouter(ChatModel model) {
			this.model = model;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.model.call(prompt);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Lambdas {

		@Bean
		ChatModel tracked(TokenCounter counter) {
			return counter.track((prompt) -> new ChatResponse(List.of()));
		}

		@Bean
		ChatModel untracked() {
			return (prompt) -> new ChatResponse(List.of());
		}

	}

}
