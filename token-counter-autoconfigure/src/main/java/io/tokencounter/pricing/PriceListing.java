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

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The prices of one file while it is read, and where it contradicts itself.
 */
final class PriceListing {

	private final Map<String, Map<String, List<ModelPrice>>> prices = new HashMap<>();

	private final Map<String, LiteLlmPrice> liteLlmPrices = new LinkedHashMap<>();

	private final List<String> contradictions = new ArrayList<>();

	/**
	 * Add a price. The first one that is valid on a day applies.
	 */
	void add(String provider, String model, ModelPrice price) {
		List<ModelPrice> listed = this.prices.computeIfAbsent(nameOf(model), (key) -> new HashMap<>())
			.computeIfAbsent(provider, (key) -> new ArrayList<>());
		if (listed.stream().anyMatch(price::contradicts)) {
			this.contradictions.add("'%s/%s'".formatted(provider, PriceFields.shown(model)));
		}
		listed.add(price);
	}

	/**
	 * Add a price of LiteLLM's map. Where several keys mean one model, the one that names
	 * the provider applies, and of others the last one.
	 */
	void addLiteLlm(LiteLlmPrice price) {
		String id = price.provider() + " " + nameOf(price.model());
		LiteLlmPrice other = this.liteLlmPrices.get(id);
		if (other != null && other.qualified() == price.qualified() && !other.price().equals(price.price())) {
			this.contradictions.add(other.key().equals(price.key()) ? "'%s'".formatted(PriceFields.shown(price.key()))
					: "'%s' and '%s'".formatted(PriceFields.shown(other.key()), PriceFields.shown(price.key())));
		}
		if (other == null || price.qualified() || !other.qualified()) {
			this.liteLlmPrices.put(id, price);
		}
	}

	/**
	 * Return the entries that contradict each other.
	 */
	List<String> contradictions() {
		return this.contradictions;
	}

	/**
	 * Return all prices by the name of the model and the provider.
	 */
	Map<String, Map<String, List<ModelPrice>>> prices() {
		this.liteLlmPrices.values().forEach((price) -> add(price.provider(), price.model(), price.price()));
		this.liteLlmPrices.clear();
		return this.prices;
	}

	private static String nameOf(String model) {
		return model.trim().toLowerCase(Locale.ROOT);
	}

	/**
	 * A price of LiteLLM's map.
	 *
	 * @param key the key as it is in the file
	 * @param provider the provider, empty if it is for any
	 * @param model the name of the model
	 * @param price the price
	 * @param qualified whether the key names the provider
	 */
	record LiteLlmPrice(String key, String provider, String model, ModelPrice price, boolean qualified) {

	}

}
