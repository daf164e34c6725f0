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

package io.tokencounter.autoconfigure;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

import io.tokencounter.budget.Amounts;
import io.tokencounter.budget.Budget;
import io.tokencounter.budget.BudgetMatch;
import io.tokencounter.budget.BudgetWindow;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterBudgetProperties} and {@link BudgetDefinitions}.
 */
class TokenCounterBudgetPropertiesTests {

	@Test
	void hasTheDocumentedDefaults() {
		TokenCounterBudgetProperties properties = new TokenCounterBudgetProperties();
		assertThat(properties.getBudgets()).isEmpty();
		assertThat(properties.getBudgetStore().getType()).isEqualTo(TokenCounterBudgetProperties.Type.MEMORY);
		assertThat(properties.getBudgetStore().getOnUnavailable())
			.isEqualTo(TokenCounterBudgetProperties.OnUnavailable.ALLOW);
		assertThat(properties.getBudgetStore().getTimeout()).isEqualTo(Duration.ofMillis(200));
		assertThat(properties.getBudgetStore().getHoldTimeout()).isEqualTo(Duration.ofMinutes(10));
		assertThat(properties.getBudgetStore().getKeyPrefix()).isEqualTo("token-counter:");
		assertThat(properties.getBudgetResponses().isEnabled()).isTrue();
		assertThat(budgets(Map.of("budgets.all.max-cost", "12.5"))).containsExactly(new Budget("all",
				new Amounts(12_500_000_000L, -1, -1), "USD", BudgetWindow.MONTH, ZoneOffset.UTC, null,
				new BudgetMatch(List.of(), List.of(), List.of(), List.of(), Map.of()), Map.of(), true, 0.8, false));
	}

	@Test
	void bindsEachProperty() {
		Map<String, String> values = Map.ofEntries(Map.entry("budgets.cv.max-cost", "1"),
				Map.entry("budgets.cv.max-tokens", "2"), Map.entry("budgets.cv.max-calls", "3"),
				Map.entry("budgets.cv.currency", "EUR"), Map.entry("budgets.cv.window", "run"),
				Map.entry("budgets.cv.zone", "Europe/Berlin"), Map.entry("budgets.cv.per", "tenant"),
				Map.entry("budgets.cv.match.features", "cv-*,jd-*"), Map.entry("budgets.cv.match.models", "gpt-*"),
				Map.entry("budgets.cv.match.providers", "openai"), Map.entry("budgets.cv.match.operations", "chat"),
				Map.entry("budgets.cv.match.tags[user.id]", "a*"),
				Map.entry("budgets.cv.overrides[Acme Inc.].max-calls", "30"), Map.entry("budgets.cv.action", "observe"),
				Map.entry("budgets.cv.warn-at", "0.5"), Map.entry("budgets.cv.unpriced", "refuse"));
		assertThat(budgets(values)).containsExactly(new Budget("cv", new Amounts(1_000_000_000L, 2, 3), "EUR",
				BudgetWindow.RUN, ZoneId.of("Europe/Berlin"), "tenant",
				new BudgetMatch(List.of("cv-*", "jd-*"), List.of("gpt-*"), List.of("openai"), List.of("chat"),
						Map.of("user.id", List.of("a*"))),
				Map.of("Acme Inc.", new Amounts(1_000_000_000L, 2, 30)), false, 0.5, true));
	}

	@Test
	void moneyIsRoundedUpToTheNextNano() {
		assertThat(Amounts.nanos(new BigDecimal("0.0000000001"))).isOne();
		assertThat(Amounts.nanos(new BigDecimal("1e30"))).isEqualTo(Amounts.MAX);
		assertThat(Amounts.nanos(BigDecimal.ZERO)).isZero();
	}

	private static List<Budget> budgets(Map<String, String> values) {
		return BudgetDefinitions
			.of(new Binder(new MapConfigurationPropertySource(values)).bind("", TokenCounterBudgetProperties.class)
				.get());
	}

}
