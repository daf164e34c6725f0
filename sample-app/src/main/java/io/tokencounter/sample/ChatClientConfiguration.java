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

package io.tokencounter.sample;

import io.micrometer.observation.ObservationRegistry;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * One {@link ChatClient} for each model. The auto-configured builder is of no use where
 * there are two models, so the configurer applies all customizers to our own builders.
 */
@Configuration(proxyBeanMethods = false)
class ChatClientConfiguration {

	@Bean
	ChatClient openAiChatClient(OpenAiChatModel chatModel, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry) {
		return chatClient(chatModel, configurer, observationRegistry);
	}

	@Bean
	ChatClient ollamaChatClient(OllamaChatModel chatModel, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry) {
		return chatClient(chatModel, configurer, observationRegistry);
	}

	private ChatClient chatClient(ChatModel chatModel, ChatClientBuilderConfigurer configurer,
			ObservationRegistry observationRegistry) {
		return configurer.configure(ChatClient.builder(chatModel, observationRegistry, null, null)).build();
	}

}
