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

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.tokencounter.TokenCallQuery;
import io.tokencounter.TokenDimension;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenLedger;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * {@link TokenLedger} that asks the tables.
 *
 * @since 0.1.0
 */
public final class JdbcTokenLedger implements TokenLedger {

	static final String NO_TAG = "none";

	private static final Comparator<TokenHistory> ORDER = Comparator.comparing(TokenHistory::from)
		.thenComparing((history) -> String.join("\0", history.values().values()));

	private final LedgerDatabase database;

	private final JdbcClient client;

	private final LedgerTables tables;

	private final Set<String> groupingTags;

	private final Supplier<Status> status;

	/**
	 * Create a ledger.
	 * @param dataSource where the tables are
	 * @param tables their names
	 * @param groupingTags keys of the caller tags that hours are added up by
	 * @param status how this instance's part of the ledger is doing
	 */
	public JdbcTokenLedger(DataSource dataSource, LedgerTables tables, Collection<String> groupingTags,
			Supplier<Status> status) {
		this.database = new LedgerDatabase(dataSource);
		this.client = this.database.client();
		this.tables = tables;
		this.groupingTags = Set.copyOf(groupingTags);
		this.status = status;
	}

	@Override
	public List<TokenHistory> history(TokenHistoryQuery query) {
		Stream.concat(query.by().stream(), query.where().keySet().stream()).forEach(this::refuseUnknownTag);
		Periods periods = new Periods(query);
		Map<List<Object>, TokenHistory> sums = new LinkedHashMap<>();
		List<TokenHistory> parts = this.database.inSnapshot(true, () -> ask(query, periods));
		for (TokenHistory part : Objects.requireNonNullElse(parts, List.<TokenHistory>of())) {
			sums.merge(List.of(part.from(), part.values()), part, JdbcTokenLedger::add);
		}
		return sums.values().stream().sorted(ORDER).toList();
	}

	private List<TokenHistory> ask(TokenHistoryQuery query, Periods periods) {
		HistorySources sources = new HistorySources(periods, changedHours(periods), deletedBefore());
		return new HistorySql(query, this.tables).statements(sources)
			.stream()
			.flatMap((statement) -> this.client.sql(statement.text())
				.params(statement.parameters())
				.query((row, number) -> read(row, query, periods))
				.list()
				.stream())
			.toList();
	}

	private NavigableSet<Instant> changedHours(Periods periods) {
		List<Periods.Span> hours = periods.wholeHours();
		if (hours.isEmpty()) {
			return new TreeSet<>();
		}
		return new TreeSet<>(this.client
			.sql("SELECT DISTINCT started_hour FROM %s WHERE started_hour >= ? AND started_hour < ?"
				.formatted(this.tables.changes()))
			.param(CallColumns.timestamp(hours.get(0).start()))
			.param(CallColumns.timestamp(hours.get(hours.size() - 1).end()))
			.query((row, number) -> row.getObject(1, OffsetDateTime.class).toInstant())
			.list());
	}

	private Instant deletedBefore() {
		return this.client.sql("SELECT deleted_before FROM " + this.tables.ledger())
			.query((row, number) -> HourSums.deletedBefore(row))
			.single();
	}

	private void refuseUnknownTag(TokenDimension dimension) {
		if (dimension.isTag() && !this.groupingTags.contains(dimension.tagKey())) {
			throw new IllegalArgumentException("History has no tag '%s': 'token-counter.ledger.tags' has %s"
				.formatted(dimension.tagKey(), this.groupingTags));
		}
	}

	private static TokenHistory read(ResultSet row, TokenHistoryQuery query, Periods periods) throws SQLException {
		Map<String, String> values = new LinkedHashMap<>();
		for (TokenDimension dimension : query.by()) {
			String value = row.getString(HistorySql.column(dimension));
			values.put(dimension.name(),
					dimension.isTag() ? CallTags.read(value).getOrDefault(dimension.tagKey(), NO_TAG) : value);
		}
		String currency = row.getString("currency");
		int first = row.findColumn("currency") + 1;
		BigDecimal cost = row.getBigDecimal(first + 8);
		return new TokenHistory(periods.start(row.getInt("period")), values, number(row, first), number(row, first + 1),
				number(row, first + 2), number(row, first + 3), number(row, first + 4), number(row, first + 5),
				number(row, first + 6), number(row, first + 7), cost(currency, cost));
	}

	private static Map<String, BigDecimal> cost(@Nullable String currency, @Nullable BigDecimal cost) {
		return (currency != null && cost != null) ? Map.of(currency, CallColumns.plain(cost)) : Map.of();
	}

	private static long number(ResultSet row, int column) throws SQLException {
		BigDecimal number = row.getBigDecimal(column);
		return number.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
	}

	private static TokenHistory add(TokenHistory first, TokenHistory second) {
		Map<String, BigDecimal> cost = new LinkedHashMap<>(first.cost());
		second.cost()
			.forEach((currency, amount) -> cost.merge(currency, amount, (one, two) -> CallColumns.plain(one.add(two))));
		return new TokenHistory(first.from(), first.values(), add(first.calls(), second.calls()),
				add(first.unreportedCalls(), second.unreportedCalls()),
				add(first.unpricedCalls(), second.unpricedCalls()), add(first.input(), second.input()),
				add(first.output(), second.output()), add(first.cacheRead(), second.cacheRead()),
				add(first.cacheWrite(), second.cacheWrite()), add(first.reasoning(), second.reasoning()), cost);
	}

	private static long add(long first, long second) {
		long sum = first + second;
		return (sum < 0) ? Long.MAX_VALUE : sum;
	}

	@Override
	public Page calls(TokenCallQuery query) {
		List<Object> parameters = new ArrayList<>();
		CallPage page = CallPage.of(query);
		StringBuilder sql = new StringBuilder("SELECT * FROM ").append(this.tables.calls())
			.append(" c WHERE c.started_at >= ? AND c.started_at < ?");
		parameters.add(CallColumns.timestamp(limit(query.from())));
		parameters.add(CallColumns.timestamp(limit(query.to())));
		query.where()
			.forEach((dimension, value) -> sql.append(" AND ")
				.append(HistorySql.condition(dimension, value, callColumn(dimension), parameters)));
		sql.append(page.condition(parameters)).append(page.order()).append(" LIMIT ").append(query.size() + 1);
		return page.toPage(this.client.sql(sql.toString())
			.params(parameters)
			.query((row, number) -> CallColumns.read(row))
			.list());
	}

	private static Instant limit(Instant time) {
		Instant late = time.isBefore(HourSums.BEGINNING) ? HourSums.BEGINNING : time;
		return late.isAfter(Periods.MAX_TIME) ? Periods.MAX_TIME : late;
	}

	private static String callColumn(TokenDimension dimension) {
		if (dimension.isTag()) {
			return "c.tags";
		}
		return dimension.name().equals("model") ? "COALESCE(c.response_model, c.request_model, 'unknown')"
				: "c." + dimension.name();
	}

	@Override
	public Status status() {
		return this.status.get();
	}

}
