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

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * A user's model that gives the answers of another one as its own, under its own name and
 * with the usage of the other.
 */
class RewritingChatModel implements ChatModel {

	private final ChatModel delegate;

	RewritingChatModel(ChatModel delegate) {
		this.delegate = delegate;
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return rewrite(this.delegate.call(FallbackChatModel.withoutOptions(prompt)));
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return this.delegate.stream(FallbackChatModel.withoutOptions(prompt)).map(RewritingChatModel::rewrite);
	}

	private static ChatResponse rewrite(ChatResponse response) {
		return new ChatResponse(response.getResults(),
				ChatResponseMetadata.builder().model("rewriter").usage(response.getMetadata().getUsage()).build());
	}

}
