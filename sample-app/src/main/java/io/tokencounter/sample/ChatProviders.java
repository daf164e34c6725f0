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

import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;

/**
 * Finds the provider that a request names.
 */
@Component
class ChatProviders {

	private final ChatProvider openAi;

	private final ChatProvider ollama;

	ChatProviders(OpenAiChatModel openAiChatModel, @Qualifier("openAiChatClient") ChatClient openAiChatClient,
			OllamaChatModel ollamaChatModel, @Qualifier("ollamaChatClient") ChatClient ollamaChatClient) {
		this.openAi = new ChatProvider(modelName(openAiChatModel), openAiChatClient);
		this.ollama = new ChatProvider(modelName(ollamaChatModel), ollamaChatClient);
	}

	private static String modelName(ChatModel chatModel) {
		String model = chatModel.getOptions().getModel();
		return (model != null) ? model : "unknown";
	}

	ChatProvider openAi() {
		return this.openAi;
	}

	ChatProvider ollama() {
		return this.ollama;
	}

	/**
	 * Return the provider of the given name.
	 * @param name the provider's name, {@code openai} or {@code ollama}
	 * @return the provider
	 * @throws ResponseStatusException with status 400 if there is no such provider
	 */
	ChatProvider get(@Nullable String name) {
		if ("openai".equals(name)) {
			return this.openAi;
		}
		if ("ollama".equals(name)) {
			return this.ollama;
		}
		throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'provider' must be 'openai' or 'ollama'");
	}

}
