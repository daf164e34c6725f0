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

import java.util.function.ToLongFunction;

import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import io.tokencounter.support.FaultLog;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;

/**
 * Reads a usage of which nothing is known but Spring AI's getters: Ollama, Mistral,
 * Bedrock Converse, models of the application's own, and the usage that Spring AI's
 * {@code MessageAggregator} makes of a stream.
 * <ul>
 * <li>Cache tokens are part of the prompt tokens, unless they are more than these, or the
 * total is larger by just them, or the provider is Anthropic or Bedrock, which both leave
 * them out.</li>
 * <li>If the total is larger than all parts, the rest is output (the thoughts of an
 * aggregated Gemini stream, with whatever its server-side tools took, as the two cannot
 * be told apart; the reasoning of an aggregated xAI stream). At Bedrock it is input: the
 * cache tokens of an aggregated stream.</li>
 * <li>A total with no parts is input: what there is for a model that embeds.</li>
 * <li>Reasoning has no getter and is zero. So are the cache tokens of an aggregated
 * stream, and for Anthropic they are then missing in the input too.</li>
 * </ul>
 */
final class DefaultUsageExtractor implements TokenUsageExtractor {

	private final UsageNormalizer normalizer;

	private final FaultLog problems;

	DefaultUsageExtractor(UsageNormalizer normalizer, FaultLog problems) {
		this.normalizer = normalizer;
		this.problems = problems;
	}

	@Override
	public TokenUsage extract(Usage usage, String provider) {
		long prompt = count(usage, (from) -> orZero(from.getPromptTokens()));
		long completion = count(usage, (from) -> orZero(from.getCompletionTokens()));
		long total = count(usage, (from) -> orZero(from.getTotalTokens()));
		long cacheRead = count(usage, (from) -> orZero(from.getCacheReadInputTokens()));
		long cacheWrite = count(usage, (from) -> orZero(from.getCacheWriteInputTokens()));
		long cache = cacheRead + cacheWrite;
		KnownProvider known = KnownProvider.named(provider);
		boolean bedrock = known == KnownProvider.BEDROCK;
		if (cache == 0 && (bedrock || (prompt == 0 && completion == 0))) {
			prompt = Math.max(prompt, total - completion);
		}
		boolean cacheApart = (known != null && known.countsCacheApart()) || cache > prompt;
		return this.normalizer.usage(prompt, completion, total, cacheRead, cacheWrite, cacheApart, 0);
	}

	private long count(Usage usage, ToLongFunction<Usage> getter) {
		try {
			return this.normalizer.count(getter.applyAsLong(usage));
		}
		catch (Throwable ex) {
			this.problems.log("A getter of a usage failed, and its count is taken as zero", ex);
			return 0;
		}
	}

	private static long orZero(@Nullable Integer count) {
		return (count != null) ? count : 0;
	}

	private static long orZero(@Nullable Long count) {
		return (count != null) ? count : 0;
	}

}
