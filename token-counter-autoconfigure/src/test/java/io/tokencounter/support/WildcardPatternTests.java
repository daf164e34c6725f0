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

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WildcardPattern}.
 */
class WildcardPatternTests {

	@ParameterizedTest
	@CsvSource({ "a, a", "*, a", "*, ''", "a*, a", "a*, abc", "*c, abc", "*c, cbc", "a*c, ac", "a*c, abcc", "*b*, abc",
			"a*b*c, axbxbxc", "**, abc", "'', ''", "*ab, aab", "(a)+*, (a)+b" })
	void matches(String pattern, String name) {
		assertThat(new WildcardPattern(pattern).matches(name)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "a, b", "a, ab", "a, ''", "a*, ba", "*c, cb", "a*c, abcb", "a*b*c, axcxb", "'', a", "a.c, abc" })
	void doesNotMatch(String pattern, String name) {
		assertThat(new WildcardPattern(pattern).matches(name)).isFalse();
	}

	@Test
	void doesAsARegularExpressionWould() {
		Random random = new Random(3);
		for (int i = 0; i < 20_000; i++) {
			String pattern = text(random, "ab*", 6);
			String name = text(random, "ab", 8);
			assertThat(new WildcardPattern(pattern).matches(name)).as("%s on %s", pattern, name)
				.isEqualTo(name.matches(pattern.replace("*", ".*")));
		}
	}

	@Test
	@Timeout(value = 5, threadMode = ThreadMode.SEPARATE_THREAD)
	void isQuickOnLongNames() {
		String name = "ab".repeat(50_000);
		assertThat(new WildcardPattern("*a*b*a*b*c").matches(name)).isFalse();
	}

	private static String text(Random random, String characters, int maxLength) {
		StringBuilder text = new StringBuilder();
		for (int i = random.nextInt(maxLength + 1); i > 0; i--) {
			text.append(characters.charAt(random.nextInt(characters.length())));
		}
		return text.toString();
	}

}
