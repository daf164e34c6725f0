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

import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCall}, its ids and its names.
 */
class TokenCallTests {

	@Test
	void cutsNamesAndTagsOfAMegabyte() {
		String name = "n".repeat(1_000_000);
		TokenCall call = TokenCall.builder(name, name)
			.requestModel(name)
			.responseModel(name)
			.responseId(name)
			.feature(name)
			.tags(Map.of(name, name))
			.build();
		assertThat(call.provider()).hasSize(TokenCall.MAX_NAME);
		assertThat(call.operation()).hasSize(TokenCall.MAX_NAME);
		assertThat(call.requestModel()).hasSize(TokenCall.MAX_NAME);
		assertThat(call.responseModel()).hasSize(TokenCall.MAX_NAME);
		assertThat(call.responseId()).hasSize(TokenCall.MAX_NAME);
		assertThat(call.feature()).hasSize(TokenCall.MAX_NAME);
		call.tags().forEach((key, value) -> {
			assertThat(key).hasSize(TokenCall.MAX_NAME);
			assertThat(value).hasSize(TokenCall.MAX_NAME);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\nb", "a\u001B[31mb", "a\u2028b", "a\uD800b", "a\u0000b", "a\u009Bb", "a\u202Eb" })
	void replacesWhatBreaksALineOrIsNoCharacter(String name) {
		TokenCall call = TokenCall.builder("chat", "test").requestModel(name).tags(Map.of("tenant", name)).build();
		assertThat(call.requestModel()).startsWith("a\uFFFD").endsWith("b");
		assertThat(call.tags().get("tenant")).startsWith("a\uFFFD").endsWith("b");
	}

	@Test
	void leavesOtherNamesAsTheyAre() {
		for (String name : new String[] { "gpt-4.1", "모델", "modèle", "a\uD83D\uDE00b", "" }) {
			assertThat(TokenCall.builder("chat", "test").requestModel(name).build().requestModel()).isEqualTo(name);
		}
	}

	@Test
	void idsAreUuidsOfVersion7ThatSortByTheTime() {
		long before = System.currentTimeMillis();
		Set<UUID> ids = new HashSet<>();
		for (int i = 0; i < 100_000; i++) {
			UUID id = TokenCall.nextId();
			assertThat(id.version()).isEqualTo(7);
			assertThat(id.variant()).isEqualTo(2);
			assertThat(id.getMostSignificantBits() >>> 16).isBetween(before, System.currentTimeMillis());
			ids.add(id);
		}
		assertThat(ids).hasSize(100_000);
	}

	@Test
	void hasAnIdAndATimeOfItsOwnUnlessTold() {
		TokenCall call = TokenCall.builder("chat", "test").build();
		assertThat(call.id()).isNotEqualTo(TokenCall.builder("chat", "test").build().id());
		assertThat(call.startedAt()).isBeforeOrEqualTo(Instant.now());
		assertThat(call.usage().reported()).isFalse();
		assertThat(call.model()).isEqualTo(TokenCall.UNKNOWN);
	}

}
