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
import java.time.LocalDate;
import java.time.format.DateTimeParseException;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads single fields of price files, and says what is wrong with them.
 */
final class PriceFields {

	private static final int MAX_SHOWN = 100;

	private PriceFields() {
	}

	static BigDecimal price(String name, JsonNode value) {
		if (!value.isNumber()) {
			throw new IllegalArgumentException("'%s' must be a number, but is %s".formatted(name, shown(value)));
		}
		return TokenRates.requirePrice(name, value.decimalValue());
	}

	static String text(JsonNode entry, String name, @Nullable String defaultValue) {
		JsonNode value = entry.get(name);
		if (value != null && value.isString()) {
			return value.stringValue();
		}
		if (defaultValue == null || (value != null && !value.isNull())) {
			throw new IllegalArgumentException("'%s' must be a text".formatted(name));
		}
		return defaultValue;
	}

	static @Nullable LocalDate date(String name, @Nullable JsonNode value) {
		if (value == null) {
			return null;
		}
		try {
			return LocalDate.parse(value.asString());
		}
		catch (DateTimeParseException ex) {
			throw new IllegalArgumentException(
					"'%s' must be a date as in 2026-11-23, but is %s".formatted(name, shown(value)), ex);
		}
	}

	static long tokens(String name, @Nullable JsonNode value) {
		if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
			throw new IllegalArgumentException("'%s' must be a number of tokens".formatted(name));
		}
		return value.longValue();
	}

	/**
	 * Return a value as it can be shown to people.
	 */
	static String shown(Object value) {
		String text = value.toString();
		return (text.length() <= MAX_SHOWN) ? text : text.substring(0, MAX_SHOWN) + "...";
	}

}
