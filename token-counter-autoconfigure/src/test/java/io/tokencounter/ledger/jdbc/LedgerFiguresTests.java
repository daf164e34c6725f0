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

package io.tokencounter.ledger.jdbc;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import com.sun.management.ThreadMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenHistoryQuery.Period;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.LedgerCounts;
import io.tokencounter.ledger.LedgerRecorder;
import io.tokencounter.ledger.LedgerRow;
import io.tokencounter.ledger.LedgerSettings;
import io.tokencounter.ledger.SpoolSync;
import io.tokencounter.testsupport.Conditions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Figures of the ledger, on PostgreSQL. They need a machine that does nothing else.
 */
@Tag("figures")
class LedgerFiguresTests {

	private static final System.Logger LOGGER = System.getLogger(LedgerFiguresTests.class.getName());

	private static final int SUSTAINED = 100_000;

	private static final Instant OCTOBER = Instant.parse("2026-10-01T00:00:00Z");

	@Test
	void monthOfMillionCallsIsAddedUpInTime() {
		DataSource dataSource = pool();
		LedgerTables tables = Databases.POSTGRESQL.tables(dataSource);
		JdbcClient client = JdbcClient.create(dataSource);
		client
			.sql("""
					INSERT INTO %s SELECT gen_random_uuid(), TIMESTAMP WITH TIME ZONE '2026-10-01 00:00:00+00'
						+ n * INTERVAL '2678' SECOND / 1000, 1, NULL, NULL, 'chat', 'openai', 'm', 'model-' || n %% 7, NULL,
						CASE n %% 50 WHEN 0 THEN 'error' ELSE 'success' END, false, 'feature-' || n %% 20,
						'{"tenant":"t' || n %% 100 || '"}', '{}', 100, 20, 0, 0, 0, true, 0.0001, 'USD', NULL, 'shop', 'host'
					FROM generate_series(0, 999999) n
					"""
				.formatted(tables.calls()))
			.update();
		client.sql("""
				INSERT INTO %s SELECT gen_random_uuid(), h FROM generate_series(
					TIMESTAMP WITH TIME ZONE '2026-10-01 00:00:00+00',
					TIMESTAMP WITH TIME ZONE '2026-10-31 23:00:00+00', INTERVAL '1' HOUR) h
				""".formatted(tables.changes())).update();
		JdbcLedgerStore store = new JdbcLedgerStore(dataSource, tables, List.of());
		Instant now = OCTOBER.plus(Duration.ofDays(40));
		long start = System.nanoTime();
		assertThat(store.addUpHours(now)).isEqualTo(744);
		report("744 hours of a million calls added up", start);
		client.sql("ANALYZE").update();
		JdbcTokenLedger ledger = new JdbcTokenLedger(dataSource, tables, List.of(), () -> new LedgerCounts().status());
		TokenHistoryQuery month = TokenHistoryQuery.between(OCTOBER, OCTOBER.plus(Duration.ofDays(31)));
		assertThat(inTime("a month by feature and model", ledger, month.by("feature", "model"), 200)).hasSize(140);
		assertThat(inTime("a month by feature and model, by days", ledger,
				month.by("feature", "model").every(Period.DAY, ZoneId.of("Europe/Berlin")), 400))
			.hasSize(32 * 140);
		assertThat(ledger.history(month).get(0).calls()).isEqualTo(1_000_000);
	}

	private static List<TokenHistory> inTime(String what, JdbcTokenLedger ledger, TokenHistoryQuery query,
			long maxMillis) {
		List<Long> nanos = new ArrayList<>();
		List<TokenHistory> history = List.of();
		for (int i = 0; i < 11; i++) {
			long start = System.nanoTime();
			history = ledger.history(query);
			nanos.add(System.nanoTime() - start);
		}
		Collections.sort(nanos);
		LOGGER.log(System.Logger.Level.INFO, "{0}: {1} ms (median of 11), {2} ms (the least)", what,
				nanos.get(5) / 1_000_000, nanos.get(0) / 1_000_000);
		assertThat(Duration.ofNanos(nanos.get(5))).isLessThan(Duration.ofMillis(maxMillis));
		return history;
	}

	@Test
	void callCostsItsCallerLittle(@TempDir Path folder) {
		DataSource dataSource = pool();
		LedgerTables tables = Databases.POSTGRESQL.tables(dataSource);
		LedgerCounts counts = new LedgerCounts();
		LedgerRecorder recorder = new LedgerRecorder(
				new LedgerSettings("figures", "host:1", folder, SpoolSync.INTERVAL, null),
				new JdbcLedgerStore(dataSource, tables, List.of()), counts);
		recorder.start();
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		List<Double> nanos = new ArrayList<>();
		List<Double> bytes = new ArrayList<>();
		for (int round = 0; round < 40; round++) {
			TokenCall[] calls = new TokenCall[2000];
			for (int i = 0; i < calls.length; i++) {
				calls[i] = LedgerCalls.of("figures", Instant.now());
			}
			long allocated = threads.getCurrentThreadAllocatedBytes();
			long start = System.nanoTime();
			for (TokenCall call : calls) {
				recorder.onCall(call);
			}
			nanos.add((System.nanoTime() - start) / (double) calls.length);
			bytes.add((threads.getCurrentThreadAllocatedBytes() - allocated) / (double) calls.length);
			LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
		}
		recorder.stop();
		recorder.destroy();
		Collections.sort(nanos);
		Collections.sort(bytes);
		LOGGER.log(System.Logger.Level.INFO, "A call costs its caller {0} ns and {1} bytes (medians)", nanos.get(20),
				bytes.get(20));
		assertThat(nanos.get(20)).isLessThan(1000);
		assertThat(bytes.get(20)).isLessThan(200);
	}

	/**
	 * On a server that has each commit on the disk.
	 */
	@Test
	void writesManyRowsASecond(@TempDir Path folder) throws Exception {
		try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("fsync", "on")
			.start(); HikariDataSource dataSource = pool(postgres.getPostgresDatabase())) {
			LedgerTables tables = Databases.POSTGRESQL.tables(dataSource);
			JdbcLedgerStore store = new JdbcLedgerStore(dataSource, tables, List.of());
			List<LedgerRow> rows = new ArrayList<>();
			for (int i = 0; i < 22_000; i++) {
				rows.addAll(LedgerCalls.rows(LedgerCalls.of("figures", Instant.now())));
			}
			long start = System.nanoTime();
			for (int i = 0; i < 2000; i++) {
				store.insert(rows.subList(i, i + 1));
			}
			double single = 2000 / seconds(start);
			start = System.nanoTime();
			for (int i = 2000; i < rows.size(); i += 500) {
				store.insert(rows.subList(i, i + 500));
			}
			double batches = 20_000 / seconds(start);
			double sustained = sustainedRows(store, folder);
			LOGGER.log(System.Logger.Level.INFO,
					"Rows a second: {0} in batches, {1} one by one, {2} from call to table over {3} calls", batches,
					single, sustained, SUSTAINED);
			assertThat(batches).isGreaterThan(3 * single);
			assertThat(sustained).isGreaterThan(3 * single);
		}
	}

	/**
	 * Return the rows a second while calls come in as fast as the ledger takes them.
	 */
	private static double sustainedRows(JdbcLedgerStore store, Path folder) {
		LedgerCounts counts = new LedgerCounts();
		LedgerRecorder recorder = new LedgerRecorder(
				new LedgerSettings("figures", "host:1", folder, SpoolSync.INTERVAL, null), store, counts);
		recorder.start();
		try {
			long start = System.nanoTime();
			for (int i = 0; i < SUSTAINED; i++) {
				recorder.onCall(LedgerCalls.of("figures", Instant.now()));
			}
			Conditions.await("all are written", Duration.ofMinutes(5), () -> counts.status().written() == SUSTAINED);
			return SUSTAINED / seconds(start);
		}
		finally {
			recorder.stop();
			recorder.destroy();
		}
	}

	private static DataSource pool() {
		return pool(Databases.POSTGRESQL.dataSource());
	}

	private static HikariDataSource pool(DataSource dataSource) {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(dataSource);
		return pool;
	}

	private static double seconds(long start) {
		return (System.nanoTime() - start) / 1e9;
	}

	private static void report(String what, long start) {
		LOGGER.log(System.Logger.Level.INFO, "{0} in {1} ms", what, (System.nanoTime() - start) / 1_000_000);
	}

}
