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

import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/**
 * Prices read from files at start-up: those that come with this library, and those of the
 * application, which win.
 * <p>
 * A price is found by the provider and the name of the model, the most exact name first.
 * A provider without any price of its own gets the price of the model's name where all
 * providers that list the name agree on it.
 *
 * @since 0.1.0
 */
public final class PriceTable implements PriceCatalog {

	private static final Log logger = LogFactory.getLog(PriceTable.class);

	private static final Resource BUILT_IN = new ClassPathResource("prices.json", PriceTable.class);

	private static final String EVERY_MODEL = "*";

	private static final String EVERY_PROVIDER = "";

	/**
	 * Prices by the name of the model and the provider.
	 */
	private final Map<String, Map<String, List<ModelPrice>>> prices = new HashMap<>();

	private final Set<String> providers = new HashSet<>();

	PriceTable() {
	}

	/**
	 * Read the built-in prices and those of a further file.
	 * @param further a file in the format of the built-in one or of LiteLLM's price map,
	 * {@code null} if there is none
	 * @param today the day to tell the age of the prices from
	 * @return the prices
	 * @throws InvalidPriceException if a file cannot be read or has invalid entries
	 */
	public static PriceTable load(@Nullable Resource further, LocalDate today) {
		PriceTable table = new PriceTable();
		table.add(BUILT_IN, today);
		if (further != null) {
			table.add(further, today);
		}
		return table;
	}

	private void add(Resource file, LocalDate today) {
		PriceFile content = PriceFile.read(file);
		content.prices().forEach((model, byProvider) -> {
			this.prices.computeIfAbsent(model, (key) -> new HashMap<>()).putAll(byProvider);
			this.providers.addAll(byProvider.keySet());
		});
		LocalDate updated = content.updated();
		if (updated != null && updated.isBefore(today.minusYears(1))) {
			logger.warn("Model prices in " + file.getDescription() + " are from " + updated
					+ " and may no longer be right. Newer ones can be given with 'token-counter.pricing.catalog'.");
		}
	}

	@Override
	public List<ModelPrice> getPrices(String provider, String model) {
		String providerName = ModelNames.provider(provider);
		List<String> names = ModelNames.of(model);
		for (String name : names) {
			List<ModelPrice> found = find(name, providerName);
			if (!found.isEmpty()) {
				return found;
			}
		}
		List<ModelPrice> found = find(EVERY_MODEL, providerName);
		if (found.isEmpty() && !this.providers.contains(providerName)) {
			return findByName(names);
		}
		return found;
	}

	private List<ModelPrice> find(String name, String provider) {
		Map<String, List<ModelPrice>> byProvider = this.prices.getOrDefault(name, Map.of());
		return byProvider.getOrDefault(provider, byProvider.getOrDefault(EVERY_PROVIDER, List.of()));
	}

	private List<ModelPrice> findByName(List<String> names) {
		for (String name : names) {
			Set<List<ModelPrice>> found = new HashSet<>(this.prices.getOrDefault(name, Map.of()).values());
			if (!found.isEmpty()) {
				return (found.size() == 1) ? found.iterator().next() : List.of();
			}
		}
		return List.of();
	}

}
