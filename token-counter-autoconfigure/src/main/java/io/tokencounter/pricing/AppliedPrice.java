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
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * A price, prepared for being applied to many calls.
 */
final class AppliedPrice {

	private final ModelPrice price;

	private final Rates rates;

	private final NavigableMap<Long, Rates> longContext = new TreeMap<>();

	AppliedPrice(ModelPrice price) {
		this.price = price;
		this.rates = new Rates(price.rates());
		price.longContext().forEach((size, rates) -> this.longContext.put(size, new Rates(rates)));
	}

	boolean isValidAt(Instant at) {
		return this.price.isValidAt(at);
	}

	/**
	 * Return what a call costs at this price. Each token is paid for once, in its own
	 * class. Nothing is rounded.
	 * @param usage the tokens of the call
	 * @param longLivedWrites the part of the tokens written to a cache that is to live
	 * longer than the provider's default, empty if it is not known
	 * @return the exact cost, {@code null} if it depends on what is not known
	 */
	@Nullable TokenCost cost(TokenUsage usage, OptionalLong longLivedWrites) {
		Rates rates = rates(usage.input());
		if (longLivedWrites.isEmpty() && rates.hasLongLivedWrites()) {
			return null;
		}
		return new TokenCost(rates.amount(usage, longLivedWrites.orElse(0)), this.price.currency());
	}

	private Rates rates(long input) {
		if (this.longContext.isEmpty() || input <= this.longContext.firstKey()) {
			return this.rates;
		}
		Map.Entry<Long, Rates> step = this.longContext.lowerEntry(input);
		return (step != null) ? step.getValue() : this.rates;
	}

	/**
	 * The price of each class of tokens. Prices are also kept as whole numbers of one
	 * common unit, in which most calls are reckoned without a decimal for each class.
	 */
	private static final class Rates {

		private static final int MILLION_DIGITS = 6;

		private final int scale;

		private final boolean inUnits;

		private final Price input;

		private final Price cacheRead;

		private final Price cacheWrite;

		private final Price cacheWriteLong;

		private final Price output;

		private final Price reasoning;

		Rates(TokenRates rates) {
			BigDecimal cacheWrite = orElse(rates.cacheWrite(), rates.input());
			List<BigDecimal> prices = List.of(rates.input(), orElse(rates.cacheRead(), rates.input()), cacheWrite,
					orElse(rates.cacheWriteLong(), cacheWrite), rates.output(),
					orElse(rates.reasoning(), rates.output()));
			this.scale = prices.stream().mapToInt(BigDecimal::scale).reduce(0, Math::max);
			this.inUnits = prices.stream().allMatch((price) -> units(price).bitLength() < Long.SIZE);
			this.input = price(prices.get(0));
			this.cacheRead = price(prices.get(1));
			this.cacheWrite = price(prices.get(2));
			this.cacheWriteLong = price(prices.get(3));
			this.output = price(prices.get(4));
			this.reasoning = price(prices.get(5));
		}

		private static BigDecimal orElse(@Nullable BigDecimal price, BigDecimal other) {
			return (price != null) ? price : other;
		}

		private Price price(BigDecimal price) {
			return new Price(price, units(price).longValue());
		}

		private BigInteger units(BigDecimal price) {
			return price.setScale(this.scale).unscaledValue();
		}

		boolean hasLongLivedWrites() {
			return !this.cacheWriteLong.equals(this.cacheWrite);
		}

		BigDecimal amount(TokenUsage usage, long longLivedWrites) {
			long uncached = usage.input() - usage.cacheRead() - usage.cacheWrite();
			long writes = usage.cacheWrite() - longLivedWrites;
			long answer = usage.output() - usage.reasoning();
			if (this.inUnits) {
				try {
					long units = this.output.units(this.input.units(0, uncached), answer);
					if (usage.cacheRead() != 0 || usage.cacheWrite() != 0) {
						units = this.cacheRead.units(units, usage.cacheRead());
						units = this.cacheWrite.units(units, writes);
						units = this.cacheWriteLong.units(units, longLivedWrites);
					}
					return amount((usage.reasoning() != 0) ? this.reasoning.units(units, usage.reasoning()) : units);
				}
				catch (ArithmeticException ex) {
					// A number of tokens out of all proportion
				}
			}
			BigDecimal amount = this.input.exact(uncached)
				.add(this.cacheRead.exact(usage.cacheRead()))
				.add(this.cacheWrite.exact(writes))
				.add(this.cacheWriteLong.exact(longLivedWrites))
				.add(this.output.exact(answer))
				.add(this.reasoning.exact(usage.reasoning()))
				.movePointLeft(MILLION_DIGITS)
				.stripTrailingZeros();
			// People read it: 0 and not 0E+1
			return (amount.scale() < 0) ? amount.setScale(0) : amount;
		}

		private BigDecimal amount(long units) {
			long stripped = units;
			int scale = this.scale + MILLION_DIGITS;
			while (scale > 0 && stripped % 10 == 0) {
				stripped /= 10;
				scale--;
			}
			return BigDecimal.valueOf(stripped, scale);
		}

	}

	/**
	 * The price of one class of tokens.
	 *
	 * @param perMillion the price of one million tokens
	 * @param units the same in units of the rates
	 */
	private record Price(BigDecimal perMillion, long units) {

		long units(long before, long tokens) {
			return Math.addExact(before, Math.multiplyExact(this.units, tokens));
		}

		BigDecimal exact(long tokens) {
			return this.perMillion.multiply(BigDecimal.valueOf(tokens));
		}

	}

}
