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

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.tokencounter.TokenCallQuery;
import io.tokencounter.TokenDimension;
import io.tokencounter.TokenHistoryQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;

/**
 * What is asked for, once it was understood.
 *
 * @param query the query
 */
record HistoryRequest(TokenHistoryQuery query) {

	private static final Duration DEFAULT_RANGE = Duration.ofDays(7);

	private static final DateTimeFormatter TIME = DateTimeFormatter
		.ofPattern("yyyy-MM-dd['T'HH:mm[:ss[.SSSSSSSSS][.SSSSSS][.SSS]][XXX]]", Locale.ROOT);

	static HistoryRequest of(@Nullable String from, @Nullable String to, @Nullable List<String> by,
			@Nullable String every, @Nullable String zone, @Nullable Object where) {
		return ask(() -> {
			ZoneId zoneId = (zone != null) ? ZoneId.of(zone) : ZoneOffset.UTC;
			Instant end = (to != null) ? time(to, zoneId) : Instant.now();
			Instant start = (from != null) ? time(from, zoneId) : end.minus(DEFAULT_RANGE);
			List<TokenDimension> dimensions = Objects.requireNonNullElse(by, List.<String>of())
				.stream()
				.map(TokenDimension::new)
				.toList();
			TokenHistoryQuery.Period period = (every != null) ? constant(TokenHistoryQuery.Period.class, every) : null;
			return new HistoryRequest(new TokenHistoryQuery(start, end, dimensions, period, zoneId, conditions(where)));
		});
	}

	private static Instant time(String text, ZoneId zone) {
		// A plus that was not encoded arrives as a space
		TemporalAccessor time = TIME.parseBest(text.replace(' ', '+'), OffsetDateTime::from, LocalDateTime::from,
				LocalDate::from);
		if (time instanceof OffsetDateTime offset) {
			return offset.toInstant();
		}
		return (time instanceof LocalDateTime local) ? local.atZone(zone).toInstant()
				: ((LocalDate) time).atStartOfDay(zone).toInstant();
	}

	/**
	 * Return conditions.
	 * @param where what Actuator hands on: one text, or a list of them
	 */
	private static Map<TokenDimension, String> conditions(@Nullable Object where) {
		Map<TokenDimension, String> conditions = new LinkedHashMap<>();
		for (Object each : (where instanceof Collection<?> all) ? all : Stream.ofNullable(where).toList()) {
			String condition = each.toString();
			if (condition.isEmpty()) {
				continue;
			}
			int equals = condition.indexOf('=');
			if (equals < 0) {
				throw new IllegalArgumentException("'%s' is not of the form feature=value".formatted(condition));
			}
			conditions.put(new TokenDimension(condition.substring(0, equals)), condition.substring(equals + 1));
		}
		return conditions;
	}

	TokenCallQuery callQuery(@Nullable String order, @Nullable Integer size, @Nullable String page) {
		TokenCallQuery.Order which = (order != null) ? constant(TokenCallQuery.Order.class, order)
				: TokenCallQuery.Order.LATEST;
		return new TokenCallQuery(this.query.from(), this.query.to(), this.query.where(), which,
				Objects.requireNonNullElse(size, 100), page);
	}

	static boolean isCsv(@Nullable String format) {
		if (format != null && !format.equals("csv") && !format.equals("json")) {
			throw invalid("'%s' is no format: there are csv and json".formatted(format));
		}
		return "csv".equals(format);
	}

	private static <E extends Enum<E>> E constant(Class<E> type, String name) {
		for (E constant : type.getEnumConstants()) {
			if (constant.name().equalsIgnoreCase(name)) {
				return constant;
			}
		}
		throw new IllegalArgumentException("'%s' is none of %s".formatted(name,
				List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT)));
	}

	/**
	 * Have it said to the client what is wrong with its request.
	 */
	static <T> T ask(Supplier<T> question) {
		try {
			return question.get();
		}
		catch (IllegalArgumentException | DateTimeException ex) {
			throw invalid(Objects.requireNonNullElse(ex.getMessage(), "Invalid request"));
		}
	}

	private static InvalidEndpointRequestException invalid(String message) {
		return new InvalidEndpointRequestException(message, message);
	}

}
