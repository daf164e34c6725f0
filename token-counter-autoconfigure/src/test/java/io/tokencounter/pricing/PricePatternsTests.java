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

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.tokencounter.provider.ProviderNames;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PricePatterns}.
 */
class PricePatternsTests {

	private String[] names = {};

	@Test
	void prefersFullNameToPattern() {
		PricePatterns patterns = patterns("gpt-4o*", "gpt-4o-mini", "gpt-4o-m*", "*");
		assertThat(find(patterns, "openai", "gpt-4o-mini")).isEqualTo("gpt-4o-mini");
		assertThat(find(patterns, "openai", "gpt-4o-mini-2024-07-18")).isEqualTo("gpt-4o-mini");
		assertThat(find(patterns, "openai", "gpt-4o-max")).isEqualTo("gpt-4o-m*");
		assertThat(find(patterns, "openai", "gpt-4o")).isEqualTo("gpt-4o*");
		assertThat(find(patterns, "openai", "o3")).isEqualTo("*");
	}

	@Test
	void prefersNameAsWrittenToNameWithoutDate() {
		PricePatterns patterns = patterns("openai/gpt-4o", "gpt-4o-2024-05-13");
		assertThat(find(patterns, "openai", "gpt-4o-2024-05-13")).isEqualTo("gpt-4o-2024-05-13");
		assertThat(find(patterns, "openai", "gpt-4o-2024-08-06")).isEqualTo("openai/gpt-4o");
	}

	@Test
	void prefersProviderWhereNothingElseTellsPatternsApart() {
		PricePatterns patterns = patterns("gpt-4o*", "openai/gpt-4o*", "gpt-4o-mini", "openai/gpt-4o-mini", "o*",
				"openai/*");
		assertThat(find(patterns, "openai", "gpt-4o-mini")).isEqualTo("openai/gpt-4o-mini");
		assertThat(find(patterns, "openai", "gpt-4o")).isEqualTo("openai/gpt-4o*");
		assertThat(find(patterns, "azure.ai.openai", "gpt-4o")).isEqualTo("gpt-4o*");
		assertThat(find(patterns, "openai", "o3")).isEqualTo("o*");
	}

	@Test
	void matchesProviderByAllItsNames() {
		PricePatterns patterns = patterns("google_genai/gemini-2.5-flash", "bedrock/*", "acme/*");
		assertThat(find(patterns, "gcp.gemini", "models/gemini-2.5-flash")).isEqualTo("google_genai/gemini-2.5-flash");
		assertThat(find(patterns, "bedrock_converse", "us.amazon.nova-pro-v1:0")).isEqualTo("bedrock/*");
		assertThat(find(patterns, "acme", "roadrunner")).isEqualTo("acme/*");
		assertThat(find(patterns, "other", "roadrunner")).isNull();
	}

	@Test
	void keepsPatternsWithProviderToThatProvider() {
		PricePatterns patterns = patterns("openai/*");
		assertThat(find(patterns, "openai", "gpt-oss-120b")).isEqualTo("openai/*");
		assertThat(find(patterns, "groq", "openai/gpt-oss-120b")).isNull();
	}

	@Test
	void matchesNamesThatHaveSlash() {
		PricePatterns patterns = patterns("openai/gpt-oss-120b", "meta-llama/*");
		assertThat(find(patterns, "groq", "openai/gpt-oss-120b")).isEqualTo("openai/gpt-oss-120b");
		assertThat(find(patterns, "groq", "meta-llama/llama-4-scout-17b-16e-instruct")).isEqualTo("meta-llama/*");
	}

	@Test
	void ignoresCase() {
		assertThat(find(patterns("HCX-007"), "openai", "hcx-007")).isEqualTo("HCX-007");
		assertThat(find(patterns("hcx-*"), "openai", "HCX-007")).isEqualTo("hcx-*");
	}

	@Test
	void doesNotPriceAnotherModel() {
		PricePatterns patterns = patterns("gpt-4o");
		assertThat(find(patterns, "openai", "gpt-4o-mini")).isNull();
		assertThat(find(patterns, "openai", "gpt-4o-mini-2024-07-18")).isNull();
	}

	private PricePatterns patterns(String... patterns) {
		Map<String, ModelPrice> prices = new LinkedHashMap<>();
		for (int i = 0; i < patterns.length; i++) {
			prices.put(patterns[i], ModelPrice.of(TokenRates.of(BigDecimal.valueOf(i), BigDecimal.ZERO), "USD"));
		}
		this.names = patterns;
		return new PricePatterns(prices, ProviderNames::nameOf);
	}

	private String find(PricePatterns patterns, String provider, String model) {
		List<ModelPrice> prices = patterns.getPrices(provider, model);
		return prices.isEmpty() ? null : this.names[prices.get(0).rates().input().intValueExact()];
	}

}
