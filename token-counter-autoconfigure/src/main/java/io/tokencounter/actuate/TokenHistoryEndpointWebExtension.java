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

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.util.MimeType;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} of the {@link TokenHistoryEndpoint}
 * that also answers CSV, for {@code Accept: text/csv} or {@code format=csv}.
 *
 * @since 0.1.0
 */
@EndpointWebExtension(endpoint = TokenHistoryEndpoint.class)
public final class TokenHistoryEndpointWebExtension {

	private static final String CSV = "text/csv";

	private static final MimeType CSV_UTF_8 = MimeType.valueOf(CSV + ";charset=UTF-8");

	private final TokenHistoryEndpoint endpoint;

	/**
	 * Create an extension.
	 * @param endpoint the endpoint
	 */
	public TokenHistoryEndpointWebExtension(TokenHistoryEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * Return sums, as {@link TokenHistoryEndpoint#history} has them.
	 * @param from the start
	 * @param to the end
	 * @param by what to group by
	 * @param every the length of the periods
	 * @param zone whose days they are
	 * @param where values that the calls must have
	 * @param format {@code csv} or {@code json}
	 * @return the sums as JSON or CSV
	 */
	@ReadOperation
	public WebEndpointResponse<Object> history(@Nullable String from, @Nullable String to, @Nullable List<String> by,
			@Nullable String every, @Nullable String zone, @Nullable Object where, @Nullable String format) {
		if (HistoryRequest.isCsv(format)) {
			return csv(from, to, by, every, zone, where, format);
		}
		return new WebEndpointResponse<>(this.endpoint.history(from, to, by, every, zone, where));
	}

	/**
	 * Return sums as CSV.
	 * @param from the start
	 * @param to the end
	 * @param by what to group by
	 * @param every the length of the periods
	 * @param zone whose days they are
	 * @param where values that the calls must have
	 * @param format of no meaning here
	 * @return the sums
	 */
	@ReadOperation(produces = CSV)
	public WebEndpointResponse<Object> csv(@Nullable String from, @Nullable String to, @Nullable List<String> by,
			@Nullable String every, @Nullable String zone, @Nullable Object where, @Nullable String format) {
		return new WebEndpointResponse<>(this.endpoint.csv(HistoryRequest.of(from, to, by, every, zone, where)),
				CSV_UTF_8);
	}

	/**
	 * Return single calls, as {@link TokenHistoryEndpoint#calls} has them.
	 * @param what {@code calls}
	 * @param from the start
	 * @param to the end
	 * @param zone whose days they are
	 * @param where values that the calls must have
	 * @param order which come first
	 * @param size the number of calls at the most
	 * @param page the {@code next} of the page before
	 * @param format {@code csv} or {@code json}
	 * @return the calls as JSON or CSV, nothing found for anything but calls
	 */
	@ReadOperation
	public WebEndpointResponse<Object> calls(@Selector String what, @Nullable String from, @Nullable String to,
			@Nullable String zone, @Nullable Object where, @Nullable String order, @Nullable Integer size,
			@Nullable String page, @Nullable String format) {
		if (HistoryRequest.isCsv(format)) {
			return callsCsv(what, from, to, zone, where, order, size, page, format);
		}
		return found(this.endpoint.calls(what, from, to, zone, where, order, size, page), null);
	}

	/**
	 * Return single calls as CSV.
	 * @param what {@code calls}
	 * @param from the start
	 * @param to the end
	 * @param zone whose days they are
	 * @param where values that the calls must have
	 * @param order which come first
	 * @param size the number of calls at the most
	 * @param page the {@code next} of the page before
	 * @param format of no meaning here
	 * @return the calls, nothing found for anything but calls
	 */
	@ReadOperation(produces = CSV)
	public WebEndpointResponse<Object> callsCsv(@Selector String what, @Nullable String from, @Nullable String to,
			@Nullable String zone, @Nullable Object where, @Nullable String order, @Nullable Integer size,
			@Nullable String page, @Nullable String format) {
		HistoryRequest request = HistoryRequest.of(from, to, null, null, zone, where);
		return found(this.endpoint.callsCsv(what, request, order, size, page), CSV_UTF_8);
	}

	private static WebEndpointResponse<Object> found(@Nullable Object body, @Nullable MimeType type) {
		if (body == null) {
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		return (type != null) ? new WebEndpointResponse<>(body, type) : new WebEndpointResponse<>(body);
	}

}
