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

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link KnownAnswers}.
 */
class KnownAnswersTests {

	private final List<String> lookedUp = new ArrayList<>();

	private final KnownAnswers<String, Integer> answers = new KnownAnswers<>(3, this::length);

	private Integer length(String name) {
		this.lookedUp.add(name);
		if (name.isEmpty()) {
			throw new IllegalStateException("nothing to measure");
		}
		return name.length();
	}

	@Test
	void looksUpEachAnswerOnce() {
		for (int i = 0; i < 3; i++) {
			assertThat(this.answers.get("a")).isEqualTo(1);
			assertThat(this.answers.get("bb")).isEqualTo(2);
			assertThat(this.answers.get("ccc")).isEqualTo(3);
		}
		assertThat(this.lookedUp).containsExactly("a", "bb", "ccc");
	}

	@Test
	void forgetsAllWhereThereAreTooMany() {
		List.of("a", "bb", "ccc", "dddd").forEach(this.answers::get);
		this.lookedUp.clear();
		List.of("dddd", "a", "a", "dddd").forEach(this.answers::get);
		assertThat(this.lookedUp).containsExactly("a");
	}

	@Test
	void asksAgainAfterFailure() {
		for (int i = 0; i < 2; i++) {
			assertThatIllegalStateException().isThrownBy(() -> this.answers.get(""));
		}
		assertThat(this.lookedUp).hasSize(2);
	}

}
