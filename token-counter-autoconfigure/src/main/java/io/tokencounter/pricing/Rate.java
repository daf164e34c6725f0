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
import java.util.EnumMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A kind of price, by its name in both formats of price files.
 */
enum Rate {

	INPUT("input", "input_cost_per_token"),

	OUTPUT("output", "output_cost_per_token"),

	CACHE_READ("cacheRead", "cache_read_input_token_cost"),

	CACHE_WRITE("cacheWrite", "cache_creation_input_token_cost"),

	CACHE_WRITE_LONG("cacheWriteLong", "cache_creation_input_token_cost_above_1hr"),

	REASONING("reasoning", "output_cost_per_reasoning_token"),

	AUDIO_INPUT("audioInput", "input_cost_per_audio_token"),

	AUDIO_OUTPUT("audioOutput", "output_cost_per_audio_token"),

	AUDIO_CACHE_READ("audioCacheRead", "cache_read_input_audio_token_cost");

	private final String fieldName;

	private final String liteLlmName;

	Rate(String fieldName, String liteLlmName) {
		this.fieldName = fieldName;
		this.liteLlmName = liteLlmName;
	}

	static @Nullable Rate of(String fieldName) {
		for (Rate rate : values()) {
			if (rate.fieldName.equals(fieldName)) {
				return rate;
			}
		}
		return null;
	}

	static @Nullable Rate ofLiteLlm(String name) {
		for (Rate rate : values()) {
			if (rate.liteLlmName.equals(name)) {
				return rate;
			}
		}
		return null;
	}

	static TokenRates toRates(Map<Rate, BigDecimal> rates) {
		return new TokenRates(required(rates, INPUT), required(rates, OUTPUT), rates.get(CACHE_READ),
				rates.get(CACHE_WRITE), rates.get(CACHE_WRITE_LONG), rates.get(REASONING), rates.get(AUDIO_INPUT),
				rates.get(AUDIO_OUTPUT), rates.get(AUDIO_CACHE_READ));
	}

	/**
	 * Return the rates of calls with many input tokens. A price that the step does not
	 * name stays, but reasoning must not cost less than the step's output.
	 */
	static TokenRates toRates(Map<Rate, BigDecimal> rates, Map<Rate, BigDecimal> step) {
		Map<Rate, BigDecimal> all = new EnumMap<>(Rate.class);
		all.putAll(rates);
		if (step.containsKey(OUTPUT)) {
			all.remove(REASONING);
		}
		all.putAll(step);
		return toRates(all);
	}

	private static BigDecimal required(Map<Rate, BigDecimal> rates, Rate rate) {
		BigDecimal price = rates.get(rate);
		if (price == null) {
			throw new IllegalArgumentException("'%s' is missing".formatted(rate.fieldName));
		}
		return price;
	}

}
