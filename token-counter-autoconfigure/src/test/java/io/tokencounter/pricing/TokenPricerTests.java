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
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
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
			assertThat(pricer.cost("acme", "apart", usage, BillingDetails.PLAIN.withLongLivedCacheWrites(OptionalLong.empty()), NOW)).isNull();
		}
		assertThat(pricer.cost("acme", "alike", usage, BillingDetails.PLAIN.withLongLivedCacheWrites(OptionalLong.empty()), NOW)).isNotNull()
			.satisfies((cost) -> assertThat(cost.amount()).isEqualByComparingTo("0.00002"));
		assertThat(output).containsOnlyOnce("has a price by how long it is to live")
			.doesNotContain("No price is known");
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
		assertThat(output.getOut().lines().filter((line) -> line.contains("No price is known"))).hasSize(1000);
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

	private static BigDecimal amount(TokenPricer pricer, String model) {
		return pricer.cost("acme", model, USAGE, BillingDetails.PLAIN, NOW).amount();
	}

	private static ModelPrice price(String input) {
		return ModelPrice.of(TokenRates.of(new BigDecimal(input), BigDecimal.ZERO), "USD");
	}

}
