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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.tokencounter.support.WildcardPattern;

/**
 * Prices by patterns of model names, such as {@code gpt-4o-mini}, {@code gpt-4o*} or
 * {@code ollama/*}, in which {@code *} stands for any text. Case does not matter.
 * <p>
 * A pattern that starts with a provider and a slash is for models of that provider. Of
 * the patterns that match, the most specific one applies: a full name before one with a
 * {@code *}, the name as the provider writes it before one without its date or region, a
 * longer text before the first {@code *} before a shorter one, and, where two are equal
 * in this, the one with a provider.
 *
 * @since 0.1.0
 */
public final class PricePatterns implements PriceCatalog {

	private final ProviderAliases aliases;

	private final List<Entry> entries;

	/**
	 * Create a catalogue.
	 * @param prices the prices by their patterns
	 * @param aliases knows the names of providers
	 */
	public PricePatterns(Map<String, ModelPrice> prices, ProviderAliases aliases) {
		this.aliases = aliases;
		List<Entry> entries = new ArrayList<>();
		prices.forEach((pattern, price) -> entries.add(Entry.of(pattern, price, aliases)));
		entries.sort(Comparator.comparingInt(Entry::literalLength)
			.thenComparing(Entry::hasProvider)
			.thenComparingInt((entry) -> entry.model().toString().length())
			.reversed()
			.thenComparing((entry) -> entry.pattern().toString()));
		this.entries = List.copyOf(entries);
	}

	@Override
	public List<ModelPrice> getPrices(String provider, String model) {
		String providerName = this.aliases.canonical(provider);
		List<String> names = ModelNames.of(model);
		for (String name : names) {
			for (Entry entry : this.entries) {
				if (!entry.hasWildcard() && entry.matches(providerName, name)) {
					return List.of(entry.price());
				}
			}
		}
		for (Entry entry : this.entries) {
			if (entry.hasWildcard() && names.stream().anyMatch((name) -> entry.matches(providerName, name))) {
				return List.of(entry.price());
			}
		}
		return List.of();
	}

	/**
	 * A pattern, in its parts.
	 *
	 * @param pattern the pattern as it was given, in lower case
	 * @param provider the provider that it is for, empty if it is for any
	 * @param providerOnly whether the text before the slash can be nothing but a provider
	 * @param model the pattern of the name of the model
	 * @param price the price
	 */
	private record Entry(WildcardPattern pattern, String provider, boolean providerOnly, WildcardPattern model,
			ModelPrice price) {

		static Entry of(String pattern, ModelPrice price, ProviderAliases aliases) {
			String text = pattern.trim().toLowerCase(Locale.ROOT);
			int slash = text.indexOf('/');
			String prefix = text.substring(0, Math.max(slash, 0));
			// Names of models can have a slash themselves, as in openai/gpt-oss-120b at
			// Groq
			boolean providerOnly = text.contains("*") && aliases.nameOf(prefix) != null;
			return new Entry(new WildcardPattern(text), prefix.isEmpty() ? "" : aliases.canonical(prefix), providerOnly,
					new WildcardPattern(text.substring(slash + 1)), price);
		}

		boolean hasProvider() {
			return !this.provider.isEmpty();
		}

		boolean hasWildcard() {
			return this.pattern.hasWildcard();
		}

		int literalLength() {
			String text = this.model.toString();
			return this.model.hasWildcard() ? text.indexOf('*') : text.length();
		}

		boolean matches(String providerName, String name) {
			if (!hasProvider() || this.provider.equals(providerName)) {
				return this.model.matches(name);
			}
			return !this.providerOnly && this.pattern.matches(name);
		}

	}

}
