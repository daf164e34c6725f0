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

package io.tokencounter.sample;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.util.StringUtils;

/**
 * The {@code token_usage} of an answer.
 *
 * @param promptTokens all input tokens
 * @param completionTokens all output tokens
 * @param totalTokens the sum of both
 * @param model the model that answered; of a failed call the configured one
 */
@JsonNaming(SnakeCaseStrategy.class)
record SpentTokens(long promptTokens, long completionTokens, long totalTokens, String model) {

	static SpentTokens of(@Nullable ChatResponse response, ChatProvider provider) {
		if (response == null) {
			return none(provider);
		}
		Usage usage = response.getMetadata().getUsage();
		String model = response.getMetadata().getModel();
		return new SpentTokens(usage.getPromptTokens(), usage.getCompletionTokens(), usage.getTotalTokens(),
				StringUtils.hasText(model) ? model : provider.model());
	}

	static SpentTokens none(ChatProvider provider) {
		return new SpentTokens(0, 0, 0, provider.model());
	}

}
