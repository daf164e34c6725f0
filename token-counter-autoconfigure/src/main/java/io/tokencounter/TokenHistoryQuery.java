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

package io.tokencounter;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Which calls of the ledger to add up, and by what.
 *
 * @param from the start, inclusive
 * @param to the end, exclusive
 * @param by what to group by, nothing for one sum
 * @param every the length of the periods, {@code null} for one from the start to the end
 * @param zone whose hours, days and months they are
 * @param where values that the calls must have
 * @since 0.1.0
 */
public record TokenHistoryQuery(Instant from, Instant to, List<TokenDimension> by, @Nullable Period every, ZoneId zone,
		Map<TokenDimension, String> where) {

	/**
	 * Create a query.
	 * @throws IllegalArgumentException if the end is before the start
	 */
	public TokenHistoryQuery {
		if (to.isBefore(from)) {
			throw new IllegalArgumentException("'to' must not be before 'from'");
		}
		by = by.stream().distinct().toList();
		where = Map.copyOf(where);
	}

	/**
	 * Return a query for one sum of all calls.
	 * @param from the start, inclusive
	 * @param to the end, exclusive
	 * @return the query
	 */
	public static TokenHistoryQuery between(Instant from, Instant to) {
		return new TokenHistoryQuery(from, to, List.of(), null, ZoneOffset.UTC, Map.of());
	}

	/**
	 * Return a query that groups.
	 * @param dimensions what to group by, such as {@code feature} or {@code tag:tenant}
	 * @return the query
	 */
	public TokenHistoryQuery by(String... dimensions) {
		List<TokenDimension> by = Stream.of(dimensions).map(TokenDimension::new).toList();
		return new TokenHistoryQuery(this.from, this.to, by, this.every, this.zone, this.where);
	}

	/**
	 * Return a query for one sum per period.
	 * @param every the length of the periods
	 * @param zone whose hours, days and months they are
	 * @return the query
	 */
	public TokenHistoryQuery every(Period every, ZoneId zone) {
		return new TokenHistoryQuery(this.from, this.to, this.by, every, zone, this.where);
	}

	/**
	 * Return a query for the calls that also have a value.
	 * @param dimension what the value is of, such as {@code feature} or
	 * {@code tag:tenant}
	 * @param value the value
	 * @return the query
	 */
	public TokenHistoryQuery where(String dimension, String value) {
		Map<TokenDimension, String> where = Stream
			.concat(this.where.entrySet().stream(), Stream.of(Map.entry(new TokenDimension(dimension), value)))
			.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (first, second) -> second));
		return new TokenHistoryQuery(this.from, this.to, this.by, this.every, this.zone, where);
	}

	/**
	 * Length of a period.
	 */
	public enum Period {

		/**
		 * An hour.
		 */
		HOUR,

		/**
		 * A day of the calendar.
		 */
		DAY,

		/**
		 * A month of the calendar.
		 */
		MONTH

	}

}
