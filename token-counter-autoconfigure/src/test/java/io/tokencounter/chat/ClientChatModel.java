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

import reactor.core.publisher.Flux;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.util.Assert;

/**
 * A user's model that asks another one through a client.
 */
class ClientChatModel implements ChatModel {

	private final ChatClient client;

	ClientChatModel(ChatClient client) {
		this.client = client;
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		ChatResponse response = this.client.prompt(FallbackChatModel.withoutOptions(prompt)).call().chatResponse();
		Assert.state(response != null, "No response");
		return response;
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return this.client.prompt(FallbackChatModel.withoutOptions(prompt)).stream().chatResponse();
	}

}
