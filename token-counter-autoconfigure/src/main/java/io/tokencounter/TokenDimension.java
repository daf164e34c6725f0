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

import java.util.Set;

/**
 * What calls of the ledger can be told apart by.
 *
 * @param name either {@code feature}, {@code model}, {@code provider}, {@code operation},
 * {@code outcome}, or {@code tag:} and the key of a caller tag
 * @since 0.1.0
 */
public record TokenDimension(String name) {

	private static final Set<String> NAMES = Set.of("feature", "model", "provider", "operation", "outcome");

	private static final String TAG = "tag:";

	/**
	 * Create a dimension.
	 * @throws IllegalArgumentException if there is none of that name
	 */
	public TokenDimension {
		boolean tag = name.startsWith(TAG) && name.length() > TAG.length();
		if (!tag && !NAMES.contains(name)) {
			throw new IllegalArgumentException(
					"There is no '%s'; there are feature, model, provider, operation, outcome and tag:<key>"
						.formatted(name));
		}
	}

	/**
	 * Return whether this is a caller tag.
	 * @return whether it is
	 */
	public boolean isTag() {
		return this.name.startsWith(TAG);
	}

	/**
	 * Return the key of a caller tag.
	 * @return the key
	 */
	public String tagKey() {
		return this.name.substring(TAG.length());
	}

}
