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

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;

import com.openai.core.JsonField;
import com.openai.core.JsonNumber;
import com.openai.core.JsonValue;
import com.openai.models.completions.CompletionUsage;
import com.openai.models.completions.CompletionUsage.PromptTokensDetails;
import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Reads the usage of OpenAI and of everything that speaks its protocol.
 * <p>
 * Prompt tokens include those read from and written to a cache; completion tokens include
 * reasoning, unless the total says otherwise (see {@link UsageNormalizer}). Which service
 * it is cannot be known behind a gateway, so the payload decides:
 * <ul>
 * <li>Cache reads are in {@code prompt_tokens_details.cached_tokens}, at DeepSeek also in
 * {@code prompt_cache_hit_tokens}, at Mistral in {@code num_cached_tokens}, at Moonshot
 * in {@code cached_tokens}.</li>
 * <li>Cache writes are in {@code prompt_tokens_details.cache_write_tokens}, for which the
 * OpenAI client has an accessor only in later versions than Spring AI 2.0.0 brings.</li>
 * <li>A LiteLLM gateway before Claude has them in
 * {@code prompt_tokens_details.cache_creation_tokens}, and both under Claude's
 * names.</li>
 * <li>Citation tokens are Perplexity's deep research, which bills them as further input
 * and its reasoning as further output, with neither in the total.</li>
 * </ul>
 */
final class OpenAiUsageExtractor extends NativeUsageExtractor<CompletionUsage> {

	private static final @Nullable Method CACHE_WRITE_TOKENS = ClassUtils
		.getMethodIfAvailable(PromptTokensDetails.class, "_cacheWriteTokens");

	private static final String CLAUDE_CACHE_READ = "cache_read_input_tokens";

	private static final String CLAUDE_CACHE_WRITE = "cache_creation_input_tokens";

	private static final List<String> CACHE_READ_NAMES = List.of("prompt_cache_hit_tokens", "num_cached_tokens",
			"cached_tokens", CLAUDE_CACHE_READ);

	private static final List<String> CACHE_WRITE_NAMES = List.of("cache_write_tokens", "cache_creation_tokens");

	private final UsageNormalizer normalizer;

	OpenAiUsageExtractor(UsageNormalizer normalizer) {
		super(CompletionUsage.class);
		this.normalizer = normalizer;
	}

	@Override
	TokenUsage extract(CompletionUsage nativeUsage, Usage usage) {
		// The underscored accessors do not throw where a field is missing or malformed
		long prompt = this.normalizer.count(nativeUsage._promptTokens().asKnown());
		long completion = this.normalizer.count(nativeUsage._completionTokens().asKnown());
		long total = this.normalizer.count(nativeUsage._totalTokens().asKnown());
		Map<String, JsonValue> more = nativeUsage._additionalProperties();
		PromptTokensDetails details = nativeUsage._promptTokensDetails().asKnown().orElse(null);
		long cacheRead = cacheRead(details, more);
		long cacheWrite = cacheWrite(details, more);
		long reasoning = reasoning(nativeUsage, more);
		long citation = count(more, "citation_tokens");
		if (citation > 0) {
			return this.normalizer.usage(prompt + citation, completion + reasoning, cacheRead, cacheWrite, reasoning);
		}
		return this.normalizer.usage(prompt, completion, total, cacheRead, cacheWrite,
				leavesOutCache(more, prompt, cacheRead + cacheWrite), reasoning);
	}

	// With Claude's own names, Anthropic leaves cache tokens out of the prompt, and only
	// some of the gateways before it do
	private boolean leavesOutCache(Map<String, JsonValue> more, long prompt, long cache) {
		return cache > prompt && (more.containsKey(CLAUDE_CACHE_READ) || more.containsKey(CLAUDE_CACHE_WRITE));
	}

	private long cacheRead(@Nullable PromptTokensDetails details, Map<String, JsonValue> more) {
		long cached = (details != null) ? this.normalizer.count(details._cachedTokens().asKnown()) : 0;
		return (cached != 0) ? cached : first(more, CACHE_READ_NAMES);
	}

	private long cacheWrite(@Nullable PromptTokensDetails details, Map<String, JsonValue> more) {
		long written = (details != null) ? cacheWrite(details) : 0;
		return (written != 0) ? written : count(more, CLAUDE_CACHE_WRITE);
	}

	private long cacheWrite(PromptTokensDetails details) {
		if (CACHE_WRITE_TOKENS != null
				&& ReflectionUtils.invokeMethod(CACHE_WRITE_TOKENS, details) instanceof JsonField<?> field
				&& field.asKnown().orElse(null) instanceof Number number) {
			return this.normalizer.count(number);
		}
		return first(details._additionalProperties(), CACHE_WRITE_NAMES);
	}

	private long reasoning(CompletionUsage nativeUsage, Map<String, JsonValue> more) {
		long reasoning = nativeUsage._completionTokensDetails()
			.asKnown()
			.map((details) -> this.normalizer.count(details._reasoningTokens().asKnown()))
			.orElse(0L);
		return (reasoning != 0) ? reasoning : count(more, "reasoning_tokens");
	}

	private long first(Map<String, JsonValue> properties, List<String> names) {
		for (String name : names) {
			long count = count(properties, name);
			if (count != 0) {
				return count;
			}
		}
		return 0;
	}

	private long count(Map<String, JsonValue> properties, String name) {
		return (properties.get(name) instanceof JsonNumber number) ? this.normalizer.count(number.value()) : 0;
	}

}
