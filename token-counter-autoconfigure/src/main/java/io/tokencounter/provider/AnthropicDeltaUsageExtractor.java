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

package io.tokencounter.provider;

import com.anthropic.core.JsonField;
import com.anthropic.models.messages.MessageDeltaUsage;
import com.anthropic.models.messages.OutputTokensDetails;
import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;

/**
 * Reads the cumulative usage at the end of an Anthropic stream. Its input tokens are
 * right, where Spring AI's are those of the stream's start: tools that run at the
 * provider, such as a web search, add to the input in between.
 */
final class AnthropicDeltaUsageExtractor extends NativeUsageExtractor<MessageDeltaUsage> {

	private final UsageNormalizer normalizer;

	AnthropicDeltaUsageExtractor(UsageNormalizer normalizer) {
		super(MessageDeltaUsage.class);
		this.normalizer = normalizer;
	}

	@Override
	TokenUsage extract(MessageDeltaUsage nativeUsage, Usage usage) {
		// Compatible servers may leave counts out of the delta, or set them to zero
		long input = orElse(nativeUsage._inputTokens(), usage.getPromptTokens());
		long output = orElse(nativeUsage._outputTokens(), usage.getCompletionTokens());
		long cacheRead = orElse(nativeUsage._cacheReadInputTokens(), usage.getCacheReadInputTokens());
		long cacheWrite = orElse(nativeUsage._cacheCreationInputTokens(), usage.getCacheWriteInputTokens());
		long thinking = this.normalizer.count(nativeUsage._outputTokensDetails()
			.asKnown()
			.map(OutputTokensDetails::_thinkingTokens)
			.flatMap((tokens) -> tokens.asKnown()));
		return this.normalizer.usage(input + cacheRead + cacheWrite, output, cacheRead, cacheWrite, thinking);
	}

	private long orElse(JsonField<Long> count, @Nullable Number other) {
		long known = this.normalizer.count(count.asKnown());
		return (known != 0) ? known : this.normalizer.count(other);
	}

}
