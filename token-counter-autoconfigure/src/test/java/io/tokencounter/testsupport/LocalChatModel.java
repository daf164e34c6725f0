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
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * A user's own model, which answers at once and is not observed.
 */
public class LocalChatModel implements ChatModel {

	/**
	 * Input tokens of each call.
	 */
	public static final int INPUT = 3;

	/**
	 * Output tokens of each call.
	 */
	public static final int OUTPUT = 4;

	private final AtomicInteger calls = new AtomicInteger();

	@Override
	public ChatResponse call(Prompt prompt) {
		this.calls.incrementAndGet();
		return response("Pebbles gossip.", usage());
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return Flux.defer(() -> {
			this.calls.incrementAndGet();
			return Flux.just(response("Pebbles", null), response(" gossip", null), response(".", usage()));
		});
	}

	/**
	 * Return the usage of a new call.
	 * @return the usage, which a subclass may replace
	 */
	protected Usage usage() {
		return new DefaultUsage(INPUT, OUTPUT);
	}

	/**
	 * Return how often the model was asked.
	 * @return the number of calls
	 */
	public int calls() {
		return this.calls.get();
	}

	/**
	 * Make a response.
	 * @param text the text
	 * @param usage the usage, if any
	 * @return the response
	 */
	public static ChatResponse response(String text, @Nullable Usage usage) {
		ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder().model("local");
		if (usage != null) {
			metadata.usage(usage);
		}
		return new ChatResponse(List.of(new Generation(new AssistantMessage(text))), metadata.build());
	}

}
