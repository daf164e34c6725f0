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

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.RunningObservations;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.model.google.genai.autoconfigure.chat.GoogleGenAiChatAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiEmbeddingConnectionAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiTextEmbeddingAutoConfiguration;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.ollama.api.OllamaApi;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * An application with three of Spring AI's models and some of its own, with everything
 * that the class path brings.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = { GoogleGenAiChatAutoConfiguration.class,
		GoogleGenAiEmbeddingConnectionAutoConfiguration.class, GoogleGenAiTextEmbeddingAutoConfiguration.class })
class CountedApplication {

	/**
	 * Name of the model that {@link PlainChatModel} asks for.
	 */
	static final String PLAIN_MODEL = "plain-madeup";

	@Bean
	CapturedCalls capturedCalls() {
		return new CapturedCalls();
	}

	@Bean
	RunningObservations runningObservations() {
		return new RunningObservations();
	}

	@Bean(destroyMethod = "shutdownNow")
	ExecutorService plainExecutor() {
		return Executors.newCachedThreadPool();
	}

	@Bean
	FallbackChatModel openAiThenOllama(OpenAiChatModel openAi, OllamaChatModel ollama, Executor plainExecutor) {
		return new FallbackChatModel(() -> openAi, () -> ollama, plainExecutor);
	}

	@Bean
	ChatModel ollamaThenAnthropic(OllamaChatModel ollama, AnthropicChatModel anthropic, Executor plainExecutor) {
		return new FallbackChatModel(() -> ollama, () -> anthropic, plainExecutor);
	}

	@Bean
	FallbackChatModel anthropicThenOpenAi(ObjectProvider<AnthropicChatModel> anthropic,
			ObjectProvider<OpenAiChatModel> openAi, Executor plainExecutor) {
		return new FallbackChatModel(anthropic::getObject, openAi::getObject, plainExecutor);
	}

	@Bean
	FallbackChatModel routerOfRouters(FallbackChatModel openAiThenOllama, FallbackChatModel anthropicThenOpenAi,
			Executor plainExecutor) {
		return new FallbackChatModel(() -> openAiThenOllama, () -> anthropicThenOpenAi, plainExecutor);
	}

	@Bean
	RewritingChatModel rewritingOpenAi(OpenAiChatModel openAi) {
		return new RewritingChatModel(openAi);
	}

	@Bean
	RewritingChatModel rewritingOllama(OllamaChatModel ollama) {
		return new RewritingChatModel(ollama);
	}

	@Bean
	HedgingChatModel hedging(OpenAiChatModel openAi, OllamaChatModel ollama, Executor plainExecutor) {
		return new HedgingChatModel(openAi, ollama, plainExecutor);
	}

	@Bean
	PlainChatModel plain(OllamaApi api) {
		return new PlainChatModel(api, PLAIN_MODEL);
	}

	@Bean
	RewritingChatModel rewritingPlain(PlainChatModel plain) {
		return new RewritingChatModel(plain);
	}

	@Bean
	FallbackChatModel plainThenOpenAi(PlainChatModel plain, OpenAiChatModel openAi, Executor plainExecutor) {
		return new FallbackChatModel(() -> plain, () -> openAi, plainExecutor);
	}

	@Bean
	DetachedChatModel detachedOpenAi(OpenAiChatModel openAi, Executor plainExecutor) {
		return new DetachedChatModel(openAi, plainExecutor);
	}

	@Bean
	CachingChatModel cachingOpenAi(OpenAiChatModel openAi) {
		return new CachingChatModel(openAi);
	}

	@Bean
	ClientChatModel clientOpenAi(OpenAiChatModel openAi, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry) {
		return new ClientChatModel(
				configurer.configure(ChatClient.builder(openAi, observationRegistry, null, null)).build());
	}

	@Bean
	DetachedChatModel detachedAnthropic(AnthropicChatModel anthropic, Executor plainExecutor) {
		return new DetachedChatModel(anthropic, plainExecutor);
	}

	@Bean
	CachingChatModel cachingAnthropic(AnthropicChatModel anthropic) {
		return new CachingChatModel(anthropic);
	}

	@Bean
	ClientChatModel clientAnthropic(AnthropicChatModel anthropic, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry) {
		return new ClientChatModel(
				configurer.configure(ChatClient.builder(anthropic, observationRegistry, null, null)).build());
	}

	@Bean
	DetachedChatModel detachedOllama(OllamaChatModel ollama, Executor plainExecutor) {
		return new DetachedChatModel(ollama, plainExecutor);
	}

	@Bean
	CachingChatModel cachingOllama(OllamaChatModel ollama) {
		return new CachingChatModel(ollama);
	}

	@Bean
	ClientChatModel clientOllama(OllamaChatModel ollama, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry) {
		return new ClientChatModel(
				configurer.configure(ChatClient.builder(ollama, observationRegistry, null, null)).build());
	}

}
