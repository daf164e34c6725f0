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

package io.tokencounter.wire;

import java.io.IOException;

import com.openai.core.ObjectMappers;
import com.openai.models.completions.CompletionUsage;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.openai.OpenAiChatOptions;

/**
 * Reads OpenAI's usage, and where it comes from, with the types of its client.
 */
final class OpenAiUsageParser {

	private OpenAiUsageParser() {
	}

	static ModelOptions options(String url) {
		return OpenAiChatOptions.builder().baseUrl(url).build();
	}

	static Usage parse(byte @Nullable [] json) throws IOException {
		CompletionUsage usage = ObjectMappers.jsonMapper().readValue(json, CompletionUsage.class);
		Long cacheRead = usage._promptTokensDetails()
			.asKnown()
			.flatMap((details) -> details._cachedTokens().asKnown())
			.orElse(null);
		return new DefaultUsage(Counts.toInt(usage._promptTokens().asKnown()),
				Counts.toInt(usage._completionTokens().asKnown()), Counts.toInt(usage._totalTokens().asKnown()), usage,
				cacheRead, null);
	}

}
