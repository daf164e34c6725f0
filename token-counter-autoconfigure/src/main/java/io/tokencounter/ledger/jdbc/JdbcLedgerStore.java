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

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import javax.sql.DataSource;

import io.tokencounter.TokenCall;
import io.tokencounter.ledger.LedgerRow;
import io.tokencounter.ledger.LedgerSetupException;
import io.tokencounter.ledger.LedgerStore;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The ledger's tables.
 *
 * @since 0.1.0
 */
public final class JdbcLedgerStore implements LedgerStore {

	private static final int TIMEOUT_SECONDS = 60;

	private final JdbcTemplate template;

	private final JdbcClient client;

	private final TransactionTemplate insertion;

	private final TransactionTemplate maintenance;

	private final LedgerTables tables;

	private final Set<String> groupingTags;

	private final HourSums sums;

	private volatile @Nullable LedgerDialect dialect;

	/**
	 * Create a store.
	 * @param dataSource where the tables are
	 * @param tables their names
	 * @param groupingTags keys of the caller tags that hours are added up by
	 */
	public JdbcLedgerStore(DataSource dataSource, LedgerTables tables, Collection<String> groupingTags) {
		this.template = new JdbcTemplate(dataSource);
		this.client = JdbcClient.create(this.template);
		this.tables = tables;
		this.groupingTags = Set.copyOf(groupingTags);
		this.sums = new HourSums(this.client, tables);
		this.insertion = transaction(dataSource, TransactionDefinition.ISOLATION_READ_COMMITTED);
		// So that all statements see the same rows
		this.maintenance = transaction(dataSource, TransactionDefinition.ISOLATION_REPEATABLE_READ);
	}

	private static TransactionTemplate transaction(DataSource dataSource, int isolation) {
		TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		transaction.setIsolationLevel(isolation);
		transaction.setTimeout(TIMEOUT_SECONDS);
		return transaction;
	}

	@Override
	public void check() {
		dialect();
		int version;
		try {
			version = this.client.sql("SELECT schema_version FROM " + this.tables.ledger())
				.query(Integer.class)
				.single();
		}
		catch (BadSqlGrammarException ex) {
			throw new LedgerSetupException("The ledger's table '%s' is missing".formatted(this.tables.ledger()),
					"Set 'token-counter.ledger.jdbc.initialize-schema' to 'always', or have the script "
							+ "'io/tokencounter/ledger/jdbc/schema-<platform>.sql' run by your own migrations.");
		}
		if (version != LedgerTables.VERSION) {
			throw new LedgerSetupException(
					"The ledger's tables are of version %d, and this is for version %d".formatted(version,
							LedgerTables.VERSION),
					(version > LedgerTables.VERSION)
							? "Upgrade token-counter, or set 'token-counter.ledger.jdbc.table-prefix' to have other tables."
							: "Upgrade the tables as the documentation of this version says.");
		}
	}

	private LedgerDialect dialect() {
		LedgerDialect dialect = this.dialect;
		if (dialect == null) {
			String product = this.template.execute(
					(ConnectionCallback<String>) (connection) -> connection.getMetaData().getDatabaseProductName());
			dialect = LedgerDialect.of(product);
			if (dialect == null) {
				throw new LedgerSetupException("The ledger cannot use %s".formatted(product),
						"Mark a DataSource of PostgreSQL or H2 with @TokenCounterDataSource.");
			}
			this.dialect = dialect;
		}
		return dialect;
	}

	@Override
	public void insert(List<LedgerRow> rows) {
		String calls = dialect().insert(this.tables.calls(), CallColumns.NAMES);
		String changes = "INSERT INTO %s (id, started_hour) VALUES (?, ?)".formatted(this.tables.changes());
		try {
			List<Object[]> hours = rows.stream()
				.map((row) -> hour(CallColumns.startedAt(row.call())))
				.distinct()
				.map((hour) -> new Object[] { TokenCall.nextId(), CallColumns.timestamp(hour) })
				.toList();
			this.insertion.executeWithoutResult((status) -> {
				this.template.batchUpdate(calls, rows, rows.size(),
						(statement, row) -> CallColumns.write(row, this.groupingTags, statement));
				this.template.batchUpdate(changes, hours);
			});
		}
		catch (DuplicateKeyException ex) {
			// Another instance inserts the same rows now
			throw ex;
		}
		catch (DataIntegrityViolationException | DateTimeException | ArithmeticException ex) {
			throw new RejectedRowsException(ex);
		}
	}

	@Override
	public int addUpHours(Instant now) {
		int hours = 0;
		while (alone((deletedBefore) -> addUpNextHour(now.minus(1, ChronoUnit.HOURS), deletedBefore))) {
			hours++;
		}
		return hours;
	}

	private boolean addUpNextHour(Instant before, Instant deletedBefore) {
		Optional<Instant> hour = this.sums.nextChanged(before);
		hour.ifPresent((changed) -> this.sums.addUp(changed, deletedBefore));
		return hour.isPresent();
	}

	@Override
	public long deleteCalls(Instant before, Duration limit) {
		Instant end = hour(before);
		long until = System.nanoTime() + limit.toNanos();
		long[] deleted = new long[1];
		while (System.nanoTime() - until < 0) {
			if (!alone((deletedBefore) -> deleteNextHour(end, deletedBefore, deleted))) {
				break;
			}
		}
		return deleted[0];
	}

	/**
	 * Delete the calls of a whole hour, so that every call that is found in a deleted
	 * hour later is one that has come late.
	 */
	private boolean deleteNextHour(Instant end, Instant deletedBefore, long[] deleted) {
		Optional<OffsetDateTime> first = this.client
			.sql("SELECT MIN(started_at) FROM %s WHERE started_at >= ? AND started_at < ?"
				.formatted(this.tables.calls()))
			.param(CallColumns.timestamp(deletedBefore))
			.param(CallColumns.timestamp(end))
			.query((row, number) -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class)))
			.single();
		if (first.isEmpty()) {
			return false;
		}
		Instant hour = hour(first.get().toInstant());
		if (this.sums.isChanged(hour)) {
			this.sums.addUp(hour, deletedBefore);
		}
		deleted[0] += this.sums.deleteCalls(hour);
		this.client.sql("UPDATE %s SET deleted_before = ?".formatted(this.tables.ledger()))
			.param(CallColumns.timestamp(hour.plus(1, ChronoUnit.HOURS)))
			.update();
		return true;
	}

	/**
	 * Do something in a transaction, unless another instance is at it.
	 */
	private boolean alone(Work work) {
		try {
			return Boolean.TRUE.equals(this.maintenance.execute((status) -> {
				List<Instant> lock = this.client
					.sql("SELECT deleted_before FROM %s FOR UPDATE SKIP LOCKED".formatted(this.tables.ledger()))
					.query((row, number) -> deletedBefore(row.getObject(1, OffsetDateTime.class)))
					.list();
				return !lock.isEmpty() && work.run(lock.get(0));
			}));
		}
		catch (ConcurrencyFailureException ex) {
			// Another instance was faster
			return false;
		}
	}

	private static Instant deletedBefore(@Nullable OffsetDateTime time) {
		return (time != null) ? time.toInstant() : HourSums.BEGINNING;
	}

	static Instant hour(Instant time) {
		return time.truncatedTo(ChronoUnit.HOURS);
	}

	@FunctionalInterface
	private interface Work {

		boolean run(Instant deletedBefore);

	}

}
