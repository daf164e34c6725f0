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

package io.tokencounter.budget;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.util.ClassUtils;

/**
 * Tells how many tokens of output were asked for at the most.
 */
final class MaxOutput {

	private static final boolean openAiPresent = ClassUtils.isPresent("org.springframework.ai.openai.OpenAiChatOptions",
			MaxOutput.class.getClassLoader());

	private MaxOutput() {
	}

	/**
	 * Return the number of tokens, or 0 if none was set.
	 */
	static long of(@Nullable ModelOptions options, @Nullable ModelOptions defaultOptions) {
		long max = of(options);
		return (max > 0) ? max : of(defaultOptions);
	}

	private static long of(@Nullable ModelOptions options) {
		if (openAiPresent && OpenAi.isOptions(options)) {
			return OpenAi.maxOutputOf(options);
		}
		return (options instanceof ChatOptions chatOptions) ? positive(chatOptions.getMaxTokens()) : 0;
	}

	private static long positive(@Nullable Integer number) {
		return (number != null && number > 0) ? number : 0;
	}

	/**
	 * Loaded only where the class is.
	 */
	private static final class OpenAi {

		static boolean isOptions(@Nullable ModelOptions options) {
			return options instanceof OpenAiChatOptions;
		}

		/**
		 * Each of several answers may be as long.
		 */
		static long maxOutputOf(@Nullable ModelOptions options) {
			if (!(options instanceof OpenAiChatOptions openAi)) {
				return 0;
			}
			long max = Math.max(positive(openAi.getMaxTokens()), positive(openAi.getMaxCompletionTokens()));
			return max * Math.max(1, positive(openAi.getN()));
		}

	}

}
