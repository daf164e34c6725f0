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

import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

import com.anthropic.models.messages.CacheCreation;
import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.anthropic.AnthropicCacheOptions;
import org.springframework.ai.anthropic.AnthropicCacheTtl;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.model.ModelOptions;
import org.springframework.util.ClassUtils;

/**
 * Tells how many of the tokens that were written to a prompt cache were written to
 * entries that live longer than the provider's default, and cost more.
 * <p>
 * Only Anthropic has such entries in Spring AI, those of one hour, and only for who asks
 * for them. An answer tells the two kinds apart. Of a stream, Spring AI keeps their sum
 * alone, so the options of the request tell, which are unequivocal unless the messages of
 * a conversation are cached for different times.
 */
final class LongLivedCacheWrites {

	private static final OptionalLong NONE = OptionalLong.of(0);

	private static final boolean anthropicPresent = ClassUtils.isPresent(
			"org.springframework.ai.anthropic.AnthropicChatOptions", LongLivedCacheWrites.class.getClassLoader());

	private LongLivedCacheWrites() {
	}

	/**
	 * Return the number of tokens.
	 * @param tokens the tokens of the call
	 * @param usage the usage that they were read from, which may be {@code null}
	 * @param options the options of the request, which may be {@code null}
	 * @param defaultOptions the options of the model, which may be {@code null}
	 * @return the number, empty if it cannot be told
	 */
	static OptionalLong count(TokenUsage tokens, @Nullable Usage usage, @Nullable ModelOptions options,
			@Nullable ModelOptions defaultOptions) {
		if (tokens.cacheWrite() == 0 || !anthropicPresent) {
			return NONE;
		}
		return Anthropic.count(tokens.cacheWrite(), (usage != null) ? usage.getNativeUsage() : null,
				(options != null) ? options : defaultOptions);
	}

	/**
	 * Inner class to avoid a hard dependency on the Anthropic client.
	 */
	private static final class Anthropic {

		static OptionalLong count(long all, @Nullable Object nativeUsage, @Nullable ModelOptions options) {
			if (nativeUsage instanceof com.anthropic.models.messages.Usage usage) {
				Long reported = usage._cacheCreation()
					.asKnown()
					.map(CacheCreation::_ephemeral1hInputTokens)
					.flatMap((tokens) -> tokens.asKnown())
					.orElse(null);
				if (reported != null) {
					return OptionalLong.of(Math.max(0, Math.min(reported, all)));
				}
			}
			if (!(options instanceof AnthropicChatOptions anthropic) || anthropic.getCacheOptions() == null) {
				return NONE;
			}
			return asked(anthropic.getCacheOptions(), all);
		}

		private static OptionalLong asked(AnthropicCacheOptions options, long all) {
			Map<MessageType, AnthropicCacheTtl> times = options.getMessageTypeTtl();
			Set<AnthropicCacheTtl> asked = switch (options.getStrategy()) {
				case NONE -> Set.of();
				// Tools are cached for as long as system messages
				case SYSTEM_ONLY, TOOLS_ONLY, SYSTEM_AND_TOOLS -> Set.of(times.get(MessageType.SYSTEM));
				case CONVERSATION_HISTORY -> Set.copyOf(times.values());
			};
			if (!asked.contains(AnthropicCacheTtl.ONE_HOUR)) {
				return NONE;
			}
			return (asked.size() == 1) ? OptionalLong.of(all) : OptionalLong.empty();
		}

	}

}
