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

import java.util.Locale;

/**
 * How a call to a model ended.
 *
 * @since 0.1.0
 */
public enum CallOutcome {

	/**
	 * The provider answered, to the end of a stream.
	 */
	SUCCESS,

	/**
	 * The call failed, before or during the answer.
	 */
	ERROR,

	/**
	 * The subscriber cancelled a stream before its end. The provider may have billed what
	 * it generated.
	 */
	CANCELLED,

	/**
	 * The call was refused before a request was made.
	 */
	REJECTED;

	private final String value = name().toLowerCase(Locale.ROOT);

	/**
	 * Return the value of the {@code outcome} tag.
	 * @return the lower-case name
	 */
	public String value() {
		return this.value;
	}

}
