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

import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.util.ReflectionUtils;

/**
 * Reads the cached tokens of Spring AI's own DeepSeek client, which keeps them in its
 * native usage and leaves them out of {@link Usage#getCacheReadInputTokens()}. DeepSeek
 * caches every prompt by itself and bills a cache hit at a fraction of the price, so
 * without them most of the cost would be wrong. Read by reflection, with accessors that
 * are looked up once, so that nothing has to be compiled against that client.
 */
final class DeepSeekUsageExtractor extends NativeUsageExtractor<Object> {

	static final String NATIVE_TYPE = "org.springframework.ai.deepseek.api.DeepSeekApi$Usage";

	private final UsageNormalizer normalizer;

	private final @Nullable Method details;

	private final @Nullable Method cachedTokens;

	@SuppressWarnings("unchecked")
	DeepSeekUsageExtractor(Class<?> nativeType, UsageNormalizer normalizer) {
		super((Class<Object>) nativeType);
		this.normalizer = normalizer;
		this.details = ReflectionUtils.findMethod(nativeType, "promptTokensDetails");
		this.cachedTokens = (this.details != null)
				? ReflectionUtils.findMethod(this.details.getReturnType(), "cachedTokens") : null;
	}

	@Override
	TokenUsage extract(Object nativeUsage, Usage usage) {
		long prompt = this.normalizer.count(usage.getPromptTokens());
		long completion = this.normalizer.count(usage.getCompletionTokens());
		long total = this.normalizer.count(usage.getTotalTokens());
		return this.normalizer.usage(prompt, completion, total, cached(nativeUsage), 0, false, 0);
	}

	private long cached(Object nativeUsage) {
		if (this.details == null || this.cachedTokens == null) {
			return 0;
		}
		Object target = ReflectionUtils.invokeMethod(this.details, nativeUsage);
		return (target != null && ReflectionUtils.invokeMethod(this.cachedTokens, target) instanceof Number number)
				? this.normalizer.count(number) : 0;
	}

}
