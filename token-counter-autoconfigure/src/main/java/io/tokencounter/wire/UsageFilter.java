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

package io.tokencounter.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tells quickly that there is no usage in some bytes, which is so for all chunks of a
 * stream but one or two. By Horspool's search, which looks at one byte of seven.
 */
final class UsageFilter {

	private static final byte[] KEY = "\"usage\"".getBytes(StandardCharsets.US_ASCII);

	private static final int[] SHIFTS = shifts();

	private UsageFilter() {
	}

	private static int[] shifts() {
		int[] shifts = new int[128];
		Arrays.fill(shifts, KEY.length);
		for (int i = 0; i < KEY.length - 1; i++) {
			shifts[KEY[i]] = KEY.length - 1 - i;
		}
		return shifts;
	}

	/**
	 * Return whether whole lines may tell a usage.
	 * @param data an array that has them
	 * @param from the index of the first byte
	 * @param to the index after the last byte
	 * @return {@code false} if there is none for sure
	 */
	static boolean mayTell(byte[] data, int from, int to) {
		int i = from + KEY.length - 1;
		while (i < to) {
			byte last = data[i];
			if (last == '"' && data[i - 1] == 'e' && isKey(data, i + 1) && !isNull(data, i + 1, to)) {
				return true;
			}
			i += (last >= 0) ? SHIFTS[last] : KEY.length;
		}
		return false;
	}

	private static boolean isKey(byte[] data, int to) {
		return Arrays.equals(KEY, 0, KEY.length, data, to - KEY.length, to);
	}

	/**
	 * OpenAI sends {@code "usage":null} with each chunk but one.
	 */
	private static boolean isNull(byte[] data, int from, int to) {
		int i = from;
		while (i < to && (data[i] == ':' || data[i] == ' ')) {
			i++;
		}
		return i < to && data[i] == 'n';
	}

}
