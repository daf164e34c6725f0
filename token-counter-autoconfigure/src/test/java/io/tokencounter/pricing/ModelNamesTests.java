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

package io.tokencounter.pricing;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ModelNames}.
 */
class ModelNamesTests {

	@ParameterizedTest
	@CsvSource({ "gpt-4o-mini-2024-07-18, gpt-4o-mini", "claude-sonnet-4-5-20250929, claude-sonnet-4-5",
			"claude-sonnet-4-5@20250929, claude-sonnet-4-5", "models/gemini-2.5-flash, gemini-2.5-flash",
			"publishers/google/models/gemini-2.0-flash-001, gemini-2.0-flash",
			"us.anthropic.claude-sonnet-4-5-20250929-v1:0, anthropic.claude-sonnet-4-5",
			"eu.anthropic.claude-opus-4-6-v1, anthropic.claude-opus-4-6",
			"global.anthropic.claude-opus-4-6-v1, global.anthropic.claude-opus-4-6",
			"anthropic.claude-3-haiku-20240307-v1:0:200k, anthropic.claude-3-haiku",
			"arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5, anthropic.claude-opus-5",
			"us.amazon.nova-pro-v1:0, amazon.nova-pro", "HCX-007, hcx-007", "gpt-3.5-turbo-0125, gpt-3.5-turbo",
			"grok-4-0709, grok-4", "ft:gpt-4o-mini-2024-07-18:acme::x1, ft:gpt-4o-mini-2024-07-18",
			"ft:gpt-4o-mini-2024-07-18:acme:suffix:x1, ft:gpt-4o-mini",
			"ft:gpt-3.5-turbo-0125:acme::x1, ft:gpt-3.5-turbo" })
	void findsTheNameThatPricesAreListedBy(String model, String name) {
		assertThat(ModelNames.of(model)).contains(name);
	}

	@ParameterizedTest
	@CsvSource({ "gpt-4o-mini, gpt-4o", "gpt-4o-mini-2024-07-18, gpt-4o", "mistral-large-2411, mistral-large",
			"deepseek-v3, deepseek", "gpt-5.6-sol, gpt-5.6", "qwen3:32b, qwen3",
			"gemini-2.5-flash-lite, gemini-2.5-flash", "codestral-2508, codestral", "bge-1332, bge",
			"gpt-4-0125-preview, gpt-4", "ft:gpt-4o-mini-2024-07-18:acme::x1, gpt-4o-mini" })
	void doesNotTakeAnotherModelForIt(String model, String other) {
		assertThat(ModelNames.of(model)).doesNotContain(other);
	}

	@Test
	void startsWithTheMostExactName() {
		assertThat(ModelNames.of("US.anthropic.claude-sonnet-4-5-20250929-v1:0")).containsExactly(
				"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.anthropic.claude-sonnet-4-5-20250929",
				"us.anthropic.claude-sonnet-4-5", "anthropic.claude-sonnet-4-5-20250929-v1:0",
				"anthropic.claude-sonnet-4-5-20250929", "anthropic.claude-sonnet-4-5",
				"claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5");
	}

}
