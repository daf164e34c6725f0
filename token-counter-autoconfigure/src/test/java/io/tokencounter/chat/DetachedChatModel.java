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

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import reactor.core.Disposable;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * A user's model that asks another one where nothing is carried over to, and answers with
 * a usage and with exceptions of its own.
 */
class DetachedChatModel implements ChatModel {

	private final ChatModel delegate;

	private final Executor executor;

	DetachedChatModel(ChatModel delegate, Executor executor) {
		this.delegate = delegate;
		this.executor = executor;
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return CompletableFuture
			.supplyAsync(() -> this.delegate.call(FallbackChatModel.withoutOptions(prompt)), this.executor)
			.handle((response, ex) -> {
				if (ex != null) {
					throw new IllegalStateException("No answer");
				}
				return rewrite(response);
			})
			.join();
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return Flux.<ChatResponse>create((sink) -> this.executor.execute(() -> {
			Disposable subscription = this.delegate.stream(FallbackChatModel.withoutOptions(prompt))
				.subscribe(sink::next, sink::error, sink::complete);
			sink.onDispose(subscription);
		})).map(DetachedChatModel::rewrite);
	}

	private static ChatResponse rewrite(ChatResponse response) {
		Usage usage = response.getMetadata().getUsage();
		return new ChatResponse(response.getResults(),
				ChatResponseMetadata.builder()
					.model("detached")
					.usage(new DefaultUsage(usage.getPromptTokens(), usage.getCompletionTokens()))
					.build());
	}

}
