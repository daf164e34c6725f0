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
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads an entry of our own format.
 */
final class PriceEntryReader {

	static final String DEFAULT_CURRENCY = "USD";

	private static final Set<String> NAMES = Set.of("provider", "models", "currency", "validFrom", "validTo",
			"longContext", "serviceTiers", "inferenceRegions", "speeds", "webSearch", "source", "checked", "note");

	private static final Set<String> VARIANT_NAMES = Set.of("longContext");

	private static final Set<String> STEP_NAMES = Set.of("above");

	private final ProviderAliases aliases;

	PriceEntryReader(ProviderAliases aliases) {
		this.aliases = aliases;
	}

	/**
	 * Read an entry.
	 * @throws IllegalArgumentException if something is wrong with it
	 */
	void read(JsonNode entry, PriceListing listing) {
		if (!entry.isObject()) {
			throw new IllegalArgumentException("must be an object");
		}
		Map<Rate, BigDecimal> rates = rates(entry, NAMES);
		JsonNode webSearch = entry.get("webSearch");
		PriceVariants variants = new PriceVariants(variants(entry, "serviceTiers"), variants(entry, "inferenceRegions"),
				variants(entry, "speeds"), (webSearch != null) ? PriceFields.price("webSearch", webSearch) : null);
		ModelPrice price = new ModelPrice(Rate.toRates(rates), PriceFields.text(entry, "currency", DEFAULT_CURRENCY),
				PriceFields.date("validFrom", entry.get("validFrom")),
				PriceFields.date("validTo", entry.get("validTo")), longContext(rates, entry.get("longContext")),
				variants);
		String provider = this.aliases.canonical(PriceFields.text(entry, "provider", null));
		JsonNode models = entry.get("models");
		if (models == null || !models.isArray() || models.isEmpty()) {
			throw new IllegalArgumentException("'models' must be an array of names");
		}
		for (JsonNode model : models) {
			listing.add(provider, model.asString(), price);
		}
	}

	private Map<String, PriceVariant> variants(JsonNode entry, String name) {
		JsonNode values = entry.get(name);
		if (values == null) {
			return Map.of();
		}
		if (!values.isObject()) {
			throw new IllegalArgumentException("'%s' must be an object".formatted(name));
		}
		Map<String, PriceVariant> variants = new HashMap<>();
		for (Map.Entry<String, JsonNode> value : values.properties()) {
			variants.put(value.getKey().toLowerCase(Locale.ROOT), variant(value.getKey(), value.getValue()));
		}
		return variants;
	}

	private PriceVariant variant(String name, JsonNode value) {
		if (!value.isObject()) {
			return PriceVariant.times(PriceFields.price(name, value));
		}
		Map<Rate, BigDecimal> rates = rates(value, VARIANT_NAMES);
		return new PriceVariant(null, Rate.toRates(rates), longContext(rates, value.get("longContext")));
	}

	private NavigableMap<Long, TokenRates> longContext(Map<Rate, BigDecimal> rates, @Nullable JsonNode steps) {
		if (steps == null) {
			return Collections.emptyNavigableMap();
		}
		NavigableMap<Long, TokenRates> longContext = new TreeMap<>();
		for (JsonNode step : steps) {
			long above = PriceFields.tokens("above", step.get("above"));
			longContext.put(above, Rate.toRates(rates, rates(step, STEP_NAMES)));
		}
		return longContext;
	}

	private Map<Rate, BigDecimal> rates(JsonNode entry, Set<String> otherNames) {
		Map<Rate, BigDecimal> rates = new EnumMap<>(Rate.class);
		for (Map.Entry<String, JsonNode> property : entry.properties()) {
			Rate rate = Rate.of(property.getKey());
			if (rate != null) {
				rates.put(rate, PriceFields.price(property.getKey(), property.getValue()));
			}
			// A mistyped price would silently be the price of other tokens
			else if (!otherNames.contains(property.getKey())) {
				throw new IllegalArgumentException("'%s' is not known".formatted(PriceFields.shown(property.getKey())));
			}
		}
		return rates;
	}

}
