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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;

import io.tokencounter.ledger.jdbc.Periods.Span;

/**
 * What to take from where. Hours that have not changed since they were added up come from
 * the sums, all else from the calls.
 */
final class HistorySources {

	private final List<Span> sums = new ArrayList<>();

	private final List<Span> calls = new ArrayList<>();

	/**
	 * Create sources.
	 * @param periods the periods that are asked for
	 * @param changed hours that have changed since they were added up
	 * @param deletedBefore the hour before which sums stand for calls that were deleted
	 */
	HistorySources(Periods periods, NavigableSet<Instant> changed, Instant deletedBefore) {
		for (Span span : periods.wholeHours()) {
			Instant start = span.start();
			for (Instant hour : changed.subSet(span.start(), span.end())) {
				Instant end = hour.plus(1, ChronoUnit.HOURS);
				add(this.calls, new Span(span.period(), hour, end));
				// The calls of a deleted hour have come late, and are not in its sums
				if (!hour.isBefore(deletedBefore)) {
					add(this.sums, new Span(span.period(), start, hour));
					start = end;
				}
			}
			add(this.sums, new Span(span.period(), start, span.end()));
		}
		this.calls.addAll(periods.edges());
	}

	private static void add(List<Span> spans, Span span) {
		int last = spans.size() - 1;
		if (last >= 0 && spans.get(last).period() == span.period() && spans.get(last).end().equals(span.start())) {
			spans.set(last, new Span(span.period(), spans.get(last).start(), span.end()));
		}
		else if (span.start().isBefore(span.end())) {
			spans.add(span);
		}
	}

	List<Span> sums() {
		return this.sums;
	}

	List<Span> calls() {
		return this.calls;
	}

}
