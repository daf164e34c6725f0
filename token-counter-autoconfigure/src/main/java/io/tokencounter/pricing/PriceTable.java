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
 * A provider without any built-in price gets the plain price of the model's name where
 * all providers that list the name agree on it.
 *
 * @since 0.1.0
 */
public final class PriceTable implements PriceCatalog {

	private static final Log logger = LogFactory.getLog(PriceTable.class);

	private static final Resource BUILT_IN = new ClassPathResource("prices.json", PriceTable.class);

	private static final String EVERY_MODEL = "*";

	private static final String EVERY_PROVIDER = "";

	private static final String OLLAMA = "ollama";

	private final ProviderAliases aliases;

	private final Map<String, Map<String, List<ModelPrice>>> builtIn;

	private final Map<String, Map<String, List<ModelPrice>>> further;

	private final Set<String> builtInProviders = new HashSet<>();

	private PriceTable(PriceFile builtIn, @Nullable PriceFile further, ProviderAliases aliases) {
		this.aliases = aliases;
		this.builtIn = builtIn.prices();
		this.further = (further != null) ? further.prices() : Map.of();
		this.builtIn.values().forEach((byProvider) -> this.builtInProviders.addAll(byProvider.keySet()));
	}

	/**
	 * Read the built-in prices and those of a further file.
	 * @param further a file in the format of the built-in one or of LiteLLM's price map,
	 * {@code null} if there is none
	 * @param today the day to tell the age of the prices from
	 * @param aliases knows the names of providers
	 * @return the prices
	 * @throws InvalidPriceException if a file cannot be read or has invalid entries
	 */
	public static PriceTable load(@Nullable Resource further, LocalDate today, ProviderAliases aliases) {
		return new PriceTable(read(BUILT_IN, today, aliases), (further != null) ? read(further, today, aliases) : null,
				aliases);
	}

	private static PriceFile read(Resource file, LocalDate today, ProviderAliases aliases) {
		PriceFile content = PriceFile.read(file, aliases);
		LocalDate updated = content.updated();
		if (updated != null && updated.isBefore(today.minusYears(1))) {
			logger.warn("Model prices in " + file.getDescription() + " are from " + updated
					+ " and may no longer be right. Newer ones can be given with 'token-counter.pricing.catalog'.");
		}
		return content;
	}

	@Override
	public List<ModelPrice> getPrices(String provider, String model) {
		String providerName = this.aliases.canonical(provider);
		List<String> names = ModelNames.of(model);
		for (String name : names) {
			List<ModelPrice> found = find(name, providerName);
			if (!found.isEmpty()) {
				return found;
			}
		}
		List<ModelPrice> found = findForEveryModel(names, providerName);
		// By what is built in, as an own price for one model must not take those of
		// others
		return (found.isEmpty() && !this.builtInProviders.contains(providerName)) ? findByName(names) : found;
	}

	private List<ModelPrice> findForEveryModel(List<String> names, String provider) {
		boolean cloud = provider.equals(OLLAMA) && names.stream().anyMatch(ModelNames::runsInOllamaCloud);
		return cloud ? listed(this.further, EVERY_MODEL, provider) : find(EVERY_MODEL, provider);
	}

	private List<ModelPrice> find(String name, String provider) {
		for (String listedFor : List.of(provider, EVERY_PROVIDER)) {
			List<ModelPrice> found = listed(this.further, name, listedFor);
			if (found.isEmpty()) {
				found = listed(this.builtIn, name, listedFor);
			}
			if (!found.isEmpty()) {
				return found;
			}
		}
		return List.of();
	}

	private static List<ModelPrice> listed(Map<String, Map<String, List<ModelPrice>>> prices, String name,
			String provider) {
		return prices.getOrDefault(name, Map.of()).getOrDefault(provider, List.of());
	}

	private List<ModelPrice> findByName(List<String> names) {
		for (String name : names) {
			Set<String> providers = this.builtIn.getOrDefault(name, this.further.getOrDefault(name, Map.of())).keySet();
			Set<List<ModelPrice>> found = new HashSet<>();
			// How other providers charge for tiers and searches says nothing of this one
			providers.forEach(
					(provider) -> found.add(find(name, provider).stream().map(ModelPrice::withoutVariants).toList()));
			if (!found.isEmpty()) {
				return (found.size() == 1) ? found.iterator().next() : List.of();
			}
		}
		return List.of();
	}

}
