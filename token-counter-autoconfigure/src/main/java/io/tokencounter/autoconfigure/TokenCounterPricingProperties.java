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

package io.tokencounter.autoconfigure;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.io.Resource;

/**
 * Properties of what calls cost.
 *
 * @since 0.1.0
 */
// A mistyped price would go unnoticed
@ConfigurationProperties(prefix = "token-counter.pricing", ignoreUnknownFields = false)
public class TokenCounterPricingProperties {

	/**
	 * Whether to tell what calls cost.
	 */
	private boolean enabled = true;

	/**
	 * ISO 4217 code of the currency of the prices in "models".
	 */
	private String currency = "USD";

	/**
	 * Prices per one million tokens, by model name or pattern such as "gpt-4o*" or
	 * "ollama/*". The most specific one applies, before any catalogue.
	 */
	private final Map<String, Price> models = new LinkedHashMap<>();

	/**
	 * Location of a further price file, which wins over the built-in prices. In LiteLLM's
	 * price-map format, our own, or both.
	 */
	private @Nullable Resource catalog;

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public String getCurrency() {
		return this.currency;
	}

	public void setCurrency(String currency) {
		this.currency = currency;
	}

	public Map<String, Price> getModels() {
		return this.models;
	}

	public @Nullable Resource getCatalog() {
		return this.catalog;
	}

	public void setCatalog(@Nullable Resource catalog) {
		this.catalog = catalog;
	}

	/**
	 * Prices of a model per one million tokens.
	 */
	public static class Price {

		/**
		 * Price of input tokens that did not touch a prompt cache.
		 */
		private @Nullable BigDecimal input;

		/**
		 * Price of output tokens, reasoning included.
		 */
		private @Nullable BigDecimal output;

		/**
		 * Price of input tokens read from a prompt cache. As for other input tokens by
		 * default.
		 */
		private @Nullable BigDecimal cacheRead;

		/**
		 * Price of input tokens written to a prompt cache. As for other input tokens by
		 * default.
		 */
		private @Nullable BigDecimal cacheWrite;

		public @Nullable BigDecimal getInput() {
			return this.input;
		}

		public void setInput(@Nullable BigDecimal input) {
			this.input = input;
		}

		public @Nullable BigDecimal getOutput() {
			return this.output;
		}

		public void setOutput(@Nullable BigDecimal output) {
			this.output = output;
		}

		public @Nullable BigDecimal getCacheRead() {
			return this.cacheRead;
		}

		public void setCacheRead(@Nullable BigDecimal cacheRead) {
			this.cacheRead = cacheRead;
		}

		public @Nullable BigDecimal getCacheWrite() {
			return this.cacheWrite;
		}

		public void setCacheWrite(@Nullable BigDecimal cacheWrite) {
			this.cacheWrite = cacheWrite;
		}

	}

}
