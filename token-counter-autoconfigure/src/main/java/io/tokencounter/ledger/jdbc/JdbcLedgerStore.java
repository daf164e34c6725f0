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

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The ledger's tables.
 *
 * @since 0.1.0
 */
public final class JdbcLedgerStore implements LedgerStore {

	private final LedgerDatabase database;

	private final JdbcClient client;

	private final LedgerTables tables;

	private final Set<String> groupingTags;

	private final HourSums sums;

	/**
	 * Create a store.
	 * @param dataSource where the tables are
	 * @param tables their names
	 * @param groupingTags keys of the caller tags that hours are added up by
	 */
	public JdbcLedgerStore(DataSource dataSource, LedgerTables tables, Collection<String> groupingTags) {
		this.database = new LedgerDatabase(dataSource);
		this.client = this.database.client();
		this.tables = tables;
		this.groupingTags = Set.copyOf(groupingTags);
		this.sums = new HourSums(this.client, tables);
	}

	@Override
	public void check() {
		this.database.dialect();
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

	@Override
	public void insert(List<LedgerRow> rows) {
		String calls = this.database.dialect().insert(this.tables.calls(), CallColumns.NAMES);
		String changes = "INSERT INTO %s (id, started_hour) VALUES (?, ?)".formatted(this.tables.changes());
		try {
			List<Object[]> hours = rows.stream()
				.map((row) -> hour(CallColumns.startedAt(row.call())))
				.distinct()
				.map((hour) -> new Object[] { TokenCall.nextId(), CallColumns.timestamp(hour) })
				.toList();
			this.database.insert(() -> {
				this.database.template()
					.batchUpdate(calls, rows, rows.size(),
							(statement, row) -> CallColumns.write(row, this.groupingTags, statement));
				this.database.template().batchUpdate(changes, hours);
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
			return Boolean.TRUE.equals(this.database.inSnapshot(false, () -> {
				Optional<Instant> lock = lock();
				return lock.isPresent() && work.run(lock.get());
			}));
		}
		catch (ConcurrencyFailureException ex) {
			// Another instance was faster
			return false;
		}
	}

	/**
	 * Lock the ledger, unless another instance has done so, and return the hour before
	 * which calls were deleted. The row is changed, too, so that whoever comes to the
	 * lock with an older snapshot fails, instead of working on rows of the past.
	 */
	private Optional<Instant> lock() {
		Optional<Instant> deletedBefore = this.client
			.sql("SELECT deleted_before FROM %s FOR UPDATE SKIP LOCKED".formatted(this.tables.ledger()))
			.query((row, number) -> HourSums.deletedBefore(row))
			.optional();
		if (deletedBefore.isPresent()) {
			this.client.sql("UPDATE %s SET turns = turns + 1".formatted(this.tables.ledger())).update();
		}
		return deletedBefore;
	}

	static Instant hour(Instant time) {
		return time.truncatedTo(ChronoUnit.HOURS);
	}

	@FunctionalInterface
	private interface Work {

		boolean run(Instant deletedBefore);

	}

}
