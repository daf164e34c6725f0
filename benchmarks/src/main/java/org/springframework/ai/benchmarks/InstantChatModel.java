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

package org.springframework.ai.benchmarks;

import io.micrometer.observation.ObservationRegistry;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * Model whose class can be subclassed, as {@code OllamaChatModel}.
 */
public class InstantChatModel implements ChatModel {

	private final InstantAnswers answers;

	/**
	 * Create a model.
	 * @param observationRegistry where calls are observed, a no-op one for nowhere
	 * @param chunks the number of chunks of a stream
	 */
	public InstantChatModel(ObservationRegistry observationRegistry, int chunks) {
		this.answers = new InstantAnswers(observationRegistry, chunks);
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return this.answers.call(prompt);
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return this.answers.stream(prompt);
	}

	@Override
	public ChatOptions getOptions() {
		return this.answers.options();
	}

}
