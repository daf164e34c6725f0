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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Locale;
import java.util.UUID;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.ledger.LedgerRow;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a call.
 */
final class CallColumns {

	static final String NAMES = "id, started_at, duration, time_to_first_token, generation_time, operation, provider, "
			+ "request_model, response_model, response_id, outcome, streaming, feature, tags, grouping_tags, input, "
			+ "output, cache_read, cache_write, reasoning, reported, cost, currency, model_bean, application, instance";

	private CallColumns() {
	}

	/**
	 * Return the time as databases keep it, so that its hour is the same everywhere.
	 */
	static Instant startedAt(TokenCall call) {
		return call.startedAt().truncatedTo(ChronoUnit.MICROS);
	}

	static OffsetDateTime timestamp(Instant time) {
		return time.atOffset(ZoneOffset.UTC);
	}

	static void write(LedgerRow row, Collection<String> groupingTags, PreparedStatement statement) throws SQLException {
		TokenCall call = row.call();
		TokenUsage usage = call.usage();
		TokenCost cost = call.cost();
		Object[] values = { call.id(), timestamp(startedAt(call)), seconds(call.duration()),
				seconds(call.timeToFirstToken()), seconds(call.generationTime()), call.operation(), call.provider(),
				call.requestModel(), call.responseModel(), call.responseId(), call.outcome().value(), call.streaming(),
				call.feature(), CallTags.write(call.tags()), CallTags.write(call.tags(), groupingTags), usage.input(),
				usage.output(), usage.cacheRead(), usage.cacheWrite(), usage.reasoning(), usage.reported(),
				(cost != null) ? cost.amount() : null, (cost != null) ? cost.currency() : null, call.modelBean(),
				row.application(), row.instance() };
		for (int i = 0; i < values.length; i++) {
			if (values[i] != null) {
				statement.setObject(i + 1, values[i]);
			}
			else {
				statement.setNull(i + 1, (i == 3 || i == 4 || i == 21) ? Types.NUMERIC : Types.VARCHAR);
			}
		}
	}

	static TokenCall read(ResultSet row) throws SQLException {
		boolean reported = row.getBoolean("reported");
		BigDecimal cost = row.getBigDecimal("cost");
		return TokenCall.builder(row.getString("operation"), row.getString("provider"))
			.id(row.getObject("id", UUID.class))
			.requestModel(row.getString("request_model"))
			.responseModel(row.getString("response_model"))
			.responseId(row.getString("response_id"))
			.usage(reported ? usage(row) : TokenUsage.unreported())
			.cost((cost != null) ? new TokenCost(plain(cost), row.getString("currency")) : null)
			.outcome(CallOutcome.valueOf(row.getString("outcome").toUpperCase(Locale.ROOT)))
			.streaming(row.getBoolean("streaming"))
			.startedAt(row.getObject("started_at", OffsetDateTime.class).toInstant())
			.duration(duration(row.getBigDecimal("duration")))
			.timeToFirstToken(nullableDuration(row.getBigDecimal("time_to_first_token")))
			.generationTime(nullableDuration(row.getBigDecimal("generation_time")))
			.feature(row.getString("feature"))
			.tags(CallTags.read(row.getString("tags")))
			.modelBean(row.getString("model_bean"))
			.build();
	}

	private static TokenUsage usage(ResultSet row) throws SQLException {
		return new TokenUsage(row.getLong("input"), row.getLong("output"), row.getLong("cache_read"),
				row.getLong("cache_write"), row.getLong("reasoning"), true);
	}

	/**
	 * Return an amount without the zeros at its end that the column adds.
	 */
	static BigDecimal plain(BigDecimal amount) {
		BigDecimal stripped = amount.stripTrailingZeros();
		return (stripped.scale() < 0) ? stripped.setScale(0) : stripped;
	}

	private static @Nullable BigDecimal seconds(@Nullable Duration duration) {
		return (duration != null) ? BigDecimal.valueOf(duration.toNanos(), 9) : null;
	}

	private static @Nullable Duration nullableDuration(@Nullable BigDecimal seconds) {
		return (seconds != null) ? duration(seconds) : null;
	}

	private static Duration duration(BigDecimal seconds) {
		return Duration.ofNanos(seconds.movePointRight(9).longValue());
	}

}
