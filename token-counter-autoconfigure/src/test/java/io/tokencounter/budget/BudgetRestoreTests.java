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

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallQuery;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenLedger;
import io.tokencounter.TokenUsage;
import io.tokencounter.budget.redis.BudgetScripts;
import io.tokencounter.budget.redis.RedisBudgetStore;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.jdbc.Databases;
import io.tokencounter.ledger.jdbc.JdbcLedgerStore;
import io.tokencounter.ledger.jdbc.JdbcTokenLedger;
import io.tokencounter.ledger.jdbc.LedgerTables;
import io.tokencounter.provider.ProviderCallReader;
import io.tokencounter.provider.TokenUsageReader;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalRedis;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.core.RedisCallback;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BudgetRestore}, on a real database and a real Redis.
 */
class BudgetRestoreTests {

	private static final Duration HOLD_TIMEOUT = Duration.ofMinutes(10);

	private static final Amounts LIMITS = new Amounts(Amounts.UNLIMITED, Amounts.UNLIMITED, 100);

	private static final BudgetKey KEY = new BudgetKey("b", null, "forever", null);

	private final Instant start = Instant.now();

	private final AtomicReference<Instant> now = new AtomicReference<>(this.start);

	private final AtomicReference<@Nullable Instant> oldest = new AtomicReference<>();

	private final DataSource dataSource = Databases.H2.dataSource();

	private final LedgerTables tables = Databases.H2.tables(this.dataSource);

	private final JdbcLedgerStore rows = new JdbcLedgerStore(this.dataSource, this.tables, List.of());

	private final TokenLedger ledger = new JdbcTokenLedger(this.dataSource, this.tables, List.of(),
			() -> new TokenLedger.Status(0, this.oldest.get(), 0, 0, List.of()));

	private final BudgetedCalls calls = new BudgetedCalls(
			List.of(new Budget("b", LIMITS, "USD", BudgetWindow.FOREVER, ZoneOffset.UTC, null, BudgetMatch.ALL,
					Map.of(), true, 0.8, false)),
			new CallEstimator((model, reading, startedAt) -> null, null),
			new ProviderCallReader(new TokenUsageReader(List::of)), List.of());

	@Test
	void memoryGoesOnFromWhatWasSpentBefore() {
		write(Duration.ofMinutes(-1), 3);
		MemoryBudgetStore store = new MemoryBudgetStore(HOLD_TIMEOUT, this.now::get);
		settle(store);
		write(Duration.ZERO, 1);
		BudgetRestore.Round restore = new MemoryRestore(store, new LedgerSpending(this.calls, this.ledger), this.ledger,
				this.now::get);
		assertThat(restore.isLast()).isFalse();
		assertThat(spent(store)).isEqualTo(4);
		// What an instance before has left on the disk
		this.oldest.set(this.start.minusSeconds(60));
		assertThat(restore.isLast()).isFalse();
		write(Duration.ofMinutes(-1), 2);
		this.oldest.set(null);
		assertThat(restore.isLast()).isFalse();
		assertThat(spent(store)).isEqualTo(6);
		settle(store);
		assertThat(restore.isLast()).isFalse();
		assertThat(restore.isLast()).isTrue();
		assertThat(spent(store)).isEqualTo(7);
	}

	@Test
	void aRedisThatLostItsDataIsRaisedAndNothingIsAddedTwice() {
		try (LocalRedis redis = new LocalRedis()) {
			write(Duration.ofHours(-1), 3);
			RedisBudgetStore store = new RedisBudgetStore(BudgetScripts.of(redis.reactive()), "test:",
					Duration.ofSeconds(10), HOLD_TIMEOUT);
			BudgetRestore.Round restore = shared(store);
			restore.isLast();
			assertThat(spent(store)).isEqualTo(3);
			// In the ledger, and still to be charged
			write(Duration.ofMinutes(-1), 1);
			forget(redis);
			restore.isLast();
			assertThat(spent(store)).isEqualTo(3);
			settle(store);
			restore.isLast();
			assertThat(spent(store)).isEqualTo(4);
			// In the ledger, and charged before
			forget(redis);
			restore.isLast();
			assertThat(spent(store)).isEqualTo(3);
			pass(Duration.ofMinutes(20));
			restore.isLast();
			assertThat(spent(store)).isEqualTo(4);
			restore.isLast();
			assertThat(spent(store)).isEqualTo(4);
		}
	}

	@Test
	void aRedisThatWasAwayIsRaisedToWhatWasChargedBefore() {
		try (LocalRedis redis = new LocalRedis()) {
			write(Duration.ofHours(-1), 3);
			RedisBudgetStore store = new RedisBudgetStore(BudgetScripts.of(redis.reactive()), "test:",
					Duration.ofMillis(500), HOLD_TIMEOUT);
			BudgetRestore.Round restore = shared(store);
			Conditions.await("raised", () -> spentIfKnown(restore, store) == 3);
			redis.stop();
			restore.isLast();
			pass(Duration.ofMinutes(30));
			// Was let through meanwhile, and waits to be charged
			write(Duration.ofMinutes(15), 1);
			redis.start();
			Conditions.await("raised again", () -> spentIfKnown(restore, store) == 3);
			settle(store);
			pass(Duration.ofMinutes(20));
			restore.isLast();
			assertThat(spent(store)).isEqualTo(4);
		}
	}

	@Test
	void aLedgerThatIsAwayIsAskedAgain() {
		write(Duration.ofMinutes(-1), 3);
		MemoryBudgetStore store = new MemoryBudgetStore(HOLD_TIMEOUT, this.now::get);
		FailingLedger failing = new FailingLedger(this.ledger);
		BudgetRestore restore = new BudgetRestore(this.calls, store, failing, HOLD_TIMEOUT, this.now::get,
				Duration.ofMillis(5));
		restore.start();
		Conditions.await("restored", () -> spent(store) == 3);
		assertThat(failing.asked).hasValueGreaterThan(3);
		assertThat(restore.isRunning()).isTrue();
		restore.stop();
		assertThat(restore.isRunning()).isFalse();
	}

	private BudgetRestore.Round shared(BudgetStore store) {
		return new SharedRestore(store, new LedgerSpending(this.calls, this.ledger), HOLD_TIMEOUT, this.now::get);
	}

	private void write(Duration fromStart, int count) {
		for (int i = 0; i < count; i++) {
			this.rows.insert(LedgerCalls.rows(TokenCall.builder("chat", "openai")
				.requestModel("gpt-4o")
				.usage(TokenUsage.of(1, 1))
				.startedAt(this.start.plus(fromStart))
				.build()));
		}
	}

	private void pass(Duration time) {
		this.now.set(this.now.get().plus(time));
	}

	private static void forget(LocalRedis redis) {
		redis.blocking().execute((RedisCallback<Object>) (connection) -> {
			connection.serverCommands().flushAll();
			return connection;
		});
	}

	private static void settle(BudgetStore store) {
		store.settle(TokenCall.nextId(), List.of(new BudgetCharge(KEY, new Amounts(0, 2, 1), LIMITS)));
	}

	private static long spentIfKnown(BudgetRestore.Round restore, BudgetStore store) {
		restore.isLast();
		try {
			return spent(store);
		}
		catch (BudgetStoreUnavailableException ex) {
			return -1;
		}
	}

	private static long spent(BudgetStore store) {
		return store.read(List.of(KEY)).get(0).spent().calls();
	}

	/**
	 * Fails three times.
	 */
	private static final class FailingLedger implements TokenLedger {

		private final TokenLedger ledger;

		private final AtomicInteger asked = new AtomicInteger();

		FailingLedger(TokenLedger ledger) {
			this.ledger = ledger;
		}

		@Override
		public List<TokenHistory> history(TokenHistoryQuery query) {
			if (this.asked.incrementAndGet() <= 3) {
				throw new IllegalStateException("The database is away");
			}
			return this.ledger.history(query);
		}

		@Override
		public Page calls(TokenCallQuery query) {
			return this.ledger.calls(query);
		}

		@Override
		public Status status() {
			return this.ledger.status();
		}

	}

}
