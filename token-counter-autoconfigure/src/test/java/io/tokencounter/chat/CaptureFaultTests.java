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
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import io.tokencounter.pricing.PriceCatalog;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentMatchers;
import org.mockito.Mockito;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Faults in the counting, and in what the application brings to it, leave the calls as
 * they are.
 */
@ExtendWith(OutputCaptureExtension.class)
class CaptureFaultTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class)
		.withPropertyValues("token-counter.pricing.enabled=false")
		.withBean("localModel", LocalChatModel.class);

	@Test
	void listenerThatThrows(CapturedOutput output) {
		this.runner.withBean("broken", TokenCallListener.class, () -> (call) -> {
			throw new IllegalStateException("Broken listener");
		}).run((context) -> {
			assertCallsAreUntouched(context);
			assertThat(calls(context)).hasSize(8);
			assertWarnedOnce(output, "Broken listener");
		});
	}

	@Test
	void listenerThatThrowsAnError(CapturedOutput output) {
		this.runner.withBean("broken", TokenCallListener.class, () -> (call) -> {
			throw new AssertionError("Broken listener");
		}).run((context) -> {
			assertCallsAreUntouched(context);
			assertThat(calls(context)).hasSize(8);
			assertWarnedOnce(output, "Broken listener");
		});
	}

	@Test
	void twoListenersThatThrowAreBothNamed(CapturedOutput output) {
		this.runner.withBean("broken", TokenCallListener.class, BrokenListener::new)
			.withBean("brokenToo", TokenCallListener.class, OtherBrokenListener::new)
			.run((context) -> {
				assertCallsAreUntouched(context);
				assertThat(warnings(output)).hasSize(2)
					.anyMatch((line) -> line.contains(BrokenListener.class.getName()))
					.anyMatch((line) -> line.contains(OtherBrokenListener.class.getName()));
			});
	}

	@Test
	void listenerThatCanNotBeCreated(CapturedOutput output) {
		this.runner.withBean("broken", TokenCallListener.class, () -> {
			throw new IllegalStateException("Listener can not be created");
		}, (definition) -> definition.setLazyInit(true)).run((context) -> {
			// Nobody is told of a call as long as not all listeners are there
			assertAnswers(context.getBean("localModel", ChatModel.class));
			assertAnswers(context.getBean("localModel", ChatModel.class));
			assertThat(warnings(output)).hasSize(1);
		});
	}

	@Test
	void mockOfATestIsLeftAlone() {
		this.runner.withBean("mocked", ChatModel.class, () -> Mockito.mock(ChatModel.class)).run((context) -> {
			ChatModel mocked = context.getBean("mocked", ChatModel.class);
			ChatResponse response = new ChatResponse(List.of());
			Mockito.when(mocked.call(ArgumentMatchers.any(Prompt.class))).thenReturn(response);
			assertThat(mocked.call(new Prompt("Hello"))).isSameAs(response);
			Mockito.verify(mocked).call(ArgumentMatchers.any(Prompt.class));
			Mockito.verifyNoMoreInteractions(mocked);
		});
	}

	@Test
	void counterThatCanNotBeCreated(CapturedOutput output) {
		DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();
		ChatModelBeans beans = new ChatModelBeans(beanFactory, Set.of(), Set.of(), List::of);
		ChatModelPostProcessor postProcessor = new ChatModelPostProcessor(() -> {
			throw new IllegalStateException("Counter can not be created");
		}, () -> beans, Set.of(), Set.of());
		ChatModel model = (ChatModel) postProcessor.postProcessAfterInitialization(new LocalChatModel(), "local");
		assertAnswers(model);
		assertAnswers(model);
		assertWarnedOnce(output, "Counter can not be created");
	}

	@Test
	void registryWhoseCountersThrow(CapturedOutput output) {
		this.runner.withBean(MeterRegistry.class, BrokenCountersRegistry::new).run((context) -> {
			assertCallsAreUntouched(context);
			assertThat(calls(context)).hasSize(8);
			assertThat(warnings(output)).hasSize(1);
		});
	}

	@Test
	void registryThatThrowsOnRegistration(CapturedOutput output) {
		this.runner.withBean(MeterRegistry.class, BrokenRegistrationRegistry::new).run((context) -> {
			assertCallsAreUntouched(context);
			assertThat(calls(context)).hasSize(8);
			assertThat(warnings(output)).hasSize(1);
		});
	}

	@Test
	void extractorThatThrows(CapturedOutput output) {
		this.runner.withBean("broken", TokenUsageExtractor.class, () -> (usage, provider) -> {
			throw new IllegalStateException("Broken extractor");
		}).run((context) -> {
			assertCallsAreUntouched(context);
			assertThat(calls(context)).hasSize(8).allMatch((call) -> call.usage().reported());
			assertWarnedOnce(output, "Broken extractor");
		});
	}

	@Test
	void extractorThatReturnsNonsense(CapturedOutput output) {
		this.runner
			.withBean("broken", TokenUsageExtractor.class,
					() -> (usage, provider) -> new TokenUsage(-1, -1, 0, 0, 0, true))
			.run((context) -> {
				assertCallsAreUntouched(context);
				assertThat(calls(context)).hasSize(8).allMatch((call) -> call.usage().reported());
				assertThat(warnings(output)).hasSize(1);
			});
	}

	@Test
	void catalogueThatCanNotBeLinked(CapturedOutput output) {
		this.runner.withPropertyValues("token-counter.pricing.enabled=true")
			.withBean(PriceCatalog.class, () -> (provider, model) -> {
				throw new NoClassDefFoundError("Broken catalogue");
			})
			.run((context) -> {
				assertAnswers(context.getBean("localModel", ChatModel.class));
				assertThat(calls(context)).hasSize(4).allMatch((call) -> call.usage().reported());
				assertWarnedOnce(output, "Broken catalogue");
			});
	}

	@ParameterizedTest
	@ValueSource(classes = { ThrowingUsageModel.class, ErrorUsageModel.class })
	void usageWhoseGettersThrow(Class<? extends LocalChatModel> type, CapturedOutput output) {
		this.runner.withBean("brokenModel", type).run((context) -> {
			assertAnswers(context.getBean("brokenModel", ChatModel.class));
			assertThat(calls(context)).hasSize(4).extracting(TokenCall::usage).containsOnly(TokenUsage.unreported());
			assertThat(warnings(output)).isNotEmpty().doesNotHaveDuplicates();
		});
	}

	@Test
	void optionsThatThrow(CapturedOutput output) {
		this.runner.withBean("brokenModel", ThrowingOptionsModel.class)
			.withBean(RunningObservations.class)
			.run((context) -> {
				assertAnswers(context.getBean("brokenModel", ChatModel.class));
				assertThat(calls(context)).hasSize(4).allMatch((call) -> call.usage().reported());
				assertThat(warnings(output)).isEmpty();
				context.getBean(RunningObservations.class).awaitNone();
			});
	}

	@Test
	void userHandlerThatThrowsOnTheObservationOfAUsersModel(CapturedOutput output) {
		this.runner.withBean("broken", BrokenHandler.class).run((context) -> {
			assertAnswers(context.getBean("localModel", ChatModel.class));
			assertThat(calls(context)).hasSize(4);
			assertThat(warnings(output)).isNotEmpty().doesNotHaveDuplicates();
			assertThat(CallScope.current()).isNull();
		});
	}

	@Test
	void predicateThatThrowsOnTheObservationOfAUsersModel(CapturedOutput output) {
		this.runner.withBean(ObservationPredicate.class, () -> (name, context) -> {
			throw new IllegalStateException("Broken predicate");
		}).run((context) -> {
			assertAnswers(context.getBean("localModel", ChatModel.class));
			assertThat(calls(context)).hasSize(4);
			assertThat(warnings(output)).hasSize(1);
			assertThat(CallScope.current()).isNull();
		});
	}

	@Test
	void userHandlerThatThrowsOnSpringAisObservationBreaksTheCallAsItDoesWithoutUs() {
		Supplier<Throwable> without = () -> {
			Throwable[] thrown = new Throwable[1];
			ChatModelContexts.runner(provider)
				.withBean("broken", BrokenHandler.class)
				.run((context) -> thrown[0] = catchThrowable(
						() -> context.getBean(OllamaChatModel.class).call("Hello")));
			return thrown[0];
		};
		Throwable expected = without.get();
		this.runner.withBean("broken", BrokenHandler.class).run((context) -> {
			Throwable thrown = catchThrowable(() -> context.getBean(OllamaChatModel.class).call("Hello"));
			assertThat(thrown).hasSameClassAs(expected).hasMessage(expected.getMessage());
			assertThat(CallScope.current()).isNull();
		});
	}

	@Test
	void errorsOfTheModelReachTheCallerAsTheyAre() {
		IllegalStateException failure = new IllegalStateException("No answer");
		this.runner.withBean("failing", ChatModel.class, () -> new FailingModel(failure))
			.withBean("broken", TokenCallListener.class, BrokenListener::new)
			.run((context) -> {
				ChatModel model = context.getBean("failing", ChatModel.class);
				assertThatIllegalStateException().isThrownBy(() -> model.call("Hello")).isSameAs(failure);
				assertThatIllegalStateException().isThrownBy(() -> model.stream("Hello").blockLast()).isSameAs(failure);
				assertThat(calls(context)).hasSize(2);
			});
	}

	@Test
	void textOfAnErrorIsNotToldToTheObservationOfAUsersModel() {
		IllegalStateException failure = new IllegalStateException("a prompt", new IllegalStateException("a prompt"));
		this.runner.withBean("failing", ChatModel.class, () -> new FailingModel(failure))
			.withBean(EndedModelObservations.class)
			.run((context) -> {
				ChatModel model = context.getBean("failing", ChatModel.class);
				assertThatIllegalStateException().isThrownBy(() -> model.call("Hello")).isSameAs(failure);
				assertThatIllegalStateException().isThrownBy(() -> model.stream("Hello").blockLast()).isSameAs(failure);
				assertThat(context.getBean(EndedModelObservations.class).contexts).hasSize(2).allSatisfy((ended) -> {
					assertThat(ended.getError()).hasMessage(IllegalStateException.class.getName()).hasNoCause();
					assertThat(ended.getLowCardinalityKeyValue("error.type").getValue())
						.isEqualTo(IllegalStateException.class.getName());
				});
			});
	}

	@Test
	@Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
	void errorsWhoseCausesGoRoundInACircleReachTheCaller() {
		IllegalStateException failure = new IllegalStateException("No answer");
		failure.initCause(new IllegalStateException("Why", failure));
		this.runner.withBean("failing", ChatModel.class, () -> new FailingModel(failure)).run((context) -> {
			ChatModel model = context.getBean("failing", ChatModel.class);
			assertThatIllegalStateException().isThrownBy(() -> model.call("Hello")).isSameAs(failure);
			assertThat(calls(context)).hasSize(1);
		});
	}

	private static void assertCallsAreUntouched(AssertableApplicationContext context) {
		for (ChatModel model : List.of(context.getBean(OllamaChatModel.class),
				context.getBean(OpenAiChatModel.class))) {
			assertThat(model.call("Hello")).isEqualTo("Pebbles gossip.");
			assertThat(text(model.stream(new Prompt("Hello")))).isEqualTo("Pebbles gossip. They never stop.");
		}
		context.getBean(CapturedCalls.class).await(4);
		assertAnswers(context.getBean("localModel", ChatModel.class));
	}

	private static void assertAnswers(ChatModel model) {
		assertThat(model.call("Hello")).isEqualTo("Pebbles gossip.");
		assertThat(model.call(new Prompt("Hello")).getResult().getOutput().getText()).isEqualTo("Pebbles gossip.");
		assertThat(text(model.stream(new Prompt("Hello")))).isEqualTo("Pebbles gossip.");
		assertThat(String.join("", model.stream("Hello").collectList().block())).isEqualTo("Pebbles gossip.");
	}

	private static String text(Flux<ChatResponse> stream) {
		StringBuilder text = new StringBuilder();
		stream.toStream()
			.filter((chunk) -> chunk.getResult() != null && chunk.getResult().getOutput().getText() != null)
			.forEach((chunk) -> text.append(chunk.getResult().getOutput().getText()));
		return text.toString();
	}

	private static void assertWarnedOnce(CapturedOutput output, String cause) {
		assertThat(warnings(output)).hasSize(1);
		assertThat(output).containsOnlyOnce(": " + cause);
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.getAll().lines().filter((line) -> line.matches(".* WARN .* io?\\.t(okencounter)?\\..*")).toList();
	}

	private static List<TokenCall> calls(AssertableApplicationContext context) {
		return context.getBean(CapturedCalls.class).calls();
	}

	static class BrokenListener implements TokenCallListener {

		@Override
		public void onCall(TokenCall call) {
			throw new IllegalStateException("Broken listener");
		}

	}

	static class OtherBrokenListener extends BrokenListener {

	}

	static class BrokenCountersRegistry extends SimpleMeterRegistry {

		@Override
		protected Counter newCounter(Meter.Id id) {
			if (!id.getName().startsWith("llm.")) {
				return super.newCounter(id);
			}
			return new Counter() {

				@Override
				public void increment(double amount) {
					throw new IllegalStateException("Broken counter");
				}

				@Override
				public double count() {
					return 0;
				}

				@Override
				public Id getId() {
					return id;
				}

			};
		}

	}

	static class BrokenRegistrationRegistry extends SimpleMeterRegistry {

		BrokenRegistrationRegistry() {
			config().meterFilter(new MeterFilter() {

				@Override
				public MeterFilterReply accept(Meter.Id id) {
					if (id.getName().startsWith("llm.")) {
						throw new IllegalStateException("Broken registration");
					}
					return MeterFilterReply.NEUTRAL;
				}

			});
		}

	}

	static class ThrowingUsageModel extends LocalChatModel {

		@Override
		protected Usage usage() {
			return new DefaultUsage(1, 2) {

				@Override
				public Integer getPromptTokens() {
					throw new IllegalStateException("Broken usage");
				}

				@Override
				public Integer getCompletionTokens() {
					throw new IllegalStateException("Broken usage");
				}

				@Override
				public Integer getTotalTokens() {
					throw new IllegalStateException("Broken usage");
				}

			};
		}

	}

	static class ErrorUsageModel extends LocalChatModel {

		@Override
		protected Usage usage() {
			return new DefaultUsage(1, 2) {

				@Override
				public Integer getPromptTokens() {
					throw new StackOverflowError("Broken usage");
				}

				@Override
				public Integer getCompletionTokens() {
					throw new StackOverflowError("Broken usage");
				}

				@Override
				public Integer getTotalTokens() {
					throw new StackOverflowError("Broken usage");
				}

			};
		}

	}

	static class ThrowingOptionsModel extends LocalChatModel {

		@Override
		public ChatOptions getOptions() {
			throw new IllegalStateException("Broken options");
		}

	}

	static class BrokenHandler implements ObservationHandler<Observation.Context> {

		@Override
		public void onStart(Observation.Context context) {
			throw new IllegalStateException("Broken handler");
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

	static class EndedModelObservations implements ObservationHandler<Observation.Context> {

		private final List<Observation.Context> contexts = new CopyOnWriteArrayList<>();

		@Override
		public void onStop(Observation.Context context) {
			this.contexts.add(context);
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return "token.counter.model".equals(context.getName());
		}

	}

	static class FailingModel implements ChatModel {

		private final RuntimeException failure;

		FailingModel(RuntimeException failure) {
			this.failure = failure;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			throw this.failure;
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return Flux.error(this.failure);
		}

	}

}
