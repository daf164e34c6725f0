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
import java.time.Instant;
import java.util.List;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallRates;
import io.tokencounter.call.CallReading;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.KnownAnswers;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a call cost. The prices of a model are looked up and kept, until there are
 * too many. Why calls have no cost is said in the log.
 *
 * @since 0.1.0
 */
public final class TokenPricer implements CallPricing {

	private static final int MAX_MODELS = 1000;

	private final List<PriceCatalog> catalogs;

	private final @Nullable String currency;

	private final KnownAnswers<Model, List<ModelPrice>> prices = new KnownAnswers<>(MAX_MODELS, this::lookUp);

	private final UnpricedLog unpriced = new UnpricedLog();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(TokenPricer.class));

	/**
	 * Create a pricer that states what is free of charge in the currency of its price.
	 * @param catalogs the catalogues, of which the first one that has a price for the
	 * time of a call is followed
	 */
	public TokenPricer(List<? extends PriceCatalog> catalogs) {
		this(catalogs, null);
	}

	/**
	 * Create a pricer.
	 * @param catalogs the catalogues, of which the first one that has a price for the
	 * time of a call is followed
	 * @param currency the ISO 4217 code of the currency to state in what is free of
	 * charge, {@code null} for that of its price
	 */
	public TokenPricer(List<? extends PriceCatalog> catalogs, @Nullable String currency) {
		this.catalogs = List.copyOf(catalogs);
		this.currency = currency;
	}

	@Override
	public @Nullable TokenCost cost(String model, CallReading reading, Instant startedAt) {
		return cost(reading.provider(), model, reading.usage(), reading.billing(), startedAt);
	}

	/**
	 * Return what a call cost.
	 * @param provider the {@code gen_ai.provider.name}
	 * @param model the name of the model, as the provider's answer has it
	 * @param usage the tokens of the call
	 * @param billing what else decides the price
	 * @param at when the call was made
	 * @return the exact cost, or {@code null} if the usage is not reported, no price is
	 * known, or the price depends on what is not known
	 */
	public @Nullable TokenCost cost(String provider, String model, TokenUsage usage, BillingDetails billing,
			Instant at) {
		if (!usage.reported()) {
			return null;
		}
		try {
			ModelPrice price = price(provider, model, at);
			if (price != null) {
				PricedCall priced = PricedCall.of(price, usage, billing);
				if (priced.amount() != null) {
					return toCost(priced.amount(), price.currency());
				}
				this.unpriced.callWithoutPrice(provider, model, String.valueOf(priced.unknown()));
			}
			else if (usage.total() > 0) {
				this.unpriced.modelWithoutPrice(provider, model);
			}
		}
		catch (Throwable ex) {
			this.faults.log("Failed to get the price of a model, so its calls have no cost", ex);
		}
		return null;
	}

	@Override
	public @Nullable CallRates dearestRates(String model, CallReading asked, long input, Instant startedAt) {
		return dearestRates(asked.provider(), model, asked.billing(), input, startedAt);
	}

	/**
	 * Return what the tokens of a call may cost at most, before it is made: the dearest
	 * of the prices for plain, cached and written input, for output and reasoning, in the
	 * service tier, speed and region that are asked for.
	 * @param provider the {@code gen_ai.provider.name}
	 * @param model the name of the model
	 * @param asked what is asked for; with any audio tokens, the prices of audio count
	 * @param input the number of input tokens that the call has at most; longer input can
	 * have a higher price
	 * @param at when the call is made
	 * @return the rates, or {@code null} if they are not known
	 */
	public @Nullable CallRates dearestRates(String provider, String model, BillingDetails asked, long input,
			Instant at) {
		try {
			ModelPrice price = price(provider, model, at);
			TokenRates rates = (price != null) ? BilledRates.of(price, TokenUsage.of(input, 0), asked).rates() : null;
			if (price == null || rates == null) {
				return null;
			}
			return new CallRates(rates.dearestInput(asked.audioInput() > 0),
					rates.dearestOutput(asked.audioOutput() > 0), price.currency());
		}
		catch (Throwable ex) {
			this.faults.log("Failed to get the price of a model before a call", ex);
			return null;
		}
	}

	private @Nullable ModelPrice price(String provider, String model, Instant at) {
		List<ModelPrice> prices = this.prices.get(Model.of(provider, model));
		// By index, as an iterator would be one more object for each call
		for (int i = 0; i < prices.size(); i++) {
			if (prices.get(i).isValidAt(at)) {
				return prices.get(i);
			}
		}
		return null;
	}

	private List<ModelPrice> lookUp(Model model) {
		return this.catalogs.stream()
			.flatMap((catalog) -> catalog.getPrices(model.provider(), model.name()).stream())
			.toList();
	}

	// Free is free in any currency, and most such prices state none
	private TokenCost toCost(BigDecimal amount, String currency) {
		boolean any = amount.signum() == 0 && currency.equals(PriceEntryReader.DEFAULT_CURRENCY);
		return new TokenCost(amount, (any && this.currency != null) ? this.currency : currency);
	}

	private record Model(String provider, String name) {

		static Model of(String provider, String name) {
			return new Model(cut(provider), cut(name));
		}

		private static String cut(String name) {
			return (name.length() <= TokenCall.MAX_NAME) ? name : name.substring(0, TokenCall.MAX_NAME);
		}

	}

}
