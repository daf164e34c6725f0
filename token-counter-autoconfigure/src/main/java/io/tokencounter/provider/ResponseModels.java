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

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Tells the name of the model that answered from what Spring AI delivers as such.
 *
 * @since 0.1.0
 */
public final class ResponseModels {

	private ResponseModels() {
	}

	/**
	 * Return the name of the model that answered.
	 * @param name the name in the response's metadata
	 * @return the name, or {@code null} if the model of the request should be used: if
	 * the name is empty (Bedrock, and chunks of some streams), or the same text several
	 * times over, which is what Spring AI makes of a name when it merges the chunks of an
	 * Ollama stream with tool calls
	 */
	public static @Nullable String nameOf(@Nullable String name) {
		return (StringUtils.hasText(name) && !isRepetition(name)) ? name : null;
	}

	private static boolean isRepetition(String name) {
		int length = name.length();
		char first = name.charAt(0);
		for (int period = 1; period <= length / 2; period++) {
			if (name.charAt(period) == first && length % period == 0
					&& name.regionMatches(period, name, 0, length - period)) {
				return true;
			}
		}
		return false;
	}

}
