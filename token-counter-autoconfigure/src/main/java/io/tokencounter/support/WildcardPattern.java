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

package io.tokencounter.support;

/**
 * A pattern such as {@code gpt-4o*}, in which {@code *} stands for any text. Names come
 * from users, so matching takes no more than the length of the name times that of the
 * pattern.
 *
 * @since 0.1.0
 */
public final class WildcardPattern {

	private static final char WILDCARD = '*';

	private final String pattern;

	/**
	 * Create a pattern.
	 * @param pattern the text, of which case matters
	 */
	public WildcardPattern(String pattern) {
		this.pattern = pattern;
	}

	/**
	 * Return whether the pattern has a {@code *}.
	 * @return whether it can match several names
	 */
	public boolean hasWildcard() {
		return this.pattern.indexOf(WILDCARD) >= 0;
	}

	/**
	 * Return whether a name is one that the pattern stands for.
	 * @param name the name
	 * @return whether all of it matches
	 */
	public boolean matches(String name) {
		int at = 0;
		int patternAt = 0;
		int afterWildcard = -1;
		int retryAt = 0;
		while (at < name.length()) {
			if (patternAt < this.pattern.length() && this.pattern.charAt(patternAt) == WILDCARD) {
				afterWildcard = ++patternAt;
				retryAt = at;
			}
			else if (patternAt < this.pattern.length() && this.pattern.charAt(patternAt) == name.charAt(at)) {
				patternAt++;
				at++;
			}
			// Only the last wildcard can have to take more: what is before it did match
			else if (afterWildcard >= 0) {
				patternAt = afterWildcard;
				at = ++retryAt;
			}
			else {
				return false;
			}
		}
		while (patternAt < this.pattern.length() && this.pattern.charAt(patternAt) == WILDCARD) {
			patternAt++;
		}
		return patternAt == this.pattern.length();
	}

	@Override
	public String toString() {
		return this.pattern;
	}

}
