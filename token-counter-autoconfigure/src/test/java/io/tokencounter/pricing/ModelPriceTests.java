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
import java.time.LocalDate;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ModelPrice}, {@link TokenRates} and {@link PricedCall}.
 */
class ModelPriceTests {

	private static final TokenRates RATES = rates("3", "15", "0.30", "3.75", null, "20");

	@Test
	void paysEachTokenOnceInItsOwnClass() {
		// 1000 input = 600 uncached + 300 read + 100 written, 50 output = 40 + 10
		// reasoning
		// 600 x 3 + 300 x 0.30 + 100 x 3.75 + 40 x 15 + 10 x 20 = 3065
		TokenUsage usage = new TokenUsage(1000, 50, 300, 100, 10, true);
		assertThat(cost(RATES, usage)).isEqualByComparingTo("0.003065");
	}

	@Test
	void paysCacheAndReasoningTokensLikeOthersWithoutPricesOfTheirOwn() {
		TokenRates rates = TokenRates.of(new BigDecimal("2"), new BigDecimal("8"));
		TokenUsage usage = new TokenUsage(1000, 50, 300, 100, 10, true);
		assertThat(cost(rates, usage)).isEqualByComparingTo(cost(rates, TokenUsage.of(1000, 50)));
	}

	@Test
	void doesNotRound() {
		TokenRates rates = TokenRates.of(new BigDecimal("0.000000001"), new BigDecimal("0.1"));
		assertThat(cost(rates, TokenUsage.of(1, 3))).isEqualByComparingTo("0.000000300000001");
	}

	@Test
	void isExactForAnyPriceAndAnyNumberOfTokens() {
		Random random = new Random(7);
		for (int i = 0; i < 10_000; i++) {
			BigDecimal[] prices = new BigDecimal[6];
			for (int j = 0; j < prices.length; j++) {
				prices[j] = new BigDecimal(new BigInteger(1 + random.nextInt(80), random), random.nextInt(24) - 4);
			}
			long[] parts = random.longs(6, 0, 1L << (1 + random.nextInt(55))).toArray();
			TokenUsage usage = new TokenUsage(parts[0] + parts[1] + parts[2] + parts[3], parts[4] + parts[5], parts[1],
					parts[2] + parts[3], parts[5], true);
			BigDecimal expected = BigDecimal.ZERO;
			for (int j = 0; j < prices.length; j++) {
				expected = expected.add(prices[j].multiply(BigDecimal.valueOf(parts[j])));
			}
			expected = expected.movePointLeft(6).stripTrailingZeros();
			TokenRates rates = new TokenRates(prices[0], prices[4], prices[1], prices[2], prices[3], prices[5]);
			BillingDetails billing = BillingDetails.PLAIN.withLongLivedCacheWrites(OptionalLong.of(parts[3]));
			BigDecimal amount = PricedCall.of(ModelPrice.of(rates, "USD"), usage, billing).amount();
			assertThat(amount).isEqualByComparingTo(expected);
			assertThat(amount.toString())
				.isEqualTo(((expected.scale() < 0) ? expected.setScale(0) : expected).toString());
		}
	}

	@Test
	void sumsExactlyOverTenThousandCalls() {
		Random random = new Random(5);
		BigDecimal sum = BigDecimal.ZERO;
		long uncached = 0;
		long read = 0;
		long written = 0;
		long answer = 0;
		long reasoning = 0;
		for (int i = 0; i < 10_000; i++) {
			long[] parts = random.longs(5, 0, 100_000).toArray();
			TokenUsage usage = new TokenUsage(parts[0] + parts[1] + parts[2], parts[3] + parts[4], parts[1], parts[2],
					parts[4], true);
			sum = sum.add(cost(RATES, usage));
			uncached += parts[0];
			read += parts[1];
			written += parts[2];
			answer += parts[3];
			reasoning += parts[4];
		}
		// In whole units of 0.01 per million, which a long holds
		long expected = uncached * 300 + read * 30 + written * 375 + answer * 1500 + reasoning * 2000;
		assertThat(sum).isEqualByComparingTo(BigDecimal.valueOf(expected, 8));
	}

	@Test
	void pricesWholeCallByItsContextSize() {
		ModelPrice price = new ModelPrice(RATES, "USD", null, null, new TreeMap<>(Map.of(200_000L,
				rates("6", "22.5", "0.6", null, null, null), 500_000L, rates("9", "30", "1", null, null, null))));
		assertThat(cost(price, TokenUsage.of(200_000, 0)).amount()).isEqualByComparingTo("0.6");
		assertThat(cost(price, TokenUsage.of(200_001, 0)).amount()).isEqualByComparingTo("1.200006");
		assertThat(cost(price, TokenUsage.of(500_001, 1_000_000)).amount()).isEqualByComparingTo("34.500009");
	}

	@Test
	void countsCachedTokensToTheContextSize() {
		ModelPrice price = new ModelPrice(RATES, "USD", null, null,
				new TreeMap<>(Map.of(200_000L, rates("6", "22.5", "0.6", null, null, null))));
		TokenUsage usage = new TokenUsage(200_001, 0, 200_000, 0, 0, true);
		assertThat(cost(price, usage).amount()).isEqualByComparingTo("0.120006");
	}

	@Test
	void isValidFromItsFirstToItsLastDay() {
		ModelPrice price = new ModelPrice(RATES, "USD", LocalDate.of(2026, 7, 30), LocalDate.of(2026, 8, 20),
				new TreeMap<>());
		assertThat(price.isValidAt(Instant.parse("2026-07-29T23:59:59.999Z"))).isFalse();
		assertThat(price.isValidAt(Instant.parse("2026-07-30T00:00:00Z"))).isTrue();
		assertThat(price.isValidAt(Instant.parse("2026-08-20T23:59:59.999Z"))).isTrue();
		assertThat(price.isValidAt(Instant.parse("2026-08-21T00:00:00Z"))).isFalse();
	}

	@Test
	void knowsFreeOfCharge() {
		TokenRates free = TokenRates.of(BigDecimal.ZERO, BigDecimal.ZERO);
		TokenCost cost = cost(ModelPrice.of(free, "EUR"), TokenUsage.of(10, 20));
		assertThat(cost.amount()).isEqualByComparingTo("0");
		assertThat(cost.currency()).isEqualTo("EUR");
	}

	@Test
	void isEqualWhateverTheNumberOfZeroes() {
		assertThat(rates("3", "15", "0.30", null, null, null))
			.isEqualTo(rates("3.00", "15.0", "0.3", null, null, null));
	}

	@Test
	void refusesNegativePrices() {
		assertThatIllegalArgumentException().isThrownBy(() -> rates("3", "15", null, "-0.01", null, null))
			.withMessageContaining("cacheWrite")
			.withMessageContaining("-0.01");
	}

	@Test
	void refusesUnknownCurrencies() {
		assertThatIllegalArgumentException().isThrownBy(() -> ModelPrice.of(RATES, "dollars"))
			.withMessageContaining("dollars");
	}

	@Test
	void refusesToEndBeforeItStarts() {
		assertThatIllegalArgumentException().isThrownBy(() -> new ModelPrice(RATES, "USD", LocalDate.of(2026, 2, 1),
				LocalDate.of(2026, 1, 31), new TreeMap<>()));
	}

	private static TokenRates rates(String input, String output, String cacheRead, String cacheWrite,
			String cacheWriteLong, String reasoning) {
		return new TokenRates(new BigDecimal(input), new BigDecimal(output), decimal(cacheRead), decimal(cacheWrite),
				decimal(cacheWriteLong), decimal(reasoning));
	}

	private static BigDecimal cost(TokenRates rates, TokenUsage usage) {
		return cost(ModelPrice.of(rates, "USD"), usage).amount();
	}

	private static TokenCost cost(ModelPrice price, TokenUsage usage) {
		return new TokenCost(PricedCall.of(price, usage, BillingDetails.PLAIN).amount(), price.currency());
	}

	private static BigDecimal decimal(String value) {
		return (value != null) ? new BigDecimal(value) : null;
	}

}
