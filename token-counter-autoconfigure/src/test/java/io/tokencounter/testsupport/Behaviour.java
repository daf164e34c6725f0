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

package io.tokencounter.testsupport;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What the {@link BillingProvider} does with a request. A request selects behaviours by
 * their {@linkplain #marker() markers} in the model's name or in the last message of the
 * user, and can select more than one.
 */
public enum Behaviour {

	/**
	 * Answer with status 429. Nothing is billed.
	 */
	FAIL_429,

	/**
	 * Answer with status 500. Nothing is billed.
	 */
	FAIL_500,

	/**
	 * Answer the first such request with status 500 and the next one well.
	 */
	FAIL_ONCE,

	/**
	 * Break the connection off in the middle of a stream.
	 */
	FAIL_MIDWAY,

	/**
	 * Send an error in the middle of a stream, and end it.
	 */
	ERROR_EVENT,

	/**
	 * Bill the request and say nothing about usage.
	 */
	NO_USAGE,

	/**
	 * Bill the request and answer without choices or content.
	 */
	NO_CHOICES,

	/**
	 * Ask for the first tool of the request, and answer with text once its result is
	 * there.
	 */
	TOOL_ROUND,

	/**
	 * Answer with a JSON object.
	 */
	AS_JSON,

	/**
	 * Stream the first text and wait for {@link BillingProvider#releaseStreams()}.
	 */
	SLOW_STREAM,

	/**
	 * Stream text until {@link BillingProvider#releaseStreams()} or until the client is
	 * gone.
	 */
	ENDLESS;

	private final String marker = name().toLowerCase(Locale.ROOT).replace('_', '-');

	/**
	 * Return the text that selects this behaviour.
	 * @return the marker, such as {@code fail-429}
	 */
	public String marker() {
		return this.marker;
	}

	static Set<Behaviour> selectedBy(String text) {
		Set<Behaviour> selected = EnumSet.noneOf(Behaviour.class);
		for (Behaviour behaviour : values()) {
			if (text.contains(behaviour.marker)) {
				selected.add(behaviour);
			}
		}
		return selected;
	}

}
