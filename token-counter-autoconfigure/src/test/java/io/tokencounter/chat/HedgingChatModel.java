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

import reactor.core.publisher.Flux;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * A user's model that asks two models at the same time and pays for both.
 */
final class HedgingChatModel implements ChatModel {

	private final ChatModel one;

	private final ChatModel other;

	private final Executor executor;

	HedgingChatModel(ChatModel one, ChatModel other, Executor executor) {
		this.one = one;
		this.other = other;
		this.executor = executor;
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return CompletableFuture
			.supplyAsync(() -> this.one.call(FallbackChatModel.withoutOptions(prompt)), this.executor)
			.thenCombine(CompletableFuture.supplyAsync(() -> this.other.call(FallbackChatModel.withoutOptions(prompt)),
					this.executor), (first, second) -> first)
			.join();
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return this.one.stream(FallbackChatModel.withoutOptions(prompt))
			.mergeWith(this.other.stream(FallbackChatModel.withoutOptions(prompt)));
	}

}
