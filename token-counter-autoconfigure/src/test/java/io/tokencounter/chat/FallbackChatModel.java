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
import java.util.function.Supplier;

import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * A user's router: it asks one model on another thread and, if that fails, a second one
 * on yet another. It carries nothing over to these threads.
 */
class FallbackChatModel implements ChatModel {

	/**
	 * Text that makes the first model fail and not the second.
	 */
	static final String FIRST_FAILS = "please fall back";

	private final Supplier<? extends ChatModel> first;

	private final Supplier<? extends ChatModel> second;

	private final Executor executor;

	FallbackChatModel(Supplier<? extends ChatModel> first, Supplier<? extends ChatModel> second, Executor executor) {
		this.first = first;
		this.second = second;
		this.executor = executor;
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return CompletableFuture.supplyAsync(() -> this.first.get().call(forFirst(prompt)), this.executor)
			.exceptionallyAsync((ex) -> this.second.get().call(withoutOptions(prompt)), this.executor)
			.join();
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return Flux.defer(() -> this.first.get().stream(forFirst(prompt)))
			.subscribeOn(Schedulers.fromExecutor(this.executor))
			.onErrorResume(
					(ex) -> this.second.get().stream(withoutOptions(prompt)).subscribeOn(Schedulers.boundedElastic()))
			.publishOn(Schedulers.parallel());
	}

	private static Prompt forFirst(Prompt prompt) {
		String text = prompt.getContents();
		return text.contains(FIRST_FAILS) ? new Prompt(text + " fail-500") : withoutOptions(prompt);
	}

	static Prompt withoutOptions(Prompt prompt) {
		// A ChatClient puts this model's options into the prompt, and no model's name
		return new Prompt(prompt.getInstructions());
	}

}
