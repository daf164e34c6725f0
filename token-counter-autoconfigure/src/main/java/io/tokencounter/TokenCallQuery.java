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
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Which single calls of the ledger to return.
 *
 * @param from the start, inclusive
 * @param to the end, exclusive
 * @param where values that the calls must have
 * @param order which come first
 * @param size the number of calls of a page at the most
 * @param page the page, as the one before it said, {@code null} for the first
 * @since 0.1.0
 */
public record TokenCallQuery(Instant from, Instant to, Map<TokenDimension, String> where, Order order, int size,
		@Nullable String page) {

	/**
	 * Number of calls of a page at the most.
	 */
	public static final int MAX_SIZE = 1000;

	/**
	 * Create a query.
	 * @throws IllegalArgumentException if the end is before the start, or the size is not
	 * from 1 to {@value #MAX_SIZE}
	 */
	public TokenCallQuery {
		if (to.isBefore(from)) {
			throw new IllegalArgumentException("'to' must not be before 'from'");
		}
		if (size < 1 || size > MAX_SIZE) {
			throw new IllegalArgumentException("'size' must be from 1 to " + MAX_SIZE);
		}
		where = Map.copyOf(where);
	}

	/**
	 * Return a query for the first page of all calls, the latest first.
	 * @param from the start, inclusive
	 * @param to the end, exclusive
	 * @return the query
	 */
	public static TokenCallQuery between(Instant from, Instant to) {
		return new TokenCallQuery(from, to, Map.of(), Order.LATEST, 100, null);
	}

	/**
	 * Return a query for the calls that also have a value.
	 * @param dimension what the value is of, such as {@code feature} or
	 * {@code tag:tenant}, which can be any caller tag here
	 * @param value the value
	 * @return the query
	 */
	public TokenCallQuery where(String dimension, String value) {
		Map<TokenDimension, String> where = Stream
			.concat(this.where.entrySet().stream(), Stream.of(Map.entry(new TokenDimension(dimension), value)))
			.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (first, second) -> second));
		return new TokenCallQuery(this.from, this.to, where, this.order, this.size, this.page);
	}

	/**
	 * Return a query in another order.
	 * @param order which calls come first
	 * @return the query
	 */
	public TokenCallQuery order(Order order) {
		return new TokenCallQuery(this.from, this.to, this.where, order, this.size, this.page);
	}

	/**
	 * Return a query for another page.
	 * @param size the number of calls at the most
	 * @param page the page, as the one before it said, {@code null} for the first
	 * @return the query
	 */
	public TokenCallQuery page(int size, @Nullable String page) {
		return new TokenCallQuery(this.from, this.to, this.where, this.order, size, page);
	}

	/**
	 * Which calls come first.
	 */
	public enum Order {

		/**
		 * The latest.
		 */
		LATEST,

		/**
		 * The dearest, whatever the currency. Calls without a known cost are left out.
		 */
		DEAREST

	}

}
