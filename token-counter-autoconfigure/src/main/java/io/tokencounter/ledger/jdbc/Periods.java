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
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

import io.tokencounter.TokenHistoryQuery;

/**
 * The periods of a query, divided into whole hours, for which there are sums, and what is
 * left at their edges.
 */
final class Periods {

	private static final int MAX = 10_000;

	private static final Instant MIN_TIME = Instant.parse("1970-01-01T00:00:00Z");

	static final Instant MAX_TIME = Instant.parse("9999-01-01T00:00:00Z");

	private final List<Instant> starts = new ArrayList<>();

	private final List<Span> wholeHours = new ArrayList<>();

	private final List<Span> edges = new ArrayList<>();

	Periods(TokenHistoryQuery query) {
		Instant to = clamp(query.to());
		for (Instant start = clamp(query.from()); start.isBefore(to);) {
			Instant end = end(start, query);
			add(start, end.isBefore(to) ? end : to);
			start = end;
		}
	}

	private static Instant clamp(Instant time) {
		Instant late = time.isBefore(MIN_TIME) ? MIN_TIME : time;
		return late.isAfter(MAX_TIME) ? MAX_TIME : late.truncatedTo(ChronoUnit.MICROS);
	}

	private static Instant end(Instant start, TokenHistoryQuery query) {
		if (query.every() == null) {
			return MAX_TIME;
		}
		ZonedDateTime time = start.atZone(query.zone());
		return switch (query.every()) {
			case HOUR -> time.truncatedTo(ChronoUnit.HOURS).plusHours(1).toInstant();
			case DAY -> time.toLocalDate().plusDays(1).atStartOfDay(query.zone()).toInstant();
			case MONTH -> time.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay(query.zone()).toInstant();
		};
	}

	private void add(Instant start, Instant end) {
		int number = this.starts.size();
		if (number == MAX) {
			throw new IllegalArgumentException("There are more than %d periods".formatted(MAX));
		}
		this.starts.add(start);
		Instant firstHour = JdbcLedgerStore.hour(start.plus(1, ChronoUnit.HOURS).minusNanos(1));
		Instant lastHour = JdbcLedgerStore.hour(end);
		if (firstHour.isBefore(lastHour)) {
			this.wholeHours.add(new Span(number, firstHour, lastHour));
			addEdge(number, start, firstHour);
			addEdge(number, lastHour, end);
		}
		else {
			addEdge(number, start, end);
		}
	}

	private void addEdge(int number, Instant start, Instant end) {
		if (start.isBefore(end)) {
			this.edges.add(new Span(number, start, end));
		}
	}

	Instant start(int number) {
		return this.starts.get(number);
	}

	List<Span> wholeHours() {
		return this.wholeHours;
	}

	List<Span> edges() {
		return this.edges;
	}

	/**
	 * Part of a period.
	 *
	 * @param period the number of the period
	 * @param start when it starts
	 * @param end when it ends
	 */
	record Span(int period, Instant start, Instant end) {

	}

}
