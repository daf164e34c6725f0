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
 * A member of an answer that is looked for.
 */
enum WireMember {

	ID("id", true), MODEL("model", true), SERVICE_TIER("service_tier", true), USAGE("usage", false),
	MESSAGE("message", false), OTHER("", false);

	private static final WireMember[] ALL = values();

	private final byte[] key;

	private final boolean text;

	WireMember(String key, boolean text) {
		this.key = key.getBytes(StandardCharsets.US_ASCII);
		this.text = text;
	}

	boolean isText() {
		return this.text;
	}

	static WireMember of(byte[] key, int length) {
		for (WireMember member : ALL) {
			if (member.key.length == length && Arrays.equals(member.key, 0, length, key, 0, length)) {
				return member;
			}
		}
		return OTHER;
	}

}
