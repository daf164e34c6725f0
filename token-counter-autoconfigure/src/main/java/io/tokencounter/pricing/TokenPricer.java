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

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallReading;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a call cost. The prices of a model are looked up once and kept. A model
 * without a price is named in the log, once.
 *
 * @since 0.1.0
 */
public final class TokenPricer implements CallPricing {

	private static final Log logger = LogFactory.getLog(TokenPricer.class);

	private static final int MAX_MODELS = 1000;

	private final List<PriceCatalog> catalogs;

	// By provider and model
	private final Map<String, Map<String, List<AppliedPrice>>> prices = new ConcurrentHashMap<>();

	private final Set<Model> unpriced = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean unknownLifetime = new AtomicBoolean();

	private final AtomicBoolean failed = new AtomicBoolean();

	/**
	 * Create a pricer.
	 * @param catalogs the catalogues, of which the first one that has a price for the
	 * time of a call is followed
	 */
	public TokenPricer(List<? extends PriceCatalog> catalogs) {
		this.catalogs = List.copyOf(catalogs);
	}

	@Override
	public @Nullable TokenCost cost(String model, CallReading reading, Instant startedAt) {
		return cost(reading.provider(), model, reading.usage(), reading.billing().longLivedCacheWrites(), startedAt);
	}

	/**
	 * Return what a call cost.
	 * @param provider the {@code gen_ai.provider.name}
	 * @param model the name of the model, as the provider's answer has it
	 * @param usage the tokens of the call
	 * @param longLivedWrites the part of the tokens written to a cache that is to live
	 * longer than the provider's default, empty if it is not known
	 * @param at when the call was made
	 * @return the exact cost, or {@code null} if the usage is not reported, no price is
	 * known, or the price depends on what is not known
	 */
	public @Nullable TokenCost cost(String provider, String model, TokenUsage usage, OptionalLong longLivedWrites,
			Instant at) {
		if (!usage.reported()) {
			return null;
		}
		try {
			for (AppliedPrice price : prices(provider, model)) {
				if (price.isValidAt(at)) {
					TokenCost cost = price.cost(usage, longLivedWrites);
					if (cost == null) {
						logUnknownLifetime(new Model(provider, model));
					}
					return cost;
				}
			}
		}
		catch (RuntimeException ex) {
			logFailure(new Model(provider, model), ex);
			return null;
		}
		if (usage.total() > 0) {
			logUnpriced(new Model(provider, model));
		}
		return null;
	}

	private List<AppliedPrice> prices(String provider, String model) {
		Map<String, List<AppliedPrice>> ofProvider = this.prices.get(provider);
		if (ofProvider == null) {
			if (this.prices.size() >= MAX_MODELS) {
				this.prices.clear();
			}
			ofProvider = this.prices.computeIfAbsent(provider, (key) -> new ConcurrentHashMap<>());
		}
		List<AppliedPrice> prices = ofProvider.get(model);
		if (prices == null) {
			prices = this.catalogs.stream()
				.flatMap((catalog) -> catalog.getPrices(provider, model).stream())
				.map(AppliedPrice::new)
				.toList();
			// A provider has a few models, and names that are made up do no harm
			if (ofProvider.size() >= MAX_MODELS) {
				ofProvider.clear();
			}
			ofProvider.put(model, prices);
		}
		return prices;
	}

	private void logUnpriced(Model model) {
		if (this.unpriced.size() < MAX_MODELS && this.unpriced.add(model)) {
			logger.warn("No price is known for " + model + ", so its calls have no cost and its tokens are counted in"
					+ " 'llm.tokens.unpriced'. A price can be given with 'token-counter.pricing.models["
					+ model.provider() + "/" + model.name() + "].input' and '.output'.");
		}
	}

	private void logUnknownLifetime(Model model) {
		if (this.unknownLifetime.compareAndSet(false, true)) {
			logger.warn("What was written to the prompt cache of " + model + " has a price by how long it is to live,"
					+ " and streams do not tell, so such calls have no cost and their tokens are counted in"
					+ " 'llm.tokens.unpriced'. They have one where all messages are cached for the same time.");
		}
	}

	private void logFailure(Model model, RuntimeException ex) {
		if (this.failed.compareAndSet(false, true)) {
			logger.warn("Failed to get the price of " + model + ", so its calls have no cost", ex);
		}
		else if (logger.isDebugEnabled()) {
			logger.debug("Failed to get the price of " + model, ex);
		}
	}

	private record Model(String provider, String name) {

		@Override
		public String toString() {
			return "model '%s' of provider '%s'".formatted(this.name, this.provider);
		}

	}

}
