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

/**
 * The name of a member, as its bytes come in pieces.
 */
final class MemberName {

	private static final int MAX_LENGTH = "service_tier".length();

	private final byte[] bytes = new byte[MAX_LENGTH];

	private int length;

	/**
	 * Forget the name before.
	 */
	void start() {
		this.length = 0;
	}

	void add(byte[] data, int from, int to) {
		int added = to - from;
		if (added <= MAX_LENGTH - this.length) {
			System.arraycopy(data, from, this.bytes, this.length, added);
			this.length += added;
		}
		else {
			// None of those that are looked for, whatever follows
			this.length = MAX_LENGTH + 1;
		}
	}

	/**
	 * Return the member of this name.
	 */
	WireMember member() {
		return WireMember.of(this.bytes, this.length);
	}

}
