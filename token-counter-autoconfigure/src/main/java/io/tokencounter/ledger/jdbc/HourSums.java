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

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Sums of hours. They are made anew from all calls of the hour, never incremented, so
 * that late calls and repeats do no harm. To be used in a transaction that is alone.
 */
final class HourSums {

	/**
	 * Before any call.
	 */
	static final Instant BEGINNING = Instant.parse("0001-01-01T00:00:00Z");

	/**
	 * A call as a row of the sums.
	 */
	static final String CALL_AS_SUM = "c.feature, c.grouping_tags, c.provider, "
			+ "COALESCE(c.response_model, c.request_model, 'unknown') AS model, c.operation, c.outcome, c.currency, "
			+ "1 AS calls, CASE WHEN c.reported THEN 0 ELSE 1 END AS unreported_calls, "
			+ "CASE WHEN c.reported AND c.cost IS NULL THEN 1 ELSE 0 END AS unpriced_calls, "
			+ "c.input, c.output, c.cache_read, c.cache_write, c.reasoning, c.cost";

	/**
	 * What is added up of a row of the sums.
	 */
	static final String ADDED_UP = "SUM(s.calls), SUM(s.unreported_calls), SUM(s.unpriced_calls), SUM(s.input), "
			+ "SUM(s.output), SUM(s.cache_read), SUM(s.cache_write), SUM(s.reasoning), SUM(s.cost)";

	private static final String DIMENSIONS = "feature, grouping_tags, provider, model, operation, outcome, currency";

	private final JdbcClient client;

	private final LedgerTables tables;

	HourSums(JdbcClient client, LedgerTables tables) {
		this.client = client;
		this.tables = tables;
	}

	/**
	 * Read the hour before which calls were deleted.
	 */
	static Instant deletedBefore(ResultSet row) throws SQLException {
		OffsetDateTime time = row.getObject("deleted_before", OffsetDateTime.class);
		return (time != null) ? time.toInstant() : BEGINNING;
	}

	/**
	 * Return the first hour that has changed since it was added up.
	 * @param before the latest hour to return
	 */
	Optional<Instant> nextChanged(Instant before) {
		return this.client
			.sql("SELECT MIN(started_hour) FROM %s WHERE started_hour <= ?".formatted(this.tables.changes()))
			.param(CallColumns.timestamp(before))
			.query((row, number) -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class)))
			.single()
			.map(OffsetDateTime::toInstant);
	}

	boolean isChanged(Instant hour) {
		return this.client.sql("SELECT COUNT(*) FROM %s WHERE started_hour = ?".formatted(this.tables.changes()))
			.param(CallColumns.timestamp(hour))
			.query(Long.class)
			.single() > 0;
	}

	/**
	 * Add up the calls of an hour. Of an hour whose calls have been deleted, those that
	 * have come late are added to what is there, and are deleted with it.
	 */
	void addUp(Instant hour, Instant deletedBefore) {
		OffsetDateTime started = CallColumns.timestamp(hour);
		boolean deleted = hour.isBefore(deletedBefore);
		this.client.sql("DELETE FROM %s WHERE started_hour = ?".formatted(this.tables.changes()))
			.param(started)
			.update();
		if (!deleted) {
			this.client.sql("DELETE FROM %s WHERE started_hour = ?".formatted(this.tables.hours()))
				.param(started)
				.update();
		}
		this.client
			.sql("""
					INSERT INTO %s (started_hour, %s, calls, unreported_calls, unpriced_calls, input, output,
						cache_read, cache_write, reasoning, cost)
					SELECT CAST(? AS TIMESTAMP(0) WITH TIME ZONE), %s, %s
					FROM (SELECT %s FROM %s c WHERE c.started_at >= ? AND c.started_at < ?) s
					GROUP BY %s
					""".formatted(this.tables.hours(), DIMENSIONS, DIMENSIONS, ADDED_UP, CALL_AS_SUM,
					this.tables.calls(), DIMENSIONS))
			.param(started)
			.param(started)
			.param(CallColumns.timestamp(hour.plus(1, ChronoUnit.HOURS)))
			.update();
		if (deleted) {
			deleteCalls(hour);
		}
	}

	int deleteCalls(Instant hour) {
		return this.client.sql("DELETE FROM %s WHERE started_at >= ? AND started_at < ?".formatted(this.tables.calls()))
			.param(CallColumns.timestamp(hour))
			.param(CallColumns.timestamp(hour.plus(1, ChronoUnit.HOURS)))
			.update();
	}

}
