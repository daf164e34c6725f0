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

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * Delegates to a model and counts its calls. The interface's own overloads, such as
 * {@code call(String)}, end in the counted methods.
 */
final class CountingChatModel implements ChatModel {

	private final ChatCallCounter counter;

	private final CountedModel counted;

	private final ChatModel delegate;

	CountingChatModel(ChatCallCounter counter, CountedModel counted, ChatModel delegate) {
		this.counter = counter;
		this.counted = counted;
		this.delegate = delegate;
	}

	/**
	 * Return the same model, whose calls count beside those that it makes to others.
	 */
	CountingChatModel beside() {
		return new CountingChatModel(this.counter, this.counted.beside(true), this.delegate);
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return this.counter.call(this.counted, prompt, () -> this.delegate.call(prompt), (response) -> response);
	}

	@Override
	@SuppressWarnings("NullAway") // As the model has it
	public Flux<ChatResponse> stream(Prompt prompt) {
		return this.counter.stream(this.counted, prompt, () -> this.delegate.stream(prompt), (response) -> response);
	}

	@Override
	public ChatOptions getOptions() {
		return this.delegate.getOptions();
	}

}
