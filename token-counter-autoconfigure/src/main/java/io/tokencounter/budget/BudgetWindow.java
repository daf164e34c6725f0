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

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

import org.jspecify.annotations.Nullable;

/**
 * How long a budget lasts. Windows follow the calendar of a time zone, and are named so
 * that a new one begins without anybody's doing.
 *
 * @since 0.1.0
 */
public enum BudgetWindow {

	/**
	 * One run of a tracked method, or one session.
	 */
	RUN,

	/**
	 * A minute, such as {@code 2026-11-25T14:07}.
	 */
	MINUTE,

	/**
	 * An hour, such as {@code 2026-11-25T14}. Where the clock is put back, each of the
	 * two hours has its offset in its name.
	 */
	HOUR,

	/**
	 * A day, such as {@code 2026-11-25}, of 23 to 25 hours.
	 */
	DAY,

	/**
	 * A week from Monday to Sunday, such as {@code 2026-W48} of ISO 8601.
	 */
	WEEK,

	/**
	 * A month, such as {@code 2026-11}.
	 */
	MONTH,

	/**
	 * All the time.
	 */
	FOREVER;

	private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm");

	private static final DateTimeFormatter HOURS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH");

	private static final DateTimeFormatter MONTHS = DateTimeFormatter.ofPattern("uuuu-MM");

	/**
	 * Return the window that a time belongs to.
	 * @param time the time
	 * @param zone the zone whose calendar to follow
	 * @return the window
	 */
	public Span at(Instant time, ZoneId zone) {
		ZonedDateTime local = time.atZone(zone);
		LocalDate date = local.toLocalDate();
		return switch (this) {
			case RUN -> new Span("run", Instant.MIN, null);
			case MINUTE -> clock(local, ChronoUnit.MINUTES, MINUTES);
			case HOUR -> clock(local, ChronoUnit.HOURS, HOURS);
			case DAY -> days(date.toString(), date, date.plusDays(1), zone);
			case WEEK -> week(date.minusDays(date.getDayOfWeek().getValue() - 1L), zone);
			case MONTH -> days(MONTHS.format(date), date.withDayOfMonth(1), date.withDayOfMonth(1).plusMonths(1), zone);
			case FOREVER -> new Span("forever", Instant.MIN, null);
		};
	}

	private static Span days(String key, LocalDate first, LocalDate next, ZoneId zone) {
		return new Span(key, first.atStartOfDay(zone).toInstant(), next.atStartOfDay(zone).toInstant());
	}

	private static Span week(LocalDate monday, ZoneId zone) {
		int week = monday.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
		String key = monday.get(IsoFields.WEEK_BASED_YEAR) + ((week < 10) ? "-W0" : "-W") + week;
		return days(key, monday, monday.plusWeeks(1), zone);
	}

	/**
	 * Hours and minutes that the clock shows twice are two windows.
	 */
	private static Span clock(ZonedDateTime time, ChronoUnit unit, DateTimeFormatter format) {
		ZoneRules rules = time.getZone().getRules();
		LocalDateTime from = time.toLocalDateTime().truncatedTo(unit);
		LocalDateTime to = from.plus(1, unit);
		boolean shownTwice = rules.getValidOffsets(from).size() > 1
				|| rules.getValidOffsets(to.minusNanos(1)).size() > 1;
		Instant start = ZonedDateTime.ofLocal(from, time.getZone(), time.getOffset()).toInstant();
		ZoneOffsetTransition previous = rules.previousTransition(time.toInstant().plusNanos(1));
		if (previous != null && previous.getInstant().isAfter(start)) {
			start = previous.getInstant();
		}
		Instant end = ZonedDateTime.ofLocal(to, time.getZone(), time.getOffset()).toInstant();
		ZoneOffsetTransition next = rules.nextTransition(time.toInstant());
		if (next != null && next.getInstant().isBefore(end)) {
			end = next.getInstant();
		}
		String key = format.format(from);
		return new Span(shownTwice ? key + time.getOffset() : key, start, end);
	}

	/**
	 * A window.
	 *
	 * @param key the name of the window
	 * @param from when it begins, {@link Instant#MIN} if it always was
	 * @param end when the next window begins, {@code null} if there is none
	 */
	public record Span(String key, Instant from, @Nullable Instant end) {

		boolean covers(Instant time) {
			return !time.isBefore(this.from) && (this.end == null || time.isBefore(this.end));
		}

	}

}
