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
import java.util.Objects;
import java.util.Optional;

import reactor.core.publisher.Flux;

import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.api.OllamaApi;
import org.springframework.ai.ollama.api.OllamaApi.Message;
import org.springframework.ai.ollama.api.OllamaApi.Message.Role;

/**
 * A user's model that asks a provider itself and knows nothing of observations.
 */
class PlainChatModel implements ChatModel {

	private final OllamaApi api;

	private final String model;

	PlainChatModel(OllamaApi api, String model) {
		this.api = api;
		this.model = model;
	}

	@Override
	public ChatOptions getOptions() {
		return ChatOptions.builder().model(this.model).build();
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return toResponse(this.api.chat(toRequest(prompt, false)));
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return this.api.streamingChat(toRequest(prompt, true)).map(PlainChatModel::toResponse);
	}

	private OllamaApi.ChatRequest toRequest(Prompt prompt, boolean stream) {
		return OllamaApi.ChatRequest.builder(this.model)
			.messages(List.of(Message.builder(Role.USER).content(prompt.getContents()).build()))
			.stream(stream)
			.build();
	}

	private static ChatResponse toResponse(OllamaApi.ChatResponse answer) {
		String text = Objects.requireNonNullElse(answer.message().content(), "");
		ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder().model(answer.model());
		if (answer.promptEvalCount() != null) {
			metadata
				.usage(new DefaultUsage(answer.promptEvalCount(), Optional.ofNullable(answer.evalCount()).orElse(0)));
		}
		return new ChatResponse(List.of(new Generation(new AssistantMessage(text))), metadata.build());
	}

}
