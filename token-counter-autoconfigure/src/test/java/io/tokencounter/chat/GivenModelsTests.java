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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.LocalChatModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A model that is given other counted models counts nothing; they do. Every other call is
 * counted by the innermost thing that sees it.
 */
@ExtendWith(OutputCaptureExtension.class)
class GivenModelsTests {

	private static final String LOCAL = "local";

	private static final int CALLS = 200;

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withPropertyValues("token-counter.pricing.enabled=false")
		.withBean(CapturedCalls.class);

	@ParameterizedTest
	@ValueSource(classes = { ByParameter.class, ByConstructor.class, ByObjectProvider.class, BySupplier.class,
			ByList.class, ByMap.class, ByClient.class, ByClientBuilder.class, BesideAnEndlessType.class })
	void isFoundHoweverItIsGiven(Class<?> configuration, CapturedOutput output) {
		this.runner.withPropertyValues("spring.ai.model.chat=none")
			.withUserConfiguration(configuration)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).contains("router (by the models that it calls)").contains(LOCAL + " (by a proxy)");
				ChatModel router = context.getBean("router", ChatModel.class);
				router.call("Hello");
				router.stream("Hello").blockLast();
				assertThat(calls(context)).extracting(TokenCall::modelBean).containsExactly(LOCAL, LOCAL);
			});
	}

	@Test
	void configurationClassesAndExcludedModelsAreNoneThatItCalls(CapturedOutput output) {
		this.runner.withUserConfiguration(ByParameter.class)
			.withPropertyValues("token-counter.chat-models.exclude=local")
			.run((context) -> {
				context.getBean("router", ChatModel.class).call("Hello");
				context.getBean(LOCAL, ChatModel.class).call("Hello");
				assertThat(output).contains("router (by a proxy)").contains("local (not at all, excluded)");
				assertThat(calls(context)).extracting(TokenCall::modelBean).containsExactly("router");
			});
	}

	@Test
	void modelsOfSpringAiThatAreMadeOfOneAnotherCountThemselves() {
		this.runner.withUserConfiguration(Mutated.class).run((context) -> {
			context.getBean("mutated", ChatModel.class).call("Hello");
			assertThat(calls(context)).extracting(TokenCall::requestModel).containsExactly("gpt-mutated");
		});
	}

	@Test
	void ownCallsOfAModelThatIsGivenAnotherAreLeftOutUnlessItIsIncluded() throws Exception {
		this.runner.withUserConfiguration(Guarded.class).run((context) -> {
			askBesideUnrelatedCalls(context);
			assertThat(calls(context)).hasSize(2 * CALLS).extracting(TokenCall::modelBean).containsOnly(LOCAL);
		});
		this.runner.withUserConfiguration(Guarded.class)
			.withPropertyValues("token-counter.chat-models.include=guarded")
			.run((context) -> {
				askBesideUnrelatedCalls(context);
				assertThat(calls(context)).filteredOn((call) -> LOCAL.equals(call.modelBean())).hasSize(2 * CALLS);
				assertThat(calls(context)).filteredOn((call) -> "guarded".equals(call.modelBean())).hasSize(CALLS);
			});
	}

	@Test
	void trackedBeanThatIsGivenAnotherCountsBesideIt() {
		this.runner.withUserConfiguration(TrackedGuarded.class).run((context) -> {
			context.getBean("guarded", ChatModel.class).call("Hello");
			context.getBean("guarded", ChatModel.class).stream("Hello").blockLast();
			assertThat(calls(context)).hasSize(4);
			assertThat(calls(context)).filteredOn((call) -> LOCAL.equals(call.modelBean())).hasSize(2);
		});
	}

	@Test
	void collectionBetweenDoesNotCountTwice() {
		this.runner.withUserConfiguration(ByParameter.class).run((context) -> {
			ChatModel router = context.getBean("router", ChatModel.class);
			Flux<String> stream = router.stream("Hello");
			System.gc();
			stream.blockLast();
			System.gc();
			router.call("Hello");
			assertThat(calls(context)).extracting(TokenCall::modelBean).containsExactly(LOCAL, LOCAL);
		});
	}

	@Test
	void streamThatIsMadeOfACallWhenItIsAskedForIsTheInnerModels() {
		this.runner.withUserConfiguration(LookingUp.class).run((context) -> {
			context.getBean("lookingUp", ChatModel.class).stream("Hello").blockLast();
			context.getBean("lookingUp", ChatModel.class).call("Hello");
			assertThat(calls(context)).extracting(TokenCall::modelBean).containsExactly(LOCAL, LOCAL);
		});
	}

	@Test
	void modelsThatShareAUsageOrAnExceptionAreEachCounted() {
		this.runner.withUserConfiguration(Sharing.class).run((context) -> {
			ChatModel one = context.getBean("one", ChatModel.class);
			ChatModel two = context.getBean("two", ChatModel.class);
			for (int i = 0; i < 3; i++) {
				one.call("Hello");
				two.call("Hello");
				assertThat(catchThrowable(() -> one.call("fail"))).isSameAs(Sharing.FAILURE);
				assertThat(catchThrowable(() -> two.call("fail"))).isSameAs(Sharing.FAILURE);
			}
			assertThat(calls(context)).hasSize(12);
			assertThat(calls(context)).filteredOn((call) -> call.outcome() == CallOutcome.ERROR)
				.extracting(TokenCall::modelBean)
				.containsExactly("one", "two", "one", "two", "one", "two");
		});
	}

	@Test
	void modelOfAnotherApplicationInTheSameJvmIsNoneOfOurs() {
		this.runner.withBean(LOCAL, LocalChatModel.class).run((inner) -> {
			ChatModel remote = inner.getBean(LOCAL, ChatModel.class);
			this.runner.withBean("remoteCaller", Delegating.class, () -> new Delegating(() -> remote)).run((outer) -> {
				outer.getBean("remoteCaller", ChatModel.class).call("Hello");
				outer.getBean("remoteCaller", ChatModel.class).stream("Hello").blockLast();
				assertThat(calls(outer)).extracting(TokenCall::modelBean)
					.containsExactly("remoteCaller", "remoteCaller");
			});
			assertThat(calls(inner)).extracting(TokenCall::modelBean).containsExactly(LOCAL, LOCAL);
		});
	}

	private static void askBesideUnrelatedCalls(AssertableApplicationContext context) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			ChatModel guarded = context.getBean("guarded", ChatModel.class);
			ChatModel local = context.getBean(LOCAL, ChatModel.class);
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < CALLS; i++) {
				futures.add(executor.submit(() -> guarded.call("Hello")));
				futures.add(executor.submit(() -> local.call("Hello")));
			}
			for (Future<?> future : futures) {
				future.get();
			}
		}
		finally {
			executor.shutdown();
		}
	}

	private static List<TokenCall> calls(AssertableApplicationContext context) {
		return context.getBean(CapturedCalls.class).calls();
	}

	/**
	 * Hands all calls to another model, on a thread to which nothing is carried.
	 */
	static class Delegating implements ChatModel {

		private final Supplier<ChatModel> model;

		Delegating(Supplier<ChatModel> model) {
			this.model = model;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return CompletableFuture.supplyAsync(() -> this.model.get().call(prompt)).join();
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return Mono.fromCallable(() -> call(prompt)).flux();
		}

	}

	/**
	 * Asks another model first, and then its own provider.
	 */
	static class GuardedModel extends LocalChatModel {

		private final ChatModel guard;

		GuardedModel(ChatModel guard) {
			this.guard = guard;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			this.guard.call(prompt);
			return super.call(prompt);
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return Flux.defer(() -> {
				this.guard.call(prompt);
				return super.stream(prompt);
			});
		}

	}

	static class Local {

		@Bean
		LocalChatModel local() {
			return new LocalChatModel();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByParameter extends Local {

		@Bean
		Delegating router(@Qualifier(LOCAL) ChatModel model) {
			return new Delegating(() -> model);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(ByConstructor.Router.class)
	static class ByConstructor extends Local {

		@Component("router")
		static class Router extends Delegating {

			Router(ObjectProvider<LocalChatModel> models) {
				super(models::getObject);
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByObjectProvider extends Local {

		@Bean
		Delegating router(ObjectProvider<LocalChatModel> models) {
			return new Delegating(models::getObject);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BesideAnEndlessType extends Local {

		@Bean
		@SuppressWarnings("rawtypes")
		Delegating router(ObjectProvider<Endless> others, ObjectProvider<LocalChatModel> models) {
			return new Delegating(models::getObject);
		}

		/**
		 * A type whose parameter is bound to itself.
		 *
		 * @param <T> the type
		 */
		interface Endless<T extends Endless<T>> {

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BySupplier extends Local {

		@Bean
		Supplier<LocalChatModel> models(LocalChatModel local) {
			return () -> local;
		}

		@Bean
		Delegating router(Supplier<LocalChatModel> models) {
			return new Delegating(models::get);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByList extends Local {

		@Bean
		Delegating router(List<LocalChatModel> models) {
			return new Delegating(() -> models.get(0));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByMap extends Local {

		@Bean
		Delegating router(Map<String, LocalChatModel> models) {
			return new Delegating(() -> models.get(LOCAL));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByClient extends Local {

		@Bean
		ChatClient client(@Qualifier(LOCAL) ChatModel local) {
			return ChatClient.create(local);
		}

		@Bean
		Delegating router(ChatClient client) {
			return new Delegating(() -> (prompt) -> client.prompt(prompt).call().chatResponse());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByClientBuilder extends Local {

		@Bean
		Delegating router(ObjectProvider<ChatClient.Builder> builder, @Qualifier(LOCAL) ChatModel local) {
			return new Delegating(() -> local);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Mutated {

		@Bean
		OpenAiChatModel mutated(AnthropicChatModel other, ObservationRegistry registry) {
			return ChatModels.openAi(provider, "gpt-mutated", registry);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Guarded extends Local {

		@Bean
		GuardedModel guarded(@Qualifier(LOCAL) ChatModel local) {
			return new GuardedModel(local);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TrackedGuarded extends Local {

		@Bean
		ChatModel guarded(@Qualifier(LOCAL) ChatModel local, TokenCounter counter) {
			return counter.track(new GuardedModel(local));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LookingUp extends Local {

		@Bean
		ChatModel lookingUp(ApplicationContext context) {
			return new ChatModel() {

				@Override
				public ChatResponse call(Prompt prompt) {
					return context.getBean(LOCAL, ChatModel.class).call(prompt);
				}

				@Override
				public Flux<ChatResponse> stream(Prompt prompt) {
					return Mono.fromCallable(() -> call(prompt)).flux();
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Sharing {

		static final IllegalStateException FAILURE = new IllegalStateException("No answer");

		static final Usage USAGE = new DefaultUsage(1, 2);

		@Bean
		ChatModel one() {
			return new Shared();
		}

		@Bean
		ChatModel two() {
			return new Shared();
		}

		static class Shared implements ChatModel {

			@Override
			public ChatResponse call(Prompt prompt) {
				if (prompt.getContents().contains("fail")) {
					throw FAILURE;
				}
				return LocalChatModel.response("Pebbles gossip.", USAGE);
			}

		}

	}

}
