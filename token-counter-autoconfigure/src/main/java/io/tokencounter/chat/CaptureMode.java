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

package io.tokencounter.chat;

import io.tokencounter.TokenCounter;
import org.jspecify.annotations.Nullable;

/**
 * How the calls to a chat model bean are counted.
 */
enum CaptureMode {

	/**
	 * By a proxy around the bean.
	 */
	PROXY("by a proxy"),

	/**
	 * By {@link TokenCounter#track}, which made the bean.
	 */
	TRACKED("by TokenCounter.track"),

	/**
	 * By Spring AI's observations.
	 */
	OBSERVATION("by its observations, streams of a ChatClient by an advisor"),

	/**
	 * By Spring AI's observations, and by what is heard below the model's client.
	 */
	WIRE("by its observations, and on the wire"),

	/**
	 * By what is heard below the model's client, as Spring AI does not observe all calls.
	 * Nothing tells whose streams these are.
	 */
	WIRE_ALONE("on the wire, streams of a ChatClient by an advisor", "Streams of"),

	/**
	 * By those of its calls that Spring AI observes.
	 */
	SOME_OBSERVATIONS("by its observations, which are not all made, streams of a ChatClient by an advisor",
			"Some calls to"),

	/**
	 * By the models that the bean is given and calls.
	 */
	GIVEN_MODELS("by the models that it calls"),

	/**
	 * Not at all, as the application wants it.
	 */
	EXCLUDED("not at all, excluded"),

	/**
	 * Not at all, though the application may not know.
	 */
	NONE("not at all, can be neither proxied nor observed", "Calls to");

	private final String description;

	private final @Nullable String uncounted;

	CaptureMode(String description) {
		this(description, null);
	}

	CaptureMode(String description, @Nullable String uncounted) {
		this.description = description;
		this.uncounted = uncounted;
	}

	String description() {
		return this.description;
	}

	/**
	 * Return what is not counted, though the application may not know.
	 * @return the begin of a sentence, {@code null} if all is as the application wants it
	 */
	@Nullable String uncounted() {
		return this.uncounted;
	}

	/**
	 * Return whether calls are asked for before they are made, so that a budget can
	 * refuse them.
	 */
	boolean isGated() {
		return this != EXCLUDED && this.uncounted == null;
	}

}
