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

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.ChatModels;
import io.tokencounter.testsupport.CountedTokens;
import io.tokencounter.testsupport.CountedTokens.Seeing;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.StreamingChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.Model;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Primary;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application starts with every way in which models are injected, its models are of
 * the type that they had, and a call is counted once.
 */
class InjectionPatternTests {

	private static final String HELLO = "Hello";

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class, CapturedCalls::new)
		.withBean(RunningObservations.class, RunningObservations::new);

	@Test
	void modelsKeepTheirTypes() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			Map<String, Class<?>> types = Map.of("openAiChatModel", OpenAiChatModel.class, "anthropicChatModel",
					AnthropicChatModel.class, "ollamaChatModel", OllamaChatModel.class);
			types.forEach((name, type) -> {
				assertThat(context.getBean(name)).isInstanceOf(type);
				assertThat(context.getBean(type)).isSameAs(context.getBean(name));
				assertThat(context.isTypeMatch(name, type)).isTrue();
				assertThat(context.getType(name)).satisfies((beanType) -> assertThat(type).isAssignableFrom(beanType));
			});
			assertThat(context.getBean(OpenAiChatModel.class).getClass()).isSameAs(OpenAiChatModel.class);
			assertThat(context.getBean(AnthropicChatModel.class).getClass()).isSameAs(AnthropicChatModel.class);
			assertThat(context.getBeansOfType(ChatModel.class)).containsOnlyKeys(types.keySet());
			assertThat(context.getBean(OllamaChatModel.class).getOptions().getModel())
				.isEqualTo(ChatModelContexts.OLLAMA_MODEL);
		});
	}

	@Test
	void byTheirOwnTypes() {
		this.runner.withUserConfiguration(ConcreteController.class).run((context) -> {
			ConcreteController controller = context.getBean(ConcreteController.class);
			assertCounted(context, () -> {
				controller.openAi().call(HELLO);
				controller.anthropic().call(HELLO);
				controller.ollama().call(HELLO);
			});
		});
	}

	@Test
	void asChatModelWithAQualifier() {
		this.runner.withUserConfiguration(QualifiedController.class).run((context) -> {
			QualifiedController controller = context.getBean(QualifiedController.class);
			assertThat(controller.openAi).isExactlyInstanceOf(OpenAiChatModel.class);
			assertThat(controller.ollama).isInstanceOf(OllamaChatModel.class);
			assertCounted(context, () -> {
				controller.openAi.call(HELLO);
				controller.anthropic.call(HELLO);
				controller.ollama.call(HELLO);
				controller.lazyOllama.call(HELLO);
			});
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { PrimaryOpenAi.class, PrimaryOllama.class, PrimaryByHand.class })
	void asThePrimaryChatModel(Class<?> configuration) {
		this.runner.withUserConfiguration(configuration).run((context) -> {
			ChatModel model = context.getBean(ChatModel.class);
			assertCounted(context, () -> model.call(HELLO));
			// The primary one is also the one of the builder
			ChatClient client = context.getBean(ChatClient.Builder.class).build();
			assertCounted(context, () -> client.prompt(HELLO).stream().content().blockLast());
		});
	}

	@Test
	void asList() {
		this.runner.withBean(ListOfModels.class).run((context) -> {
			List<ChatModel> models = context.getBean(ListOfModels.class).models();
			assertThat(models).hasSize(3);
			assertCounted(context, () -> models.forEach((model) -> model.call(HELLO)));
		});
	}

	@Test
	void asMap() {
		this.runner.withBean(MapOfModels.class).run((context) -> {
			Map<String, ChatModel> models = context.getBean(MapOfModels.class).models();
			assertThat(models).hasSize(3);
			assertCounted(context, () -> models.values().forEach((model) -> model.call(HELLO)));
		});
	}

	@Test
	void byObjectProvider() {
		this.runner.withBean(ProvidedModels.class).run((context) -> {
			ProvidedModels provided = context.getBean(ProvidedModels.class);
			assertThat(provided.models().orderedStream()).hasSize(3);
			assertCounted(context, () -> {
				provided.models().orderedStream().forEach((model) -> model.call(HELLO));
				provided.ollama().getObject().call(HELLO);
				provided.openAi().getObject().call(HELLO);
			});
		});
	}

	@Test
	void asAnotherInterface() {
		this.runner.withBean(OtherInterfaces.class).run((context) -> {
			OtherInterfaces models = context.getBean(OtherInterfaces.class);
			assertCounted(context, () -> {
				models.streaming().stream(HELLO).blockLast();
				models.model().call(new Prompt(HELLO));
			});
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "openai", "anthropic", "ollama" })
	void byTheBuilderOfTheOnlyModel(String model) {
		this.runner.withPropertyValues("spring.ai.model.chat=" + model).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ChatModel.class);
			ChatClient client = context.getBean(ChatClient.Builder.class).build();
			assertCounted(context, () -> client.prompt(HELLO).call().content());
			assertCounted(context, () -> client.prompt(HELLO).stream().content().blockLast());
		});
	}

	@Test
	void byTheConfigurerOfBuilders() {
		this.runner.withUserConfiguration(ConfiguredClients.class).run((context) -> {
			Map<String, ChatClient> clients = context.getBeansOfType(ChatClient.class);
			assertThat(clients).hasSize(3);
			assertCounted(context, () -> clients.values().forEach((client) -> {
				client.prompt(HELLO).call().content();
				client.prompt(HELLO).stream().content().blockLast();
			}));
		});
	}

	@Test
	void byClientsThatTheUserCreates() {
		this.runner.withUserConfiguration(CreatedClients.class).run((context) -> {
			Map<String, ChatClient> clients = context.getBeansOfType(ChatClient.class);
			assertThat(clients).hasSize(3);
			assertCounted(context, () -> clients.values().forEach((client) -> client.prompt(HELLO).call().content()));
		});
	}

	@Test
	void ofAFinalClassOfTheUser() {
		this.runner.withUserConfiguration(FinalModel.class).run((context) -> {
			assertThat(context).hasNotFailed();
			FinalChatModel model = context.getBean(FinalChatModel.class);
			assertThat(model.getClass()).isSameAs(FinalChatModel.class);
			assertCounted(context, () -> model.call(HELLO));
		});
	}

	@Test
	void ofALambda() {
		this.runner.withUserConfiguration(LambdaModel.class).run((context) -> {
			assertThat(context).hasNotFailed();
			// No class can be made of it that is counted, which is said at start-up
			assertThat(context.getBean("lambdaModel", ChatModel.class).call(HELLO)).isEqualTo("Pebbles gossip.");
		});
	}

	private void assertCounted(AssertableApplicationContext context, Runnable calls) {
		assertThat(context).hasNotFailed();
		MeterRegistry meterRegistry = context.getBean(MeterRegistry.class);
		CapturedCalls capturedCalls = context.getBean(CapturedCalls.class);
		Map<String, CountedTokens> before = CountedTokens.counted(meterRegistry);
		provider.ledger().reset();
		capturedCalls.reset();
		calls.run();
		int requests = provider.ledger().totals().requests();
		assertThat(requests).isPositive();
		List<TokenCall> counted = capturedCalls.await(requests);
		context.getBean(RunningObservations.class).awaitNone();
		assertThat(counted).hasSize(requests);
		assertThat(CountedTokens.added(before, CountedTokens.counted(meterRegistry)))
			.isEqualTo(CountedTokens.billed(provider.ledger().bills(), Seeing.ALL));
	}

	record ConcreteController(OpenAiChatModel openAi, AnthropicChatModel anthropic, OllamaChatModel ollama) {
	}

	static class QualifiedController {

		@Autowired
		@Qualifier("openAiChatModel")
		ChatModel openAi;

		@Autowired
		@Qualifier("anthropicChatModel")
		ChatModel anthropic;

		@Autowired
		@Qualifier("ollamaChatModel")
		ChatModel ollama;

		@Autowired
		@Lazy
		@Qualifier("ollamaChatModel")
		ChatModel lazyOllama;

	}

	record ListOfModels(List<ChatModel> models) {
	}

	record MapOfModels(Map<String, ChatModel> models) {
	}

	record ProvidedModels(ObjectProvider<ChatModel> models, ObjectProvider<OllamaChatModel> ollama,
			ObjectProvider<OpenAiChatModel> openAi) {
	}

	record OtherInterfaces(@Qualifier("ollamaChatModel") StreamingChatModel streaming,
			@Qualifier("ollamaChatModel") Model<Prompt, ChatResponse> model) {
	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryOpenAi {

		@Bean
		@Primary
		ChatModel primaryChatModel(OpenAiChatModel model) {
			return model;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryOllama {

		@Bean
		@Primary
		ChatModel primaryChatModel(OllamaChatModel model) {
			return model;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryByHand {

		@Bean
		@Primary
		ChatModel primaryChatModel(ObservationRegistry observationRegistry) {
			return ChatModels.ollama(provider, "llama-primary", observationRegistry);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ConfiguredClients {

		@Bean
		ChatClient openAiChatClient(OpenAiChatModel model, ChatClientBuilderConfigurer configurer,
				ObservationRegistry observationRegistry) {
			return configurer.configure(ChatClient.builder(model, observationRegistry, null, null)).build();
		}

		@Bean
		ChatClient anthropicChatClient(AnthropicChatModel model, ChatClientBuilderConfigurer configurer) {
			return configurer.configure(ChatClient.builder(model)).build();
		}

		@Bean
		ChatClient ollamaChatClient(OllamaChatModel model, ChatClientBuilderConfigurer configurer) {
			return configurer.configure(ChatClient.builder(model)).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CreatedClients {

		@Bean
		ChatClient openAiChatClient(OpenAiChatModel model) {
			return ChatClient.create(model);
		}

		@Bean
		ChatClient anthropicChatClient(AnthropicChatModel model) {
			return ChatClient.create(model);
		}

		@Bean
		ChatClient ollamaChatClient(ApplicationContext context) {
			return ChatClient.create(context.getBean(OllamaChatModel.class));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FinalModel {

		@Bean
		FinalChatModel finalChatModel(OpenAiChatModel openAi) {
			return new FinalChatModel(openAi);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LambdaModel {

		@Bean
		ChatModel lambdaModel() {
			PlainChatModel model = new PlainChatModel(ChatModels.ollamaApi(provider), "plain-madeup");
			return model::call;
		}

	}

	static final class FinalChatModel implements ChatModel {

		private final ChatModel delegate;

		FinalChatModel(ChatModel delegate) {
			this.delegate = delegate;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.delegate.call(prompt);
		}

	}

}
