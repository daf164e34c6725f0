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

package io.tokencounter.budget;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenLedger;
import io.tokencounter.TokenUsage;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.jdbc.Databases;
import io.tokencounter.ledger.jdbc.JdbcLedgerStore;
import io.tokencounter.ledger.jdbc.JdbcTokenLedger;
import io.tokencounter.ledger.jdbc.LedgerTables;
import io.tokencounter.provider.ProviderCallReader;
import io.tokencounter.provider.TokenUsageReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LedgerSpending}, on a real database.
 */
class LedgerSpendingTests {

	private static final Instant NOW = Instant.parse("2026-11-25T12:30:00Z");

	private static final BudgetMatch ALL = BudgetMatch.ALL;

	private TokenLedger ledger;

	@BeforeEach
	void write() {
		DataSource dataSource = Databases.H2.dataSource();
		LedgerTables tables = Databases.H2.tables(dataSource);
		List<String> groupingTags = List.of("tenant");
		JdbcLedgerStore store = new JdbcLedgerStore(dataSource, tables, groupingTags);
		store.insert(LedgerCalls.rows(
				call("openai", "gpt-4o-mini", Duration.ofMinutes(20)).responseModel("gpt-4o-mini-2024-07-18")
					.feature("cv-extract")
					.tags(Map.of("tenant", "acme", "user", "ada"))
					.usage(TokenUsage.of(100, 20))
					.cost(cost("0.5", "USD"))
					.build(),
				call("ollama", "llama3.2", Duration.ofHours(2)).feature("search").usage(TokenUsage.of(10, 5)).build(),
				call("openai", "gpt-4o", Duration.ofDays(1)).feature("cv-rank")
					.tags(Map.of("tenant", "globex"))
					.usage(TokenUsage.of(7, 0))
					.cost(cost("2", "EUR"))
					.build(),
				call("openai", "gpt-4o-mini", Duration.ofHours(3)).tags(Map.of("tenant", "acme")).build(),
				call("openai", "gpt-4o-mini", Duration.ofHours(3)).tags(Map.of("tenant", "acme"))
					.outcome(CallOutcome.ERROR)
					.build(),
				call("openai", "gpt-4o-mini", Duration.ofHours(3)).tags(Map.of("tenant", "acme"))
					.outcome(CallOutcome.REJECTED)
					.build(),
				// Where a day begins in Kathmandu
				call("openai", "gpt-4o-mini", Duration.parse("PT18H15M")).tags(Map.of("tenant", "acme"))
					.usage(TokenUsage.of(1000, 0))
					.build(),
				call("openai", "gpt-4o-mini", Duration.parse("PT18H15M0.001S")).tags(Map.of("tenant", "acme"))
					.usage(TokenUsage.of(5000, 0))
					.build(),
				call("openai", "gpt-4o-mini", Duration.ofDays(40)).usage(TokenUsage.of(1, 1))
					.cost(cost("1", "USD"))
					.build()));
		store.addUpHours(NOW);
		this.ledger = new JdbcTokenLedger(dataSource, tables, groupingTags,
				() -> new TokenLedger.Status(0, null, 0, 0, List.of()));
	}

	private static TokenCall.Builder call(String provider, String model, Duration ago) {
		return TokenCall.builder("chat", provider).requestModel(model).startedAt(NOW.minus(ago));
	}

	private static TokenCost cost(String amount, String currency) {
		return new TokenCost(new BigDecimal(amount), currency);
	}

	@Test
	void windowsFollowTheCalendarOfTheirZone() {
		assertThat(spent(BudgetWindow.HOUR, null, ALL)).isEqualTo(all(500_000_000, 120, 1));
		assertThat(spent(BudgetWindow.DAY, null, ALL)).isEqualTo(all(500_000_000, 135, 3));
		assertThat(spent(BudgetWindow.WEEK, null, ALL)).isEqualTo(all(500_000_000, 6142, 6));
		assertThat(spent(BudgetWindow.MONTH, null, ALL)).isEqualTo(all(500_000_000, 6142, 6));
		assertThat(spent(BudgetWindow.FOREVER, null, ALL)).isEqualTo(all(1_500_000_000, 6144, 7));
		assertThat(spent(budget(BudgetWindow.DAY, ZoneId.of("Asia/Kathmandu"), "USD", null, ALL), NOW))
			.isEqualTo(all(500_000_000, 1135, 4));
	}

	@Test
	void runsAndMinutesBeginAnew() {
		assertThat(spent(BudgetWindow.RUN, null, ALL)).isEmpty();
		assertThat(spent(BudgetWindow.MINUTE, null, ALL)).isEmpty();
	}

	@Test
	void callsThatBeganLaterAreLeftOut() {
		Budget day = budget(BudgetWindow.DAY, ZoneOffset.UTC, "USD", null, ALL);
		assertThat(spent(day, NOW.minus(Duration.ofHours(1)))).isEqualTo(all(0, 15, 2));
		assertThat(spent(day, NOW.minus(Duration.ofDays(2)))).isEmpty();
	}

	@Test
	void moneyIsOfTheCurrencyOfTheBudget() {
		assertThat(spent(budget(BudgetWindow.MONTH, ZoneOffset.UTC, "EUR", null, ALL), NOW))
			.isEqualTo(all(2_000_000_000, 6142, 6));
	}

	@Test
	void eachSubjectHasItsOwn() {
		assertThat(spent(BudgetWindow.MONTH, "tenant", ALL)).isEqualTo(Map.of("acme", new Amounts(500_000_000, 6120, 4),
				"globex", new Amounts(0, 7, 1), "none", new Amounts(0, 15, 1)));
		assertThat(spent(BudgetWindow.MONTH, "provider", ALL))
			.isEqualTo(Map.of("openai", new Amounts(500_000_000, 6127, 5), "ollama", new Amounts(0, 15, 1)));
		assertThat(spent(BudgetWindow.DAY, "feature", ALL)).isEqualTo(Map.of("cv-extract",
				new Amounts(500_000_000, 120, 1), "search", new Amounts(0, 15, 1), "none", new Amounts(0, 0, 1)));
	}

	@Test
	void modelsAreThoseThatWereAskedFor() {
		assertThat(spent(BudgetWindow.DAY, "model", ALL))
			.isEqualTo(Map.of("gpt-4o-mini", new Amounts(500_000_000, 120, 2), "llama3.2", new Amounts(0, 15, 1)));
		assertThat(spent(BudgetWindow.DAY, null, match(List.of(), List.of("gpt-4o-mini"), Map.of())))
			.isEqualTo(all(500_000_000, 120, 2));
	}

	@Test
	void tagsThatHistoryDoesNotGroupByAreReadFromTheCalls() {
		assertThat(spent(BudgetWindow.DAY, "user", ALL))
			.isEqualTo(Map.of("ada", new Amounts(500_000_000, 120, 1), "none", new Amounts(0, 15, 2)));
	}

	@Test
	void onlyCallsThatTheBudgetIsForCount() {
		assertThat(spent(BudgetWindow.MONTH, null, match(List.of("cv-*"), List.of(), Map.of())))
			.isEqualTo(all(500_000_000, 127, 2));
		assertThat(spent(BudgetWindow.MONTH, null, match(List.of(), List.of(), Map.of("tenant", List.of("*")))))
			.isEqualTo(all(500_000_000, 6127, 5));
		assertThat(spent(BudgetWindow.MONTH, null,
				new BudgetMatch(List.of(), List.of(), List.of("ollama"), List.of("chat"), Map.of())))
			.isEqualTo(all(0, 15, 1));
		assertThat(spent(BudgetWindow.MONTH, null,
				new BudgetMatch(List.of(), List.of(), List.of(), List.of("embeddings"), Map.of())))
			.isEmpty();
	}

	private static BudgetMatch match(List<String> features, List<String> models, Map<String, List<String>> tags) {
		return new BudgetMatch(features, models, List.of(), List.of(), tags);
	}

	private Map<String, Amounts> spent(BudgetWindow window, @Nullable String per, BudgetMatch match) {
		return spent(budget(window, ZoneOffset.UTC, "USD", per, match), NOW);
	}

	private Map<String, Amounts> spent(Budget budget, Instant before) {
		BudgetedCalls calls = new BudgetedCalls(List.of(budget),
				new CallEstimator((model, reading, startedAt) -> null, null),
				new ProviderCallReader(new TokenUsageReader(List::of)), List.of());
		Map<String, Amounts> spent = new HashMap<>();
		new LedgerSpending(calls, this.ledger).charges(NOW, before)
			.forEach((charge) -> spent.put(String.valueOf(charge.key().subject()), charge.amounts()));
		return spent;
	}

	private static Budget budget(BudgetWindow window, ZoneId zone, String currency, @Nullable String per,
			BudgetMatch match) {
		return new Budget("b", new Amounts(1, 1, 1), currency, window, zone, per, match, Map.of(), true, 0.8, false);
	}

	private static Map<String, Amounts> all(long cost, long tokens, long calls) {
		return Map.of("null", new Amounts(cost, tokens, calls));
	}

}
