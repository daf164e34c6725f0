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

package io.tokencounter.autoconfigure;

import io.tokencounter.chat.ChatModelNotExcludableException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells what to do about a chat model that can not be excluded from the counting.
 */
final class ChatModelNotExcludableFailureAnalyzer extends AbstractFailureAnalyzer<ChatModelNotExcludableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ChatModelNotExcludableException cause) {
		String description = "Chat model bean '%s' can not be excluded from the counting of tokens: %s."
			.formatted(cause.getBeanName(), cause.getReason());
		String action = ("Remove '%s' from the property 'token-counter.chat-models.exclude', or declare the bean"
				+ " yourself and build it without an ObservationRegistry, so that its calls are not observed.")
			.formatted(cause.getBeanName());
		return new FailureAnalysis(description, action, cause);
	}

}
