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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import reactor.core.publisher.Flux;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * A user's model that asks another one once for each text.
 */
class CachingChatModel implements ChatModel {

	private final ChatModel delegate;

	private final Map<String, ChatResponse> answers = new ConcurrentHashMap<>();

	private final Map<String, List<ChatResponse>> streams = new ConcurrentHashMap<>();

	CachingChatModel(ChatModel delegate) {
		this.delegate = delegate;
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		return this.answers.computeIfAbsent(prompt.getContents(),
				(text) -> this.delegate.call(FallbackChatModel.withoutOptions(prompt)));
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		List<ChatResponse> known = this.streams.get(prompt.getContents());
		if (known != null) {
			return Flux.fromIterable(known);
		}
		return this.delegate.stream(FallbackChatModel.withoutOptions(prompt))
			.collectList()
			.doOnNext((chunks) -> this.streams.put(prompt.getContents(), chunks))
			.flatMapIterable((chunks) -> chunks);
	}

}
