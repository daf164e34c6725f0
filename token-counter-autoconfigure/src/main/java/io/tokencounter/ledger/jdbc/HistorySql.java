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
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.tokencounter.TokenDimension;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.ledger.jdbc.Periods.Span;

/**
 * Statements of a query. Each span of time is a plain range of one table that is added up
 * for itself: a join with the spans, or one sum of them all, has PostgreSQL sort all rows
 * on the disk.
 */
final class HistorySql {

	private static final int SPANS_OF_STATEMENT = 50;

	private final LedgerTables tables;

	private final String groups;

	private final String conditions;

	private final List<String> values = new ArrayList<>();

	HistorySql(TokenHistoryQuery query, LedgerTables tables) {
		this.tables = tables;
		this.groups = Stream
			.concat(query.by().stream().map((dimension) -> "s." + column(dimension)).distinct().sorted(),
					Stream.of("s.currency"))
			.collect(Collectors.joining(", "));
		this.conditions = query.where()
			.entrySet()
			.stream()
			.map((entry) -> condition(entry.getKey(), entry.getValue(), "s." + column(entry.getKey()), this.values))
			.collect(Collectors.joining(" AND "));
	}

	/**
	 * Return the statements. Their columns are the period, those of the dimensions, the
	 * currency and the sums.
	 */
	List<Statement> statements(HistorySources sources) {
		List<String> spans = Stream.concat(
				sources.sums().stream().map((span) -> sum(span, "h.*", this.tables.hours() + " h", "h.started_hour")),
				sources.calls()
					.stream()
					.map((span) -> sum(span, HourSums.CALL_AS_SUM, this.tables.calls() + " c", "c.started_at")))
			.toList();
		List<Statement> statements = new ArrayList<>();
		for (int start = 0; start < spans.size(); start += SPANS_OF_STATEMENT) {
			List<String> part = spans.subList(start, Math.min(start + SPANS_OF_STATEMENT, spans.size()));
			List<String> parameters = part.stream().flatMap((span) -> this.values.stream()).toList();
			statements.add(new Statement(String.join(" UNION ALL ", part), parameters));
		}
		return statements;
	}

	private String sum(Span span, String columns, String table, String time) {
		String rows = "SELECT %s FROM %s WHERE %s >= %s AND %s < %s".formatted(columns, table, time,
				literal(span.start()), time, literal(span.end()));
		return "SELECT %d AS period, %s, %s FROM (%s) s%s GROUP BY %s".formatted(span.period(), this.groups,
				HourSums.ADDED_UP, rows, this.conditions.isEmpty() ? "" : " WHERE " + this.conditions, this.groups);
	}

	private static String literal(Instant time) {
		return "TIMESTAMP WITH TIME ZONE '%s+00:00'".formatted(time.toString().replace('T', ' ').replace("Z", ""));
	}

	static String column(TokenDimension dimension) {
		return dimension.isTag() ? "grouping_tags" : dimension.name();
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

	/**
	 * A statement.
	 *
	 * @param text the text
	 * @param parameters the parameters
	 */
	record Statement(String text, List<String> parameters) {

	}

}
