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

package io.tokencounter.provider;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ResponseModels}.
 */
class ResponseModelsTests {

	@ParameterizedTest
	@ValueSource(strings = { "gpt-4o-mini-2024-07-18", "llama3.2:3b", "o3", "qwen3:8b-q4_K_M", "a",
			"anthropic.claude-sonnet-4-20250514-v1:0", "llama3.2:3bllama3.2:3" })
	void keepsTheNameOfTheResponse(String name) {
		assertThat(ResponseModels.nameOf(name)).isEqualTo(name);
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", " " })
	void hasNoNameWhereTheResponseHasNone(@Nullable String name) {
		assertThat(ResponseModels.nameOf(name)).isNull();
	}

	@Test
	void hasNoNameWhereChunksWereMerged() {
		for (int chunks = 2; chunks < 50; chunks++) {
			assertThat(ResponseModels.nameAtOllama("llama3.2:3b".repeat(chunks), "llama3.2:3b", true)).isNull();
			assertThat(ResponseModels.nameAtOllama("llama3.2:3b".repeat(chunks), null, true)).isNull();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "bgbg", "papa", "aa" })
	void keepsANameThatIsTheSameTextTwice(String name) {
		assertThat(ResponseModels.nameOf(name)).isEqualTo(name);
		assertThat(ResponseModels.nameAtOllama(name, name, true)).isEqualTo(name);
		assertThat(ResponseModels.nameAtOllama(name, "other", false)).isEqualTo(name);
		assertThat(ResponseModels.nameAtOllama(name.repeat(2), name, true)).isNull();
	}

	@Test
	void hasNoNameWhereOnlyTheRequestSaysThatTheModelRunsInTheCloud() {
		assertThat(ResponseModels.nameAtOllama("gpt-oss:120b", "gpt-oss:120b-cloud", false)).isNull();
		assertThat(ResponseModels.nameAtOllama("glm-4.6", "glm-4.6:cloud", true)).isNull();
		assertThat(ResponseModels.nameAtOllama("gpt-oss:120b-cloud", "gpt-oss:120b-cloud", false))
			.isEqualTo("gpt-oss:120b-cloud");
		assertThat(ResponseModels.nameAtOllama("llama3.2:3b", "llama3.2", false)).isEqualTo("llama3.2:3b");
	}

}
