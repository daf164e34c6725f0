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

import org.jspecify.annotations.Nullable;

/**
 * What can be wrong with the answers of a {@link FaultyProvider}.
 */
public enum WireFault {

	/**
	 * Nothing.
	 */
	NONE,

	/**
	 * The connection is closed without an answer.
	 */
	CLOSED_AT_ONCE,

	/**
	 * The connection is reset without an answer.
	 */
	RESET_AT_ONCE,

	/**
	 * The connection is reset in the middle of the answer.
	 */
	RESET_MIDWAY,

	/**
	 * The connection is closed in the middle of the answer, which HTTP can tell.
	 */
	CUT_OFF,

	/**
	 * The answer ends in the middle of its JSON, which HTTP cannot tell.
	 */
	TRUNCATED,

	/**
	 * There is something else where JSON should be: for the answer, or for a frame of a
	 * stream that goes on.
	 */
	GARBAGE,

	/**
	 * The answer is a web page.
	 */
	WEB_PAGE,

	/**
	 * The answer is empty.
	 */
	EMPTY,

	/**
	 * The answer is no HTTP.
	 */
	NO_HTTP,

	/**
	 * All counts of tokens are negative.
	 */
	NEGATIVE_USAGE("-7"),

	/**
	 * All counts of tokens are the largest integer.
	 */
	LARGEST_USAGE("2147483647"),

	/**
	 * All counts of tokens are too large for an integer.
	 */
	HUGE_USAGE("3000000000"),

	/**
	 * All counts of tokens are too large for anything.
	 */
	IMPOSSIBLE_USAGE("99999999999999999999"),

	/**
	 * All counts of tokens are texts that are no numbers.
	 */
	TEXT_USAGE("\"many\""),

	/**
	 * All counts of tokens are fractions.
	 */
	FRACTION_USAGE("1.5"),

	/**
	 * All counts of tokens are null.
	 */
	NULL_USAGE("null"),

	/**
	 * All counts of tokens are objects.
	 */
	OBJECT_USAGE("{}"),

	/**
	 * A large stream.
	 */
	LARGE,

	/**
	 * A stream that does not end.
	 */
	ENDLESS;

	private final @Nullable String count;

	WireFault() {
		this(null);
	}

	WireFault(@Nullable String count) {
		this.count = count;
	}

	/**
	 * Return what stands in the place of each count of tokens.
	 * @return the JSON value, {@code null} to leave the counts as they are
	 */
	public @Nullable String count() {
		return this.count;
	}

}
