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
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.CallRates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenPricer}.
 */
@ExtendWith(OutputCaptureExtension.class)
class TokenPricerTests {

	private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

	private static final TokenUsage USAGE = TokenUsage.of(1_000_000, 0);

	@Test
	void looksUpModelOnce() {
		AtomicInteger lookups = new AtomicInteger();
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> {
			lookups.incrementAndGet();
			return model.equals("a") ? List.of(price("1")) : List.of();
		}));
		for (int i = 0; i < 100; i++) {
			pricer.cost("acme", "a", USAGE, BillingDetails.PLAIN, NOW);
			pricer.cost("acme", "b", USAGE, BillingDetails.PLAIN, NOW);
		}
		assertThat(lookups).hasValue(2);
	}

	@Test
	void keepsPricesOfOneModelAtTwoProvidersApart() {
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> List.of(price(provider))));
		for (String provider : List.of("1", "2", "1")) {
			assertThat(pricer.cost(provider, "a", USAGE, BillingDetails.PLAIN, NOW)).isNotNull()
				.satisfies((cost) -> assertThat(cost.amount()).isEqualByComparingTo(provider));
		}
	}

	@Test
	void asksCataloguesInOrder() {
		TokenPricer pricer = new TokenPricer(
				List.of((PriceCatalog) (provider, model) -> model.equals("a") ? List.of(price("1")) : List.of(),
						(PriceCatalog) (provider, model) -> List.of(price("2"))));
		assertThat(amount(pricer, "a")).isEqualByComparingTo("1");
		assertThat(amount(pricer, "b")).isEqualByComparingTo("2");
	}

	@Test
	void fallsBackToPriceThatIsValidAtTheTime() {
		ModelPrice old = new ModelPrice(price("1").rates(), "USD", null, LocalDate.of(2026, 1, 1), new TreeMap<>());
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> List.of(old),
				(PriceCatalog) (provider, model) -> List.of(price("2"))));
		assertThat(amount(pricer, "a")).isEqualByComparingTo("2");
	}

	@Test
	void hasNoCostWithoutUsage(CapturedOutput output) {
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> List.of(price("1"))));
		assertThat(pricer.cost("acme", "a", TokenUsage.unreported(), BillingDetails.PLAIN, NOW)).isNull();
		assertThat(pricer.cost("acme", "a", TokenUsage.of(0, 0), BillingDetails.PLAIN, NOW)).isNotNull();
		assertThat(output).doesNotContain("No price is known");
	}

	@Test
	void hasNoCostWhereItDependsOnWhatIsNotKnown(CapturedOutput output) {
		TokenRates apart = new TokenRates(BigDecimal.ONE, BigDecimal.ONE, null, new BigDecimal("2"),
				new BigDecimal("3"), null);
		TokenRates alike = new TokenRates(BigDecimal.ONE, BigDecimal.ONE, null, new BigDecimal("2"), null, null);
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> List
			.of(ModelPrice.of(model.equals("apart") ? apart : alike, "USD"))));
		TokenUsage usage = new TokenUsage(10, 0, 0, 10, 0, true);
		for (int i = 0; i < 2; i++) {
			assertThat(pricer.cost("acme", "apart", usage,
					BillingDetails.PLAIN.withLongLivedCacheWrites(OptionalLong.empty()), NOW))
				.isNull();
		}
		assertThat(pricer.cost("acme", "alike", usage,
				BillingDetails.PLAIN.withLongLivedCacheWrites(OptionalLong.empty()), NOW))
			.isNotNull()
			.satisfies((cost) -> assertThat(cost.amount()).isEqualByComparingTo("0.00002"));
		assertThat(output).containsOnlyOnce("has a price by how long it is to live");
	}

	@Test
	void namesModelWithoutPriceOnce(CapturedOutput output) {
		TokenPricer pricer = new TokenPricer(List.of());
		for (int i = 0; i < 3; i++) {
			assertThat(pricer.cost("acme", "roadrunner", USAGE, BillingDetails.PLAIN, NOW)).isNull();
			assertThat(pricer.cost("acme", "coyote", USAGE, BillingDetails.PLAIN, NOW)).isNull();
			assertThat(pricer.cost("acme", "silent", TokenUsage.unreported(), BillingDetails.PLAIN, NOW)).isNull();
		}
		assertThat(output).containsOnlyOnce("No price is known for model 'roadrunner' of provider 'acme'")
			.containsOnlyOnce("No price is known for model 'coyote'")
			.contains("token-counter.pricing.models[acme/roadrunner].input")
			.doesNotContain("silent");
	}

	@Test
	void boundsWhatItRemembers(CapturedOutput output) {
		AtomicInteger lookups = new AtomicInteger();
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> {
			lookups.incrementAndGet();
			return List.of();
		}));
		for (int i = 0; i < 3000; i++) {
			pricer.cost("acme", "model-" + i, USAGE, BillingDetails.PLAIN, NOW);
		}
		assertThat(lookups).hasValue(3000);
		assertThat(output.getOut().lines().filter((line) -> line.contains("No price is known"))).hasSize(50)
			.last()
			.asString()
			.contains("Further ones are named at debug level");
	}

	@Test
	void survivesFaultOfCatalogueAndTriesAgain(CapturedOutput output) {
		List<RuntimeException> faults = new ArrayList<>(
				List.of(new IllegalStateException("first"), new IllegalStateException("second")));
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> {
			if (!faults.isEmpty()) {
				throw faults.remove(0);
			}
			return List.of(price("1"));
		}));
		assertThat(pricer.cost("acme", "a", USAGE, BillingDetails.PLAIN, NOW)).isNull();
		assertThat(pricer.cost("acme", "a", USAGE, BillingDetails.PLAIN, NOW)).isNull();
		assertThat(amount(pricer, "a")).isEqualByComparingTo("1");
		assertThat(output).contains("first").doesNotContain("second");
	}

	@Test
	void statesWhatIsFreeOfChargeInTheCurrencyOfTheApplication() {
		PriceCatalog catalog = (provider, model) -> List.of(price(model));
		TokenPricer pricer = new TokenPricer(List.of(catalog), "EUR");
		assertThat(pricer.cost("acme", "0", USAGE, BillingDetails.PLAIN, NOW))
			.isEqualTo(new TokenCost(BigDecimal.ZERO, "EUR"));
		assertThat(pricer.cost("acme", "1", USAGE, BillingDetails.PLAIN, NOW))
			.isEqualTo(new TokenCost(BigDecimal.ONE, "USD"));
		ModelPrice pounds = ModelPrice.of(price("0").rates(), "GBP");
		assertThat(new TokenPricer(List.of((PriceCatalog) (provider, model) -> List.of(pounds)), "EUR").cost("acme",
				"0", USAGE, BillingDetails.PLAIN, NOW))
			.isEqualTo(new TokenCost(BigDecimal.ZERO, "GBP"));
		assertThat(new TokenPricer(List.of(catalog)).cost("acme", "0", USAGE, BillingDetails.PLAIN, NOW))
			.isEqualTo(new TokenCost(BigDecimal.ZERO, "USD"));
	}

	@Test
	void isFreeOfChargeHoweverItIsServed() {
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> List.of(price("0"))));
		BillingDetails billing = BillingDetails.PLAIN.withServiceTier("flex")
			.withInferenceRegion("us")
			.withAudio(5, 0, OptionalLong.empty());
		assertThat(pricer.cost("acme", "a", USAGE, billing, NOW)).isEqualTo(new TokenCost(BigDecimal.ZERO, "USD"));
		assertThat(pricer.cost("acme", "a", USAGE, billing.withWebSearches(OptionalLong.of(1)), NOW)).isNull();
	}

	@Test
	void doesNotTakeThePriceOfOtherTokensInATierThatLeavesOutThatOfCachedOnes() {
		TokenRates plain = new TokenRates(new BigDecimal("2"), new BigDecimal("8"), new BigDecimal("0.2"),
				new BigDecimal("2.5"), null, new BigDecimal("9"));
		PriceVariant priority = new PriceVariant(null, TokenRates.of(new BigDecimal("4"), new BigDecimal("16")),
				new TreeMap<>());
		PriceVariants variants = new PriceVariants(Map.of("priority", priority), Map.of(), Map.of(), null);
		ModelPrice price = new ModelPrice(plain, "USD", null, null, new TreeMap<>(), variants);
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> List.of(price)));
		BillingDetails billing = BillingDetails.PLAIN.withServiceTier("priority");
		assertThat(pricer.cost("acme", "a", TokenUsage.of(1000, 10), billing, NOW))
			.isEqualTo(new TokenCost(new BigDecimal("0.00416"), "USD"));
		for (TokenUsage usage : List.of(new TokenUsage(1000, 10, 1, 0, 0, true),
				new TokenUsage(1000, 10, 0, 1, 0, true), new TokenUsage(1000, 10, 0, 0, 1, true))) {
			assertThat(pricer.cost("acme", "a", usage, BillingDetails.PLAIN, NOW)).isNotNull();
			assertThat(pricer.cost("acme", "a", usage, billing, NOW)).isNull();
		}
	}

	@Test
	void saysOnceWhyACallHasNoCost(CapturedOutput output) {
		TokenPricer pricer = new TokenPricer(List.of((PriceCatalog) (provider, model) -> List.of(price("1"))));
		for (int i = 0; i < 2; i++) {
			assertThat(pricer.cost("acme", "a", USAGE, BillingDetails.PLAIN.withServiceTier("flex"), NOW)).isNull();
			assertThat(pricer.cost("acme", "a", USAGE, BillingDetails.PLAIN.withSpeed("fast"), NOW)).isNull();
			assertThat(pricer.cost("acme", "a", USAGE, BillingDetails.PLAIN.withWebSearches(OptionalLong.of(2)), NOW))
				.isNull();
		}
		assertThat(output).containsOnlyOnce("No price is known for service tier 'flex' of model 'a' of provider 'acme'")
			.containsOnlyOnce("No price is known for speed 'fast' of model 'a'")
			.containsOnlyOnce("No price is known for web searches of model 'a'");
	}

	@Test
	void writesNamesAsOneLineOfSensibleLength(CapturedOutput output) {
		TokenPricer pricer = new TokenPricer(List.of());
		String name = "a\r\nWARN made up\u001b[31m" + "x".repeat(1_000_000);
		assertThat(pricer.cost("acme", name, USAGE, BillingDetails.PLAIN, NOW)).isNull();
		assertThat(output.getOut().lines()).anyMatch((line) -> line.contains("No price is known for model 'a\uFFFD"))
			.noneMatch((line) -> line.startsWith("WARN made up"))
			.allMatch((line) -> line.length() < 2000);
	}

	@Test
	void tellsTheDearestRatesThatMayApply() {
		TokenRates plain = new TokenRates(new BigDecimal("2"), new BigDecimal("8"), new BigDecimal("0.2"),
				new BigDecimal("2.5"), new BigDecimal("4"), new BigDecimal("9"), new BigDecimal("40"),
				new BigDecimal("80"), null);
		TokenRates longer = TokenRates.of(new BigDecimal("6"), new BigDecimal("10"));
		PriceVariants variants = new PriceVariants(Map.of("flex", PriceVariant.times(new BigDecimal("0.5"))), Map.of(),
				Map.of(), null);
		ModelPrice price = new ModelPrice(plain, "EUR", null, null, new TreeMap<>(Map.of(200_000L, longer)), variants);
		TokenPricer pricer = new TokenPricer(
				List.of((PriceCatalog) (provider, model) -> model.equals("a") ? List.of(price) : List.of()));
		BillingDetails plainCall = BillingDetails.PLAIN;
		assertThat(pricer.dearestRates("acme", "a", plainCall, 1000, NOW)).isEqualTo(rates("4", "9"));
		assertThat(pricer.dearestRates("acme", "a", plainCall, 200_001, NOW)).isEqualTo(rates("6", "10"));
		assertThat(pricer.dearestRates("acme", "a", plainCall.withServiceTier("flex"), 1000, NOW))
			.isEqualTo(rates("2", "4.5"));
		assertThat(pricer.dearestRates("acme", "a", plainCall.withAudio(1, 1, OptionalLong.empty()), 1000, NOW))
			.isEqualTo(rates("40", "80"));
		assertThat(pricer.dearestRates("acme", "a", plainCall.withServiceTier("priority"), 1000, NOW)).isNull();
		assertThat(pricer.dearestRates("acme", "b", plainCall, 1000, NOW)).isNull();
	}

	private static CallRates rates(String input, String output) {
		return new CallRates(new BigDecimal(input).stripTrailingZeros(), new BigDecimal(output).stripTrailingZeros(),
				"EUR");
	}

	private static BigDecimal amount(TokenPricer pricer, String model) {
		return pricer.cost("acme", model, USAGE, BillingDetails.PLAIN, NOW).amount();
	}

	private static ModelPrice price(String input) {
		return ModelPrice.of(TokenRates.of(new BigDecimal(input), BigDecimal.ZERO), "USD");
	}

}
