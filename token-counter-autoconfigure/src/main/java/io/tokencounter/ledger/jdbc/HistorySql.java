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

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.tokencounter.TokenDimension;
import io.tokencounter.TokenHistoryQuery;

/**
 * The one statement of a query, so that all of it sees the same rows. Hours that have not
 * changed since they were added up come from the sums, all else from the calls.
 */
final class HistorySql {

	private static final String SUM_COLUMNS = "h.feature, h.grouping_tags, h.provider, h.model, h.operation, h.outcome, "
			+ "h.currency, h.calls, h.unreported_calls, h.unpriced_calls, h.input, h.output, h.cache_read, "
			+ "h.cache_write, h.reasoning, h.cost";

	private final LedgerTables tables;

	private final List<String> parameters = new ArrayList<>();

	private final String groups;

	private final String text;

	HistorySql(TokenHistoryQuery query, Periods periods, LedgerTables tables) {
		this.tables = tables;
		this.groups = Stream
			.concat(Stream.of("s.period"),
					query.by().stream().map((dimension) -> "s." + column(dimension)).distinct().sorted())
			.collect(Collectors.joining(", ")) + ", s.currency";
		String rows = Stream.of(sums(periods), changedHours(periods), edges(periods))
			.filter((branch) -> !branch.isEmpty())
			.collect(Collectors.joining(" UNION ALL "));
		this.text = rows.isEmpty() ? "" : "SELECT %s, %s FROM (%s) s%s GROUP BY %s".formatted(this.groups,
				HourSums.ADDED_UP, rows, where(query.where()), this.groups);
	}

	/**
	 * Return the statement, nothing if there is nothing to ask for. Its columns are the
	 * period, those of the dimensions, the currency and the sums.
	 */
	String text() {
		return this.text;
	}

	List<String> parameters() {
		return this.parameters;
	}

	static String column(TokenDimension dimension) {
		return dimension.isTag() ? "grouping_tags" : dimension.name();
	}

	private String sums(Periods periods) {
		return periods.wholeHours().isEmpty() ? "" : """
				SELECT p.period, %s FROM %s JOIN %s h ON h.started_hour >= p.started AND h.started_hour < p.ended
				WHERE NOT EXISTS (SELECT 1 FROM %s d WHERE d.started_hour = h.started_hour)
					OR h.started_hour < (SELECT l.deleted_before FROM %s l)
				""".formatted(SUM_COLUMNS, values(periods.wholeHours()), this.tables.hours(), this.tables.changes(),
				this.tables.ledger());
	}

	private String changedHours(Periods periods) {
		return periods.wholeHours().isEmpty() ? "" : """
				SELECT p.period, %s FROM (SELECT DISTINCT started_hour FROM %s) d
				JOIN %s ON d.started_hour >= p.started AND d.started_hour < p.ended
				JOIN %s c ON c.started_at >= d.started_hour AND c.started_at < d.started_hour + INTERVAL '1' HOUR
				""".formatted(HourSums.CALL_AS_SUM, this.tables.changes(), values(periods.wholeHours()),
				this.tables.calls());
	}

	private String edges(Periods periods) {
		return periods.edges().isEmpty() ? "" : """
				SELECT p.period, %s FROM %s JOIN %s c ON c.started_at >= p.started AND c.started_at < p.ended
				""".formatted(HourSums.CALL_AS_SUM, values(periods.edges()), this.tables.calls());
	}

	private static String values(List<Periods.Span> spans) {
		return spans.stream()
			.map((span) -> "(%d, %s, %s)".formatted(span.period(), literal(span.start()), literal(span.end())))
			.collect(Collectors.joining(", ", "(VALUES ", ") AS p (period, started, ended)"));
	}

	private static String literal(Instant time) {
		return "TIMESTAMP WITH TIME ZONE '%s+00:00'".formatted(time.toString().replace('T', ' ').replace("Z", ""));
	}

	private String where(Map<TokenDimension, String> where) {
		String conditions = where.entrySet()
			.stream()
			.map((entry) -> condition(entry.getKey(), entry.getValue(), "s." + column(entry.getKey()), this.parameters))
			.collect(Collectors.joining(" AND "));
		return conditions.isEmpty() ? "" : " WHERE " + conditions;
	}

	/**
	 * Return a condition, and add its parameter.
	 */
	static String condition(TokenDimension dimension, String value, String column, List<? super String> parameters) {
		if (!dimension.isTag()) {
			parameters.add(value);
			return column + " = ?";
		}
		boolean absent = value.equals(JdbcTokenLedger.NO_TAG);
		String key = dimension.tagKey();
		parameters.add(absent ? CallTags.likeKey(key) : CallTags.likeTag(key, value));
		return column + (absent ? " NOT" : "") + " LIKE ? ESCAPE '!'";
	}

}
