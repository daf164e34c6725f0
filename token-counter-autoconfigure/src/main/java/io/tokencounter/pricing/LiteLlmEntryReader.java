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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.tokencounter.pricing.PriceListing.LiteLlmPrice;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads an entry of LiteLLM's price map. Entries of what is not sold by tokens alone are
 * left out.
 */
final class LiteLlmEntryReader {

	private static final String SEARCH_PRICES = "search_context_cost_per_query";

	private static final int PRICE_DIGITS = 6;

	private final ProviderAliases aliases;

	private final Map<String, Field> fields = new HashMap<>();

	LiteLlmEntryReader(ProviderAliases aliases) {
		this.aliases = aliases;
	}

	/**
	 * Read an entry.
	 * @throws IllegalArgumentException if something is wrong with it
	 */
	void read(String key, JsonNode entry, PriceListing listing) {
		if (!entry.isObject()) {
			throw new IllegalArgumentException("must be an object");
		}
		Map<String, RateSteps> byTier = rates(entry);
		RateSteps plain = byTier.computeIfAbsent("", (tier) -> new RateSteps());
		if ("embedding".equals(PriceFields.text(entry, "mode", ""))) {
			plain.rates.putIfAbsent(Rate.OUTPUT, BigDecimal.ZERO);
		}
		String liteLlmProvider = PriceFields.text(entry, "litellm_provider", "");
		// Each call of these makes searches, whose number is not told
		boolean searches = "perplexity".equals(liteLlmProvider) && entry.hasNonNull(SEARCH_PRICES);
		if (searches || !isSoldByTokens(plain, entry)) {
			return;
		}
		Map<String, PriceVariant> tiers = new HashMap<>();
		byTier.forEach((tier, steps) -> {
			if (!tier.isEmpty() && steps.isComplete()) {
				tiers.put(tier, new PriceVariant(null, Rate.toRates(steps.rates), steps.longContext()));
			}
		});
		PriceVariants variants = new PriceVariants(tiers, factor(entry, "us"), factor(entry, "fast"),
				searchPrice(entry));
		add(key, liteLlmProvider, new ModelPrice(Rate.toRates(plain.rates), PriceEntryReader.DEFAULT_CURRENCY, null,
				null, plain.longContext(), variants), listing);
	}

	private Map<String, RateSteps> rates(JsonNode entry) {
		Map<String, RateSteps> byTier = new HashMap<>();
		for (Map.Entry<String, JsonNode> property : entry.properties()) {
			if (property.getValue().isNull() || !property.getKey().contains("_cost")) {
				continue;
			}
			Field field = this.fields.computeIfAbsent(property.getKey(), Field::of);
			if (field.rate() != null) {
				BigDecimal price = PriceFields.price(property.getKey(), property.getValue());
				byTier.computeIfAbsent(field.tier(), (key) -> new RateSteps())
					.put(field.rate(), field.above(), price.movePointRight(PRICE_DIGITS));
			}
		}
		return byTier;
	}

	private static boolean isSoldByTokens(RateSteps plain, JsonNode entry) {
		return plain.isComplete() && !entry.hasNonNull("input_cost_per_request")
				&& !"image_generation".equals(PriceFields.text(entry, "mode", ""));
	}

	/**
	 * Return how the prices differ in what LiteLLM has a factor for, as it has for
	 * Anthropic's regions and speeds.
	 */
	private static Map<String, PriceVariant> factor(JsonNode entry, String name) {
		JsonNode factor = entry.path("provider_specific_entry").path(name);
		return factor.isNumber() ? Map.of(name, PriceVariant.times(PriceFields.price(name, factor))) : Map.of();
	}

	private static @Nullable BigDecimal searchPrice(JsonNode entry) {
		List<JsonNode> prices = List.copyOf(entry.path(SEARCH_PRICES).values());
		if (prices.isEmpty() || prices.stream().anyMatch((price) -> !price.equals(prices.get(0)))) {
			return null;
		}
		return PriceFields.price(SEARCH_PRICES, prices.get(0)).movePointRight(3);
	}

	private void add(String key, String liteLlmProvider, ModelPrice price, PriceListing listing) {
		String provider = liteLlmProvider.isEmpty() ? "" : this.aliases.canonical(liteLlmProvider);
		int slash = key.indexOf('/');
		String prefix = (slash > 0) ? this.aliases.canonical(key.substring(0, slash)) : "";
		boolean qualified = (slash > 0)
				&& (provider.isEmpty() ? this.aliases.nameOf(prefix) != null : prefix.equals(provider));
		String model = qualified ? key.substring(slash + 1) : key;
		// Listed with 0, which is what LiteLLM does not know
		if (!ModelNames.runsInOllamaCloud(model) || !price.rates().isFree()) {
			listing.addLiteLlm(new LiteLlmPrice(key, qualified ? prefix : provider, model, price, qualified));
		}
	}

	/**
	 * A kind of price, for calls longer than a number of tokens, in a service tier.
	 *
	 * @param rate the kind of price, {@code null} if it is not of tokens
	 * @param above the number of tokens, 0 for calls of any length
	 * @param tier the tier, empty for the default one
	 */
	private record Field(@Nullable Rate rate, long above, String tier) {

		private static final Pattern NAME = Pattern.compile("(.+?)(?:_above_(\\d{1,9})k_tokens)?(?:_(flex|priority))?");

		static Field of(String name) {
			Matcher matcher = NAME.matcher(name);
			if (!matcher.matches()) {
				return new Field(null, 0, "");
			}
			String above = matcher.group(2);
			String tier = matcher.group(3);
			return new Field(Rate.ofLiteLlm(matcher.group(1)), (above != null) ? Long.parseLong(above) * 1000 : 0,
					(tier != null) ? tier : "");
		}

	}

	/**
	 * Prices, and those of longer calls.
	 */
	private static final class RateSteps {

		private final Map<Rate, BigDecimal> rates = new EnumMap<>(Rate.class);

		private final NavigableMap<Long, Map<Rate, BigDecimal>> steps = new TreeMap<>();

		void put(Rate rate, long above, BigDecimal price) {
			Map<Rate, BigDecimal> target = (above > 0)
					? this.steps.computeIfAbsent(above, (key) -> new EnumMap<>(Rate.class)) : this.rates;
			target.put(rate, price);
		}

		boolean isComplete() {
			return this.rates.containsKey(Rate.INPUT) && this.rates.containsKey(Rate.OUTPUT);
		}

		NavigableMap<Long, TokenRates> longContext() {
			NavigableMap<Long, TokenRates> longContext = new TreeMap<>();
			this.steps.forEach((above, step) -> longContext.put(above, Rate.toRates(this.rates, step)));
			return longContext;
		}

	}

}
