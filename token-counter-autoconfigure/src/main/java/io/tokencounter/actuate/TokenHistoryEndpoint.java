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

package io.tokencounter.actuate;

import java.util.List;
import java.util.Map;

import io.tokencounter.TokenLedger;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint @Endpoint} for the history of calls.
 *
 * @since 0.1.0
 */
@Endpoint(id = "tokenhistory")
public final class TokenHistoryEndpoint {

	private static final String CALLS = "calls";

	private final TokenLedger ledger;

	/**
	 * Create an endpoint.
	 * @param ledger whose history to show
	 */
	public TokenHistoryEndpoint(TokenLedger ledger) {
		this.ledger = ledger;
	}

	/**
	 * Return sums.
	 * @param from the start as a date or time of ISO 8601, {@code null} for a week before
	 * the end
	 * @param to the end, exclusive, {@code null} for now
	 * @param by what to group by
	 * @param every the length of the periods: {@code hour}, {@code day} or {@code month},
	 * {@code null} for one
	 * @param zone whose days they are, {@code null} for UTC
	 * @param where values that the calls must have, such as {@code feature=cv}: one text
	 * or a collection. As a list, Spring would divide a text at its commas.
	 * @return the sums
	 */
	@ReadOperation
	public Map<String, Object> history(@Nullable String from, @Nullable String to, @Nullable List<String> by,
			@Nullable String every, @Nullable String zone, @Nullable Object where) {
		HistoryRequest request = HistoryRequest.of(from, to, by, every, zone, where);
		return HistoryJson.write(request, HistoryRequest.ask(() -> this.ledger.history(request.query())));
	}

	/**
	 * Return single calls.
	 * @param what {@code calls}
	 * @param from the start as a date or time of ISO 8601, {@code null} for a week before
	 * the end
	 * @param to the end, exclusive, {@code null} for now
	 * @param zone whose days they are, {@code null} for UTC
	 * @param where values that the calls must have, such as {@code feature=cv}: one text
	 * or a collection. As a list, Spring would divide a text at its commas.
	 * @param order which come first, {@code latest} or {@code dearest}
	 * @param size the number of calls at the most
	 * @param page the {@code next} of the page before
	 * @return the calls, {@code null} for anything but calls
	 */
	@ReadOperation
	public @Nullable Map<String, Object> calls(@Selector String what, @Nullable String from, @Nullable String to,
			@Nullable String zone, @Nullable Object where, @Nullable String order, @Nullable Integer size,
			@Nullable String page) {
		if (!what.equals(CALLS)) {
			return null;
		}
		HistoryRequest request = HistoryRequest.of(from, to, null, null, zone, where);
		return HistoryJson.write(HistoryRequest.ask(() -> this.ledger.calls(request.callQuery(order, size, page))));
	}

	/**
	 * Return sums as CSV.
	 */
	String csv(HistoryRequest request) {
		return HistoryCsv.write(request, HistoryRequest.ask(() -> this.ledger.history(request.query())));
	}

	/**
	 * Return single calls as CSV.
	 */
	@Nullable String callsCsv(String what, HistoryRequest request, @Nullable String order, @Nullable Integer size,
			@Nullable String page) {
		return what.equals(CALLS)
				? HistoryCsv.write(HistoryRequest.ask(() -> this.ledger.calls(request.callQuery(order, size, page))))
				: null;
	}

}
