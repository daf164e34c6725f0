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

package io.tokencounter.metrics;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import org.jspecify.annotations.Nullable;

/**
 * Meters of counted calls, and their tags. Beside the tags given with each meter, every
 * meter has the {@link CommonTags} and the caller tags that are allowed by
 * {@code token-counter.metrics.tags}.
 *
 * @since 0.1.0
 */
public enum TokenMeterDocumentation implements MeterDocumentation {

	/**
	 * Tokens that the provider processed. A sum over any of its tags is right, as parts
	 * of the input and the output have meters of their own.
	 */
	TOKENS("llm.tokens", Meter.Type.COUNTER, "tokens", "Tokens that the provider processed", Tags.TOKEN_TYPE),

	/**
	 * Input tokens that were read from a prompt cache.
	 */
	CACHE_READ("llm.tokens.cache.read", Meter.Type.COUNTER, "tokens", "Input tokens read from a prompt cache"),

	/**
	 * Input tokens that were written to a prompt cache.
	 */
	CACHE_WRITE("llm.tokens.cache.write", Meter.Type.COUNTER, "tokens", "Input tokens written to a prompt cache"),

	/**
	 * Output tokens that were reasoning.
	 */
	REASONING("llm.tokens.reasoning", Meter.Type.COUNTER, "tokens", "Output tokens that were reasoning"),

	/**
	 * Calls to a provider.
	 */
	CALLS("llm.calls", Meter.Type.COUNTER, "calls", "Calls to a provider", Tags.OUTCOME, Tags.USAGE),

	/**
	 * Time from the request to the last token.
	 */
	CALL_DURATION("llm.call.duration", Meter.Type.TIMER, null, "Time from the request to the last token", Tags.OUTCOME),

	/**
	 * Time from the request to the first token of a stream.
	 */
	TIME_TO_FIRST_TOKEN("llm.time.to.first.token", Meter.Type.TIMER, null,
			"Time from the request to the first token of a stream"),

	/**
	 * Output tokens of one successful call over its generation time.
	 */
	OUTPUT_RATE("llm.output.rate", Meter.Type.DISTRIBUTION_SUMMARY, "tokens per second",
			"Output tokens of one successful call over its generation time"),

	/**
	 * Money spent on models whose price is known.
	 */
	COST("llm.cost", Meter.Type.COUNTER, null, "Money spent on models whose price is known", Tags.CURRENCY),

	/**
	 * Tokens of models whose price is not known.
	 */
	UNPRICED("llm.tokens.unpriced", Meter.Type.COUNTER, "tokens", "Tokens of models whose price is not known",
			Tags.TOKEN_TYPE);

	private final String name;

	private final Meter.Type type;

	private final @Nullable String baseUnit;

	private final String description;

	private final Tags[] tags;

	TokenMeterDocumentation(String name, Meter.Type type, @Nullable String baseUnit, String description, Tags... tags) {
		this.name = name;
		this.type = type;
		this.baseUnit = baseUnit;
		this.description = description;
		this.tags = tags;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public Meter.Type getType() {
		return this.type;
	}

	@Override
	public @Nullable String getBaseUnit() {
		return this.baseUnit;
	}

	String getDescription() {
		return this.description;
	}

	@Override
	public KeyName[] getKeyNames() {
		return KeyName.merge(CommonTags.values(), this.tags);
	}

	/**
	 * Tags of every meter.
	 */
	public enum CommonTags implements KeyName {

		/**
		 * Kind of call, such as {@code chat}.
		 */
		OPERATION("gen_ai.operation.name"),

		/**
		 * Provider of the model.
		 */
		PROVIDER("gen_ai.provider.name"),

		/**
		 * Model that answered, else the one that was asked for, else {@code unknown}.
		 */
		RESPONSE_MODEL("gen_ai.response.model"),

		/**
		 * Model that was asked for, else the one that answered, else {@code unknown}.
		 * Failures and successes of one model have it in common.
		 */
		REQUEST_MODEL("gen_ai.request.model"),

		/**
		 * Feature that the call belongs to, else {@code none}.
		 */
		FEATURE("feature");

		private final String key;

		CommonTags(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

	/**
	 * Tags of some meters.
	 */
	public enum Tags implements KeyName {

		/**
		 * Either {@code input} or {@code output}.
		 */
		TOKEN_TYPE("gen_ai.token.type"),

		/**
		 * How the call ended: {@code success}, {@code error}, {@code cancelled} or
		 * {@code rejected}.
		 */
		OUTCOME("outcome"),

		/**
		 * Whether the provider said anything about usage: {@code reported} or
		 * {@code unreported}.
		 */
		USAGE("usage"),

		/**
		 * ISO 4217 code of the currency.
		 */
		CURRENCY("currency");

		private final String key;

		Tags(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
