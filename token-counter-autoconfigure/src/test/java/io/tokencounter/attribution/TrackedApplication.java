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

import java.util.Map;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.RunningObservations;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.ToolCallingAdvisor;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.model.google.genai.autoconfigure.chat.GoogleGenAiChatAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiEmbeddingConnectionAutoConfiguration;
import org.springframework.ai.model.google.genai.autoconfigure.embedding.GoogleGenAiTextEmbeddingAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableAsync;

/**
 * An application with three of Spring AI's models and tracked methods.
 */
@Configuration(proxyBeanMethods = false)
@EnableAsync
@EnableAutoConfiguration(exclude = { GoogleGenAiChatAutoConfiguration.class,
		GoogleGenAiEmbeddingConnectionAutoConfiguration.class, GoogleGenAiTextEmbeddingAutoConfiguration.class })
class TrackedApplication {

	@Bean
	CapturedCalls capturedCalls() {
		return new CapturedCalls();
	}

	@Bean
	RunningObservations runningObservations() {
		return new RunningObservations();
	}

	@Bean
	TrackedService trackedService() {
		return new TrackedService();
	}

	@Bean
	TrackedService.TypeLevel typeLevel() {
		return new TrackedService.TypeLevel();
	}

	@Bean
	Map<String, ChatClient> chatClients(Map<String, ChatModel> models, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry, ObjectProvider<ToolCallingAdvisor.Builder<?>> toolCallingAdvisor) {
		return Map.of("openAi",
				client(models.get("openAiChatModel"), configurer, observationRegistry, toolCallingAdvisor), "anthropic",
				client(models.get("anthropicChatModel"), configurer, observationRegistry, toolCallingAdvisor), "ollama",
				client(models.get("ollamaChatModel"), configurer, observationRegistry, toolCallingAdvisor));
	}

	private static ChatClient client(ChatModel model, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry, ObjectProvider<ToolCallingAdvisor.Builder<?>> toolCallingAdvisor) {
		return configurer
			.configure(ChatClient.builder(model, observationRegistry, null, null, toolCallingAdvisor.getObject()))
			.build();
	}

}
