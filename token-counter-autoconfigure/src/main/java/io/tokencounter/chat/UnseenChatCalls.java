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

import java.time.Instant;

import io.tokencounter.call.UnseenCalls;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.model.ModelOptions;

/**
 * Counts calls to chat models that nothing but the wire tells of.
 *
 * @since 0.1.0
 */
public final class UnseenChatCalls implements UnseenCalls {

	private final ChatCallCounter counter;

	private final ChatModelBeans beans;

	/**
	 * Create an object that counts such calls.
	 * @param counter the counter
	 * @param beans the chat model beans, some of which may be excluded
	 */
	public UnseenChatCalls(ChatCallCounter counter, ChatModelBeans beans) {
		this.counter = counter;
		this.beans = beans;
	}

	@Override
	public boolean isUnseen(String provider) {
		return !this.beans.isExcludedAt(provider) && !this.counter.isOpenHere();
	}

	@Override
	public void record(String provider, @Nullable ModelOptions options, Instant startedAt, long nanos) {
		this.counter.recordHere(provider, options, startedAt, nanos, ChatResponseMetadata::new);
	}

}
