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

package io.tokencounter.testsupport;

import java.util.List;

import reactor.core.publisher.Flux;

import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * An application's own model that answers at once, knows nothing of observations, and
 * takes {@value #INPUT} tokens in and {@value #OUTPUT} out for each call. It fails if
 * asked to {@value #FAIL}.
 */
public class FailableChatModel implements ChatModel {

	/**
	 * Name of the model.
	 */
	public static final String NAME = "local-madeup";

	/**
	 * Prompt that makes the model fail.
	 */
	public static final String FAIL = "fail";

	/**
	 * Input tokens of each call.
	 */
	public static final int INPUT = 7;

	/**
	 * Output tokens of each call.
	 */
	public static final int OUTPUT = 3;

	@Override
	public ChatResponse call(Prompt prompt) {
		if (FAIL.equals(prompt.getContents())) {
			throw new IllegalStateException("Asked to fail");
		}
		return response();
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return Flux.defer(() -> Flux.just(call(prompt)));
	}

	@Override
	public ChatOptions getOptions() {
		return ChatOptions.builder().model(NAME).build();
	}

	/**
	 * Return an answer.
	 * @return a new response
	 */
	public static ChatResponse response() {
		return new ChatResponse(List.of(new Generation(new AssistantMessage("Pebbles gossip."))),
				ChatResponseMetadata.builder().model(NAME).usage(new DefaultUsage(INPUT, OUTPUT)).build());
	}

}
