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

import com.google.genai.types.GenerateContentResponseUsageMetadata;
import io.tokencounter.TokenUsage;

import org.springframework.ai.chat.metadata.Usage;

/**
 * Reads the usage of a Gemini answer. Prompt tokens include cached content and leave out
 * the results of tools that ran at the provider, which are input too; candidate tokens
 * leave out the thoughts, which are billed as output.
 */
final class GoogleGenAiUsageExtractor extends NativeUsageExtractor<GenerateContentResponseUsageMetadata> {

	private final UsageNormalizer normalizer;

	GoogleGenAiUsageExtractor(UsageNormalizer normalizer) {
		super(GenerateContentResponseUsageMetadata.class);
		this.normalizer = normalizer;
	}

	@Override
	TokenUsage extract(GenerateContentResponseUsageMetadata nativeUsage, Usage usage) {
		long input = this.normalizer.count(nativeUsage.promptTokenCount())
				+ this.normalizer.count(nativeUsage.toolUsePromptTokenCount());
		long thoughts = this.normalizer.count(nativeUsage.thoughtsTokenCount());
		long output = this.normalizer.count(nativeUsage.candidatesTokenCount()) + thoughts;
		long total = this.normalizer.count(nativeUsage.totalTokenCount());
		long cached = this.normalizer.count(nativeUsage.cachedContentTokenCount());
		return this.normalizer.usage(input, Math.max(output, total - input), cached, 0, thoughts);
	}

}
