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
 */
final class ResponseModels {

	private ResponseModels() {
	}

	/**
	 * Return the name of the model that answered.
	 * @param name the name in the response's metadata
	 * @return the name, or {@code null} if it is empty (Bedrock, and chunks of some
	 * streams), and the model of the request should be used
	 */
	static @Nullable String nameOf(@Nullable String name) {
		return StringUtils.hasText(name) ? name : null;
	}

	/**
	 * Return the name of the model that answered at Ollama.
	 * @param name the name in the response's metadata
	 * @param asked the model of the request, {@code null} if it is not known
	 * @param streaming whether the answer was streamed
	 * @return the name, or {@code null} if the model of the request should be used: if
	 * the name is the same text several times over, which is what Spring AI makes of it
	 * when it merges the chunks of a stream with tool calls, or if only the name that was
	 * asked for says that the model runs in Ollama's cloud
	 */
	static @Nullable String nameAtOllama(@Nullable String name, @Nullable String asked, boolean streaming) {
		if (!StringUtils.hasText(name) || name.equals(asked)) {
			return nameOf(name);
		}
		boolean merged = streaming && isRepetition(name);
		return (merged || (asked != null && runsInCloud(asked) && !runsInCloud(name))) ? null : name;
	}

	private static boolean runsInCloud(String name) {
		return name.endsWith("-cloud") || name.endsWith(":cloud");
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
