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
 * The value of a member that is looked for, as its bytes come in pieces. The array is
 * used again for the next one.
 */
final class CapturedValue {

	/**
	 * Longer values are none of those that are looked for.
	 */
	static final int MAX_LENGTH = 8 * 1024;

	private boolean capturing;

	private byte[] bytes = new byte[512];

	private int length;

	/**
	 * Forget the value before, and take the next one.
	 * @param wanted whether the next one is looked for
	 */
	void start(boolean wanted) {
		this.capturing = wanted;
		this.length = 0;
	}

	void giveUp() {
		this.capturing = false;
	}

	void add(byte[] data, int from, int to) {
		if (!this.capturing) {
			return;
		}
		int needed = this.length + to - from;
		if (needed > MAX_LENGTH) {
			giveUp();
			return;
		}
		if (needed > this.bytes.length) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(needed, this.bytes.length * 2));
		}
		System.arraycopy(data, from, this.bytes, this.length, to - from);
		this.length = needed;
	}

	/**
	 * Return whether the value is one that is looked for, and nothing of it is missing.
	 */
	boolean isWhole() {
		return this.capturing;
	}

	String text() {
		return new String(this.bytes, 0, this.length, StandardCharsets.UTF_8);
	}

	byte[] bytes() {
		return Arrays.copyOf(this.bytes, this.length);
	}

	/**
	 * Some servers send zeros before or after what they have to say.
	 */
	boolean tellsNumber() {
		for (int i = 0; i < this.length; i++) {
			if (this.bytes[i] > '0' && this.bytes[i] <= '9') {
				return true;
			}
		}
		return false;
	}

}
