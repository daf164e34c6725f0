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

package io.tokencounter.budget;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BudgetWindow}.
 */
class BudgetWindowTests {

	@ParameterizedTest
	@CsvSource({
			// unit, zone, time, key, end
			"MINUTE, UTC, 2026-11-25T14:07:59.999Z, 2026-11-25T14:07, 2026-11-25T14:08:00Z",
			"HOUR, UTC, 2026-11-25T14:07:00Z, 2026-11-25T14, 2026-11-25T15:00:00Z",
			"HOUR, Asia/Kolkata, 2026-11-25T14:07:00Z, 2026-11-25T19, 2026-11-25T14:30:00Z",
			"DAY, UTC, 2026-11-25T23:59:59.999999999Z, 2026-11-25, 2026-11-26T00:00:00Z",
			"DAY, UTC, 2026-11-26T00:00:00Z, 2026-11-26, 2026-11-27T00:00:00Z",
			"DAY, Asia/Seoul, 2026-11-25T15:00:00Z, 2026-11-26, 2026-11-26T15:00:00Z",
			"WEEK, UTC, 2026-11-25T12:00:00Z, 2026-W48, 2026-11-30T00:00:00Z",
			"WEEK, UTC, 2026-11-29T23:59:59Z, 2026-W48, 2026-11-30T00:00:00Z",
			"WEEK, UTC, 2026-11-30T00:00:00Z, 2026-W49, 2026-12-07T00:00:00Z",
			// The days around a new year belong to the week that has most of its days
			"WEEK, UTC, 2024-12-30T00:00:00Z, 2025-W01, 2025-01-06T00:00:00Z",
			"WEEK, UTC, 2027-01-03T23:00:00Z, 2026-W53, 2027-01-04T00:00:00Z",
			"MONTH, UTC, 2026-11-30T23:59:59Z, 2026-11, 2026-12-01T00:00:00Z",
			"MONTH, UTC, 2026-12-31T23:59:59Z, 2026-12, 2027-01-01T00:00:00Z",
			"MONTH, UTC, 2028-02-29T12:00:00Z, 2028-02, 2028-03-01T00:00:00Z",
			"MONTH, America/Sao_Paulo, 2026-12-01T02:59:59Z, 2026-11, 2026-12-01T03:00:00Z",
			// The clock is put forward at 2, and back at 3
			"DAY, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-29, 2026-03-29T22:00:00Z",
			"DAY, Europe/Berlin, 2026-10-25T12:00:00Z, 2026-10-25, 2026-10-25T23:00:00Z",
			"HOUR, Europe/Berlin, 2026-03-29T00:30:00Z, 2026-03-29T01, 2026-03-29T01:00:00Z",
			"HOUR, Europe/Berlin, 2026-03-29T01:00:00Z, 2026-03-29T03, 2026-03-29T02:00:00Z",
			"HOUR, Europe/Berlin, 2026-10-25T00:30:00Z, 2026-10-25T02+02:00, 2026-10-25T01:00:00Z",
			"HOUR, Europe/Berlin, 2026-10-25T01:30:00Z, 2026-10-25T02+01:00, 2026-10-25T02:00:00Z",
			"MINUTE, Europe/Berlin, 2026-10-25T00:59:30Z, 2026-10-25T02:59+02:00, 2026-10-25T01:00:00Z",
			// Midnight was skipped there, and shown twice
			"DAY, America/Sao_Paulo, 2018-11-04T02:59:59Z, 2018-11-03, 2018-11-04T03:00:00Z",
			"DAY, America/Sao_Paulo, 2018-11-04T03:00:00Z, 2018-11-04, 2018-11-05T02:00:00Z",
			"DAY, America/Sao_Paulo, 2018-02-18T02:30:00Z, 2018-02-17, 2018-02-18T03:00:00Z",
			// Half an hour
			"HOUR, Australia/Lord_Howe, 2026-04-04T14:45:00Z, 2026-04-05T01+11:00, 2026-04-04T15:00:00Z",
			"HOUR, Australia/Lord_Howe, 2026-04-04T15:15:00Z, 2026-04-05T01+10:30, 2026-04-04T15:30:00Z",
			"HOUR, Australia/Lord_Howe, 2026-10-03T15:30:00Z, 2026-10-04T02, 2026-10-03T16:00:00Z" })
	void isNamedByTheCalendarOfItsZone(BudgetWindow window, String zone, Instant time, String key, Instant end) {
		BudgetWindow.Span span = window.at(time, ZoneId.of(zone));
		assertThat(span.key()).isEqualTo(key);
		assertThat(span.end()).isEqualTo(end);
		assertThat(span.covers(time)).isTrue();
		assertThat(span.covers(end)).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "Europe/Berlin, 2026-03-29, 23", "Europe/Berlin, 2026-10-25, 25", "Europe/Berlin, 2026-11-25, 24",
			"America/Sao_Paulo, 2018-11-04, 23", "America/Sao_Paulo, 2018-02-17, 25",
			"America/Sao_Paulo, 2026-11-04, 24" })
	void aDayHasTheHoursThatItHas(String zone, LocalDate date, int hours) {
		ZoneId zoneId = ZoneId.of(zone);
		Instant start = date.atStartOfDay(zoneId).toInstant();
		BudgetWindow.Span span = BudgetWindow.DAY.at(start, zoneId);
		assertThat(span.key()).isEqualTo(date.toString());
		assertThat(Duration.between(start, span.end())).isEqualTo(Duration.ofHours(hours));
	}

	/**
	 * Windows follow each other without a gap, and none is named as one before.
	 */
	@ParameterizedTest
	@EnumSource(names = { "HOUR", "DAY", "WEEK", "MONTH" })
	void windowsFollowEachOther(BudgetWindow window) {
		for (String zone : new String[] { "UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe",
				"Asia/Kathmandu" }) {
			ZoneId zoneId = ZoneId.of(zone);
			Instant time = Objects.requireNonNull(window.at(Instant.parse("2018-01-01T00:00:00Z"), zoneId).end());
			String previous = window.at(time.minusNanos(1), zoneId).key();
			while (time.isBefore(Instant.parse("2019-12-31T00:00:00Z"))) {
				BudgetWindow.Span span = window.at(time, zoneId);
				Instant end = Objects.requireNonNull(span.end());
				assertThat(end).isAfter(time);
				assertThat(span.from()).as(zone + " " + span.key()).isEqualTo(time);
				assertThat(window.at(end.minusNanos(1), zoneId)).isEqualTo(span);
				assertThat(window.at(end, zoneId).key()).isNotEqualTo(span.key());
				assertThat(span.key()).isGreaterThanOrEqualTo(previous.substring(0, Math.min(7, previous.length())));
				previous = span.key();
				time = end;
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "1970-01-01T00:00:00Z", "2026-11-25T14:07:00Z" })
	void foreverHasNoEnd(Instant time) {
		BudgetWindow.Span span = BudgetWindow.FOREVER.at(time, ZoneOffset.UTC);
		assertThat(span.key()).isEqualTo("forever");
		assertThat(span.end()).isNull();
	}

	@Test
	void aWindowBeginsWhereTheOneBeforeEnds() {
		BudgetWindow.Span day = BudgetWindow.DAY.at(Instant.parse("2026-11-25T14:07:00Z"), ZoneId.of("Asia/Kathmandu"));
		assertThat(day.from()).isEqualTo("2026-11-24T18:15:00Z");
		assertThat(day.covers(day.from())).isTrue();
		assertThat(day.covers(day.from().minusNanos(1))).isFalse();
	}

}
