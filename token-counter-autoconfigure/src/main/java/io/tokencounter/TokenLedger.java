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
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * History of all counted calls, of all instances of the application and across their
 * restarts. It is a bean where {@code token-counter.ledger.enabled} is set.
 *
 * @since 0.1.0
 */
public interface TokenLedger {

	/**
	 * Add up calls.
	 * @param query which ones, and by what
	 * @return the sums, by time and then by the values that they were grouped by
	 * @throws IllegalArgumentException if there is no such tag among
	 * {@code token-counter.ledger.tags}, or if the query has too many periods
	 */
	List<TokenHistory> history(TokenHistoryQuery query);

	/**
	 * Return single calls, page by page.
	 * @param query which ones
	 * @return a page of calls
	 * @throws IllegalArgumentException if the query's page is not one of a page before
	 */
	Page calls(TokenCallQuery query);

	/**
	 * Return how this instance's part of the ledger is doing.
	 * @return what is known now
	 */
	Status status();

	/**
	 * Some of the calls.
	 *
	 * @param calls the calls
	 * @param next what to ask for to have the next page, {@code null} if this is the last
	 */
	record Page(List<TokenCall> calls, @Nullable String next) {

	}

	/**
	 * How an instance's part of the ledger is doing.
	 *
	 * @param spooled the number of calls that wait to be written to the database
	 * @param oldest since when the oldest of these waits, {@code null} if there is none
	 * @param written the number of calls that were written to the database since the
	 * start
	 * @param failed the number of calls since the start that could not be written, and
	 * were put aside or lost
	 * @param problems what is wrong now, if anything
	 */
	record Status(long spooled, @Nullable Instant oldest, long written, long failed, List<String> problems) {

	}

}
