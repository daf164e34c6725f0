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
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalChatModel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ChatModelPostProcessor} and the classes of models that users have.
 */
class ChatModelProxyTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class);

	@Test
	void packagePrivateClassIsProxied() {
		this.runner.withBean(PackagePrivateModel.class).run((context) -> {
			assertThat(AopUtils.isCglibProxy(context.getBean(PackagePrivateModel.class))).isTrue();
			assertCountedOnce(context, context.getBean(PackagePrivateModel.class));
		});
	}

	@Test
	void classWithoutDefaultConstructorIsProxied() {
		this.runner
			.withBean(ModelWithoutDefaultConstructor.class,
					() -> new ModelWithoutDefaultConstructor(LocalChatModel.response("Built", null)))
			.run((context) -> {
				ModelWithoutDefaultConstructor model = context.getBean(ModelWithoutDefaultConstructor.class);
				assertThat(model.call("Hello")).isEqualTo("Built");
				assertThat(calls(context)).hasSize(1);
			});
	}

	@Test
	void privateNestedClassIsLeftAlone() {
		this.runner.withUserConfiguration(PrivateModelConfiguration.class).run((context) -> {
			assertThat(context).hasNotFailed();
			ChatModel model = context.getBean("privateModel", ChatModel.class);
			assertThat(AopUtils.isAopProxy(model)).isFalse();
			assertThat(model.call("Hello")).isEqualTo("Pebbles gossip.");
		});
	}

	@Test
	void classWithFinalMethodsIsLeftAlone() {
		this.runner.withBean(FinalMethodModel.class).run((context) -> {
			assertThat(AopUtils.isAopProxy(context.getBean(FinalMethodModel.class))).isFalse();
			assertThat(context.getBean(FinalMethodModel.class).name()).isEqualTo("set");
			assertThat(context.getBean(FinalMethodModel.class).call("Hello")).isEqualTo("Pebbles gossip.");
		});
	}

	@Test
	void classWithAPrivateMethodThatSpringCallsIsLeftAlone() {
		this.runner.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(ScheduledModel.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(AopUtils.isAopProxy(context.getBean(ScheduledModel.class))).isFalse();
				assertThat(context.getBean(ScheduledModel.class).call("Hello")).isEqualTo("Pebbles gossip.");
			});
	}

	@Test
	void finalClassRecordAndLambdaAreLeftAlone() {
		this.runner.withUserConfiguration(UnproxyableModels.class).run((context) -> {
			assertThat(context).hasNotFailed();
			for (String name : List.of("finalModel", "recordModel", "lambdaModel")) {
				ChatModel model = context.getBean(name, ChatModel.class);
				assertThat(AopUtils.isAopProxy(model)).as(name).isFalse();
				assertThat(model.call("Hello")).as(name).isEqualTo("Pebbles gossip.");
			}
		});
	}

	@Test
	void finalModelIsCountedOnceThroughAChatClient() {
		this.runner.withUserConfiguration(UnproxyableModels.class).run((context) -> {
			ChatClient client = client(context, context.getBean("finalModel", ChatModel.class));
			client.prompt("Hello").call().content();
			client.prompt("Hello").stream().content().blockLast(Conditions.DEADLINE);
			assertThat(calls(context)).extracting(TokenCall::streaming).containsExactly(false, true);
		});
	}

	@Test
	void prototypesAreCountedOnceEach() {
		this.runner.withUserConfiguration(ScopedModels.class).run((context) -> {
			ChatModel one = context.getBean("prototypeModel", ChatModel.class);
			ChatModel other = context.getBean("prototypeModel", ChatModel.class);
			assertThat(one).isNotSameAs(other);
			one.call("Hello");
			other.call("Hello");
			assertThat(calls(context)).extracting(TokenCall::modelBean)
				.containsExactly("prototypeModel", "prototypeModel");
		});
	}

	@Test
	void scopedModelIsWrappedOnceAndCountedOnce() {
		this.runner.withUserConfiguration(ScopedModels.class).run((context) -> {
			LocalChatModel model = context.getBean("scopedModel", LocalChatModel.class);
			assertCountedOnce(context, model);
			assertThat(calls(context)).extracting(TokenCall::modelBean).containsOnly("scopedModel");
		});
	}

	@Test
	void scopedModelIsCountedOnceThroughAChatClient() {
		this.runner.withUserConfiguration(ScopedModels.class).run((context) -> {
			ChatClient client = client(context, context.getBean("scopedModel", ChatModel.class));
			client.prompt("Hello").call().content();
			client.prompt("Hello").stream().content().blockLast(Conditions.DEADLINE);
			assertThat(calls(context)).extracting(TokenCall::streaming).containsExactly(false, true);
		});
	}

	@Test
	void scopedModelOfSpringAiIsCountedOnce() {
		this.runner.withUserConfiguration(ScopedModels.class).run((context) -> {
			ChatModel model = context.getBean("scopedOllama", ChatModel.class);
			model.call("Hello");
			model.stream(new Prompt("Hello")).blockLast(Conditions.DEADLINE);
			ChatClient client = client(context, model);
			client.prompt("Hello").call().content();
			client.prompt("Hello").stream().content().blockLast(Conditions.DEADLINE);
			assertThat(calls(context)).extracting(TokenCall::streaming).containsExactly(false, true, false, true);
		});
	}

	@Test
	void scopedModelIsExcludedByItsName() {
		this.runner.withUserConfiguration(ScopedModels.class)
			.withPropertyValues("token-counter.chat-models.exclude=scopedModel,scopedOllama")
			.run((context) -> {
				for (String name : List.of("scopedModel", "scopedOllama")) {
					ChatModel model = context.getBean(name, ChatModel.class);
					model.call("Hello");
					client(context, model).prompt("Hello").stream().content().blockLast(Conditions.DEADLINE);
				}
				assertThat(calls(context)).isEmpty();
			});
	}

	@Test
	void otherMethodsOfTheSameNamesAreLeftAlone() {
		this.runner.withBean(CallableModel.class).run((context) -> {
			CallableModel model = context.getBean(CallableModel.class);
			assertThat(model.call()).isEqualTo("called");
			assertThat(model.stream()).isEqualTo("streamed");
			assertThat(model.call("Hello", 2)).isEqualTo("Pebbles gossip. 2");
			assertThat(calls(context)).isEmpty();
		});
	}

	@Test
	void overloadsThatAnInterfaceOfTheUserOverridesKeepWorking() {
		this.runner.withBean(PoliteModelImpl.class).run((context) -> {
			assertThat(context.getBean(PoliteModelImpl.class).call("Hello")).isEqualTo("Pebbles gossip. Thanks.");
			assertThat(calls(context)).hasSize(1);
		});
	}

	@Test
	void streamThatIsMadeOfACallWhenItIsAskedForIsCountedOnce() {
		this.runner.withUserConfiguration(EagerRouterConfiguration.class).run((context) -> {
			ChatModel router = context.getBean("router", ChatModel.class);
			assertThat(router.stream(new Prompt("Hello")).collectList().block()).hasSize(1);
			assertThat(calls(context)).extracting(TokenCall::modelBean).containsExactly("inner");
		});
	}

	@Test
	void streamThatIsNotSupportedFailsAsBeforeAndIsNotCounted() {
		this.runner.withUserConfiguration(EagerRouterConfiguration.class).run((context) -> {
			ChatModel model = context.getBean("callOnly", ChatModel.class);
			assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> model.stream(new Prompt("Hello")));
			assertThat(calls(context)).isEmpty();
			assertThat(CallScope.current()).isNull();
		});
	}

	private static void assertCountedOnce(AssertableApplicationContext context, ChatModel model) {
		model.call("Hello");
		model.call(new Prompt("Hello"));
		model.stream("Hello").blockLast();
		model.stream(new Prompt("Hello")).blockLast();
		assertThat(calls(context)).hasSize(4)
			.allMatch((call) -> call.usage().input() == LocalChatModel.INPUT
					&& call.usage().output() == LocalChatModel.OUTPUT);
	}

	private static ChatClient client(AssertableApplicationContext context, ChatModel model) {
		return context.getBean(ChatClientBuilderConfigurer.class).configure(ChatClient.builder(model)).build();
	}

	private static List<TokenCall> calls(AssertableApplicationContext context) {
		return context.getBean(CapturedCalls.class).calls();
	}

	static class PackagePrivateModel extends LocalChatModel {

	}

	private static class PrivateModel extends LocalChatModel {

	}

	@Configuration(proxyBeanMethods = false)
	static class PrivateModelConfiguration {

		@Bean
		PrivateModel privateModel() {
			return new PrivateModel();
		}

	}

	static class ModelWithoutDefaultConstructor implements ChatModel {

		private final ChatResponse response;

		ModelWithoutDefaultConstructor(ChatResponse response) {
			this.response = response;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.response;
		}

	}

	static class FinalMethodModel extends LocalChatModel {

		private final String name = "set";

		final String name() {
			return this.name;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class SchedulingConfiguration {

	}

	static class ScheduledModel extends LocalChatModel {

		@Scheduled(fixedDelay = 1, timeUnit = TimeUnit.HOURS)
		private void refresh() {
		}

	}

	static final class FinalModel extends LocalChatModel {

	}

	record RecordModel(ChatModel delegate) implements ChatModel {

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.delegate.call(prompt);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnproxyableModels {

		@Bean
		FinalModel finalModel() {
			return new FinalModel();
		}

		@Bean
		RecordModel recordModel() {
			return new RecordModel(new LocalChatModel());
		}

		@Bean
		ChatModel lambdaModel() {
			return (prompt) -> LocalChatModel.response("Pebbles gossip.", null);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ScopedModels {

		@Bean
		static CustomScopeConfigurer threadScope() {
			CustomScopeConfigurer configurer = new CustomScopeConfigurer();
			configurer.addScope("thread", new SimpleThreadScope());
			return configurer;
		}

		@Bean
		@Scope("prototype")
		LocalChatModel prototypeModel() {
			return new LocalChatModel();
		}

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		LocalChatModel scopedModel() {
			return new LocalChatModel();
		}

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		OllamaChatModel scopedOllama(ObservationRegistry registry) {
			return ChatModels.ollama(provider, "scoped", registry);
		}

	}

	static class CallableModel extends LocalChatModel implements Callable<String> {

		@Override
		public String call() {
			return "called";
		}

		String stream() {
			return "streamed";
		}

		String call(String message, int times) {
			return "Pebbles gossip. " + times;
		}

	}

	interface PoliteModel extends ChatModel {

		@Override
		default @Nullable String call(String message) {
			return call(new Prompt(message)).getResult().getOutput().getText() + " Thanks.";
		}

	}

	static class PoliteModelImpl extends LocalChatModel implements PoliteModel {

	}

	@Configuration(proxyBeanMethods = false)
	static class EagerRouterConfiguration {

		@Bean
		LocalChatModel inner() {
			return new LocalChatModel();
		}

		@Bean
		EagerRouter router(LocalChatModel inner) {
			return new EagerRouter(inner);
		}

		@Bean
		CallOnlyModel callOnly() {
			return new CallOnlyModel();
		}

	}

	static class EagerRouter implements ChatModel {

		private final ChatModel inner;

		EagerRouter(ChatModel inner) {
			this.inner = inner;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.inner.call(prompt);
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return Flux.just(this.inner.call(prompt));
		}

	}

	static class CallOnlyModel implements ChatModel {

		@Override
		public ChatResponse call(Prompt prompt) {
			return LocalChatModel.response("Only", null);
		}

	}

}
