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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.util.ClassUtils;

/**
 * The one place where what a provider reports becomes a {@link TokenUsage}.
 * <p>
 * The application's own extractors are asked first, in their order, then those for the
 * native usage of the providers' clients, then a default that reads Spring AI's getters.
 * A fault of any of them is logged, as a warning the first time, and the next one is
 * asked: reading never throws.
 *
 * @since 0.1.0
 */
public final class TokenUsageReader {

	private final Supplier<List<TokenUsageExtractor>> customExtractors;

	private final FaultLog problems = new FaultLog(LogFactory.getLog(TokenUsageReader.class));

	private final List<TokenUsageExtractor> nativeExtractors;

	private final TokenUsageExtractor defaultExtractor;

	private volatile @Nullable List<TokenUsageExtractor> resolvedExtractors;

	/**
	 * Create a reader.
	 * @param customExtractors the application's own extractors, in the order in which to
	 * ask them; called on the first reading, not before
	 */
	public TokenUsageReader(Supplier<List<TokenUsageExtractor>> customExtractors) {
		this.customExtractors = customExtractors;
		UsageNormalizer normalizer = new UsageNormalizer(this.problems);
		this.nativeExtractors = nativeExtractors(normalizer);
		this.defaultExtractor = new DefaultUsageExtractor(normalizer, this.problems);
	}

	private static List<TokenUsageExtractor> nativeExtractors(UsageNormalizer normalizer) {
		ClassLoader classLoader = TokenUsageReader.class.getClassLoader();
		List<TokenUsageExtractor> extractors = new ArrayList<>();
		if (ClassUtils.isPresent("com.openai.models.completions.CompletionUsage", classLoader)) {
			extractors.add(new OpenAiUsageExtractor(normalizer));
		}
		if (ClassUtils.isPresent("com.anthropic.models.messages.MessageDeltaUsage", classLoader)) {
			extractors.add(new AnthropicUsageExtractor(normalizer));
			extractors.add(new AnthropicDeltaUsageExtractor(normalizer));
		}
		if (ClassUtils.isPresent("com.google.genai.types.GenerateContentResponseUsageMetadata", classLoader)) {
			extractors.add(new GoogleGenAiUsageExtractor(normalizer));
		}
		if (ClassUtils.isPresent(DeepSeekUsageExtractor.NATIVE_TYPE, classLoader)) {
			extractors.add(new DeepSeekUsageExtractor(
					ClassUtils.resolveClassName(DeepSeekUsageExtractor.NATIVE_TYPE, classLoader), normalizer));
		}
		return List.copyOf(extractors);
	}

	/**
	 * Read a usage.
	 * @param usage the usage of one response or chunk, which may be {@code null}
	 * @param provider the name of the provider, {@code unknown} if there is none
	 * @return the tokens, {@link TokenUsage#unreported()} if the usage is missing, empty
	 * or all zero
	 */
	public TokenUsage read(@Nullable Usage usage, String provider) {
		if (usage == null) {
			return TokenUsage.unreported();
		}
		TokenUsage result = ask(customExtractors(), usage, provider);
		if (result == null && hasNativeUsage(usage)) {
			result = ask(this.nativeExtractors, usage, provider);
		}
		return (result != null) ? result : readDefault(usage, provider);
	}

	private TokenUsage readDefault(Usage usage, String provider) {
		TokenUsage result = ask(this.defaultExtractor, usage, provider);
		return (result != null) ? result : TokenUsage.unreported();
	}

	private @Nullable TokenUsage ask(List<TokenUsageExtractor> extractors, Usage usage, String provider) {
		for (TokenUsageExtractor extractor : extractors) {
			TokenUsage result = ask(extractor, usage, provider);
			if (result != null) {
				return result;
			}
		}
		return null;
	}

	private @Nullable TokenUsage ask(TokenUsageExtractor extractor, Usage usage, String provider) {
		try {
			return extractor.extract(usage, provider);
		}
		catch (Throwable ex) {
			this.problems.log("Failed to read a usage with " + extractor.getClass().getName(), ex);
			return null;
		}
	}

	// The native usage of Spring AI's empty and aggregated usages is a map
	private boolean hasNativeUsage(Usage usage) {
		try {
			Object nativeUsage = usage.getNativeUsage();
			return nativeUsage != null && !(nativeUsage instanceof Map);
		}
		catch (Throwable ex) {
			this.problems.log("Failed to get the native usage, and it is ignored", ex);
			return false;
		}
	}

	// Without a lock, as creating the beans takes those of the bean factory
	private List<TokenUsageExtractor> customExtractors() {
		List<TokenUsageExtractor> extractors = this.resolvedExtractors;
		if (extractors == null) {
			try {
				extractors = List.copyOf(this.customExtractors.get());
				this.resolvedExtractors = extractors;
			}
			catch (Throwable ex) {
				this.problems.log("Failed to get the TokenUsageExtractor beans, and they are ignored", ex);
				return List.of();
			}
		}
		return extractors;
	}

}
