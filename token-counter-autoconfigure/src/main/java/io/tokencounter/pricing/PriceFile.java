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

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.io.Resource;

/**
 * A file of prices. Both formats can be in one file: an array {@code prices} has entries
 * of our own format, and any other object at the top is an entry of LiteLLM's price map,
 * {@code model_prices_and_context_window.json}.
 *
 * @param updated when the prices were last checked, {@code null} if the file does not say
 * @param prices the prices by the name of the model and the provider
 */
record PriceFile(@Nullable LocalDate updated, Map<String, Map<String, List<ModelPrice>>> prices) {

	private static final JsonMapper MAPPER = JsonMapper.builder()
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.build();

	private static final int MAX_PROBLEMS = 10;

	static PriceFile read(Resource file) {
		JsonNode root;
		try (InputStream content = file.getInputStream()) {
			root = MAPPER.readTree(content);
		}
		catch (IOException ex) {
			throw new InvalidPriceException(file.getDescription(), List
				.of("The file cannot be read. If it is not on the class path, put 'file:' in front of its path"), ex);
		}
		catch (JacksonException ex) {
			String problem = "Line %d is not JSON: %s".formatted(ex.getLocation().getLineNr(), ex.getOriginalMessage());
			throw new InvalidPriceException(file.getDescription(), List.of(problem), ex);
		}
		return new Reader().read(file, root);
	}

	/**
	 * A kind of price, by its name in both formats.
	 */
	private enum Rate {

		INPUT("input", "input_cost_per_token"),

		OUTPUT("output", "output_cost_per_token"),

		CACHE_READ("cacheRead", "cache_read_input_token_cost"),

		CACHE_WRITE("cacheWrite", "cache_creation_input_token_cost"),

		CACHE_WRITE_LONG("cacheWriteLong", "cache_creation_input_token_cost_above_1hr"),

		REASONING("reasoning", "output_cost_per_reasoning_token");

		private final String name;

		private final String liteLlmName;

		Rate(String name, String liteLlmName) {
			this.name = name;
			this.liteLlmName = liteLlmName;
		}

		static @Nullable Rate of(String name) {
			for (Rate rate : values()) {
				if (rate.name.equals(name)) {
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

	}

	/**
	 * Reads all entries and says everything that is wrong with them.
	 */
	private static final class Reader {

		private static final String DEFAULT_CURRENCY = "USD";

		private static final Set<String> NAMES = Set.of("provider", "models", "currency", "validFrom", "validTo",
				"longContext", "source", "checked");

		private static final Pattern LONG_CONTEXT = Pattern.compile("(.+)_above_(\\d+)k_tokens");

		private static final int LITELLM_PRICE_DIGITS = 6;

		/**
		 * LiteLLM's description of its own format.
		 */
		private static final String LITELLM_SAMPLE = "sample_spec";

		private final Map<String, Map<String, List<ModelPrice>>> prices = new HashMap<>();

		private final List<String> problems = new ArrayList<>();

		private @Nullable LocalDate updated;

		PriceFile read(Resource file, JsonNode root) {
			if (!root.isObject()) {
				this.problems.add("The file must have a JSON object");
			}
			for (Map.Entry<String, JsonNode> property : root.properties()) {
				try {
					readProperty(property.getKey(), property.getValue());
				}
				catch (IllegalArgumentException ex) {
					this.problems.add("'%s': %s".formatted(property.getKey(), ex.getMessage()));
				}
			}
			if (!this.problems.isEmpty()) {
				throw new InvalidPriceException(file.getDescription(), summary(), null);
			}
			return new PriceFile(this.updated, this.prices);
		}

		private void readProperty(String name, JsonNode value) {
			if (name.equals("updated")) {
				this.updated = date(name, value);
			}
			else if (name.equals("prices")) {
				readEntries(value);
			}
			else if (!name.equals(LITELLM_SAMPLE)) {
				readLiteLlmEntry(name, value);
			}
		}

		private List<String> summary() {
			if (this.problems.size() <= MAX_PROBLEMS) {
				return this.problems;
			}
			List<String> summary = new ArrayList<>(this.problems.subList(0, MAX_PROBLEMS));
			summary.add("and %d more".formatted(this.problems.size() - MAX_PROBLEMS));
			return summary;
		}

		private void readEntries(JsonNode entries) {
			if (!entries.isArray()) {
				throw new IllegalArgumentException("must be an array");
			}
			int index = 0;
			for (JsonNode entry : entries) {
				String name = "prices[%d]".formatted(index++);
				try {
					readEntry(entry);
				}
				catch (IllegalArgumentException ex) {
					JsonNode models = entry.get("models");
					this.problems
						.add("'%s'%s: %s".formatted(name, (models != null) ? " " + models : "", ex.getMessage()));
				}
			}
		}

		private void readEntry(JsonNode entry) {
			if (!entry.isObject()) {
				throw new IllegalArgumentException("must be an object");
			}
			Map<Rate, BigDecimal> rates = rates(entry, NAMES);
			NavigableMap<Long, TokenRates> longContext = new TreeMap<>();
			JsonNode steps = entry.get("longContext");
			if (steps != null) {
				for (JsonNode step : steps) {
					JsonNode above = step.get("above");
					if (above == null || !above.isIntegralNumber()) {
						throw new IllegalArgumentException("'above' must be a number of tokens");
					}
					longContext.put(above.longValue(), toRates(rates, rates(step, Set.of("above"))));
				}
			}
			ModelPrice price = new ModelPrice(toRates(rates, Map.of()), text(entry, "currency", DEFAULT_CURRENCY),
					date("validFrom", entry.get("validFrom")), date("validTo", entry.get("validTo")), longContext);
			String provider = ModelNames.provider(text(entry, "provider", null));
			JsonNode models = entry.get("models");
			if (models == null || !models.isArray() || models.isEmpty()) {
				throw new IllegalArgumentException("'models' must be an array of names");
			}
			for (JsonNode model : models) {
				add(provider, model.asString(), price);
			}
		}

		private Map<Rate, BigDecimal> rates(JsonNode entry, Set<String> otherNames) {
			Map<Rate, BigDecimal> rates = new EnumMap<>(Rate.class);
			for (Map.Entry<String, JsonNode> property : entry.properties()) {
				Rate rate = Rate.of(property.getKey());
				if (rate != null) {
					rates.put(rate, price(property.getKey(), property.getValue()));
				}
				// A mistyped price would silently be the price of other tokens
				else if (!otherNames.contains(property.getKey())) {
					throw new IllegalArgumentException("'%s' is not known".formatted(property.getKey()));
				}
			}
			return rates;
		}

		private void readLiteLlmEntry(String name, JsonNode entry) {
			if (!entry.isObject()) {
				throw new IllegalArgumentException("must be an object");
			}
			Map<Rate, BigDecimal> rates = new EnumMap<>(Rate.class);
			NavigableMap<Long, Map<Rate, BigDecimal>> steps = new TreeMap<>();
			for (Map.Entry<String, JsonNode> property : entry.properties()) {
				if (property.getValue().isNull() || !property.getKey().contains("_cost")) {
					continue;
				}
				Matcher step = LONG_CONTEXT.matcher(property.getKey());
				boolean longContext = step.matches();
				Rate rate = Rate.ofLiteLlm(longContext ? step.group(1) : property.getKey());
				if (rate != null) {
					Map<Rate, BigDecimal> target = longContext ? steps.computeIfAbsent(
							Long.parseLong(step.group(2)) * 1000, (key) -> new EnumMap<>(Rate.class)) : rates;
					target.put(rate,
							price(property.getKey(), property.getValue()).movePointRight(LITELLM_PRICE_DIGITS));
				}
			}
			if ("embedding".equals(text(entry, "mode", ""))) {
				rates.putIfAbsent(Rate.OUTPUT, BigDecimal.ZERO);
			}
			// Without both, the model is not sold by tokens
			if (rates.containsKey(Rate.INPUT) && rates.containsKey(Rate.OUTPUT)) {
				NavigableMap<Long, TokenRates> longContext = new TreeMap<>();
				steps.forEach((above, step) -> longContext.put(above, toRates(rates, step)));
				addLiteLlm(name, text(entry, "litellm_provider", ""),
						new ModelPrice(toRates(rates, Map.of()), DEFAULT_CURRENCY, null, null, longContext));
			}
		}

		private void addLiteLlm(String name, String liteLlmProvider, ModelPrice price) {
			String provider = ModelNames.provider(liteLlmProvider);
			int slash = name.indexOf('/');
			String prefix = (slash > 0) ? ModelNames.provider(name.substring(0, slash)) : "";
			boolean prefixed = (slash > 0)
					&& (provider.isEmpty() ? ModelNames.isKnownProvider(prefix) : prefix.equals(provider));
			add(prefixed ? prefix : provider, prefixed ? name.substring(slash + 1) : name, price);
		}

		private TokenRates toRates(Map<Rate, BigDecimal> rates, Map<Rate, BigDecimal> step) {
			Map<Rate, BigDecimal> all = new EnumMap<>(Rate.class);
			all.putAll(rates);
			// A price that a step does not name stays, but reasoning must not cost less
			// than the step's output
			if (step.containsKey(Rate.OUTPUT)) {
				all.remove(Rate.REASONING);
			}
			all.putAll(step);
			return new TokenRates(required(all, Rate.INPUT), required(all, Rate.OUTPUT), all.get(Rate.CACHE_READ),
					all.get(Rate.CACHE_WRITE), all.get(Rate.CACHE_WRITE_LONG), all.get(Rate.REASONING));
		}

		private BigDecimal required(Map<Rate, BigDecimal> rates, Rate rate) {
			BigDecimal price = rates.get(rate);
			if (price == null) {
				throw new IllegalArgumentException("'%s' is missing".formatted(rate.name));
			}
			return price;
		}

		private BigDecimal price(String name, JsonNode value) {
			if (!value.isNumber()) {
				throw new IllegalArgumentException("'%s' must be a number, but is %s".formatted(name, value));
			}
			return TokenRates.requirePrice(name, value.decimalValue());
		}

		private String text(JsonNode entry, String name, @Nullable String defaultValue) {
			JsonNode value = entry.get(name);
			if (value != null && value.isString()) {
				return value.stringValue();
			}
			if (defaultValue == null || (value != null && !value.isNull())) {
				throw new IllegalArgumentException("'%s' must be a text".formatted(name));
			}
			return defaultValue;
		}

		private @Nullable LocalDate date(String name, @Nullable JsonNode value) {
			if (value == null) {
				return null;
			}
			try {
				return LocalDate.parse(value.asString());
			}
			catch (DateTimeParseException ex) {
				throw new IllegalArgumentException(
						"'%s' must be a date as in 2026-11-23, but is %s".formatted(name, value), ex);
			}
		}

		private void add(String provider, String model, ModelPrice price) {
			this.prices.computeIfAbsent(model.trim().toLowerCase(Locale.ROOT), (key) -> new HashMap<>())
				.computeIfAbsent(provider, (key) -> new ArrayList<>())
				.add(price);
		}

	}

}
