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

package io.tokencounter;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Makes names harmless that come from users and providers, wherever they are shown or
 * kept.
 */
final class Names {

	private static final char REPLACEMENT = '\uFFFD';

	private Names() {
	}

	static @Nullable String cleanNullable(@Nullable String name) {
		return (name != null) ? clean(name) : null;
	}

	/**
	 * Cut a name, and replace what would break a line of a log or is no character.
	 */
	static String clean(String name) {
		int length = Math.min(name.length(), TokenCall.MAX_NAME);
		for (int i = 0; i < length; i++) {
			if (!isHarmless(name.charAt(i))) {
				return replace(name, length);
			}
		}
		return (length < name.length()) ? name.substring(0, length) : name;
	}

	static Map<String, String> clean(Map<String, String> tags) {
		for (Map.Entry<String, String> tag : tags.entrySet()) {
			if (!clean(tag.getKey()).equals(tag.getKey()) || !clean(tag.getValue()).equals(tag.getValue())) {
				Map<String, String> cleaned = new LinkedHashMap<>();
				tags.forEach((key, value) -> cleaned.put(clean(key), clean(value)));
				return Map.copyOf(cleaned);
			}
		}
		return Map.copyOf(tags);
	}

	private static boolean isHarmless(char character) {
		return character >= ' ' && character < 0x7F
				|| character > 0x9F && !Character.isSurrogate(character) && !isInvisible(character);
	}

	/**
	 * Line and paragraph separators, and what turns the direction of the text around.
	 */
	private static boolean isInvisible(char character) {
		return switch (Character.getType(character)) {
			case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.FORMAT -> true;
			default -> false;
		};
	}

	private static String replace(String name, int length) {
		StringBuilder cleaned = new StringBuilder(length);
		for (int i = 0; i < length; i++) {
			char character = name.charAt(i);
			boolean pair = Character.isHighSurrogate(character) && i + 1 < length
					&& Character.isLowSurrogate(name.charAt(i + 1));
			if (pair) {
				cleaned.append(character).append(name.charAt(++i));
			}
			else {
				cleaned.append(isHarmless(character) ? character : REPLACEMENT);
			}
		}
		return cleaned.toString();
	}

}
