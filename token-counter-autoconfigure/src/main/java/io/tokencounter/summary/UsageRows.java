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

package io.tokencounter.summary;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

import io.tokencounter.TokenCall;
import io.tokencounter.UsageSummary.Totals;
import io.tokencounter.support.DistinctValues;
import org.jspecify.annotations.Nullable;

/**
 * Sums by a name: as many rows as there are places, and one for all others.
 *
 * @param <K> the type of the names
 */
final class UsageRows<K> {

	private final DistinctValues<K> places;

	private final @Nullable K none;

	private final Function<K, K> other;

	private final Map<K, RunningTotals> totals = new LinkedHashMap<>();

	/**
	 * Create sums without a row.
	 * @param max the number of places
	 * @param none the name of the row that needs no place, {@code null} if there is none
	 * @param other returns the name of the row for a name without a place
	 */
	UsageRows(int max, @Nullable K none, Function<K, K> other) {
		this.places = new DistinctValues<>(max);
		this.none = none;
		this.other = other;
	}

	void add(K name, TokenCall call) {
		row(name).add(call);
	}

	void add(K name, RunningTotals totals) {
		row(name).add(totals);
	}

	private RunningTotals row(K name) {
		RunningTotals known = this.totals.get(name);
		if (known != null) {
			return known;
		}
		K shown = (name.equals(this.none) || this.places.admit(name)) ? name : this.other.apply(name);
		return this.totals.computeIfAbsent(shown, (ignored) -> new RunningTotals());
	}

	/**
	 * Add all of these to other rows.
	 */
	void addTo(Map<K, RunningTotals> rows) {
		this.totals.forEach((name, sums) -> rows.computeIfAbsent(name, (ignored) -> new RunningTotals()).add(sums));
	}

	/**
	 * Take a row away, and free its place.
	 * @param name the name of the row
	 * @return its sums, zeros if there is no such row
	 */
	RunningTotals remove(K name) {
		RunningTotals removed = this.totals.remove(name);
		this.places.remove(name);
		return (removed != null) ? removed : new RunningTotals();
	}

	boolean contains(K name) {
		return this.places.contains(name);
	}

	/**
	 * Return the sums of all rows.
	 */
	Totals totals() {
		RunningTotals all = new RunningTotals();
		this.totals.values().forEach(all::add);
		return all.snapshot();
	}

	void clear() {
		this.places.clear();
		this.totals.clear();
	}

	<T> List<T> snapshot(BiFunction<K, Totals, T> toRow) {
		return snapshot(this.totals, toRow);
	}

	static <K, T> List<T> snapshot(Map<K, RunningTotals> rows, BiFunction<K, Totals, T> toRow) {
		return rows.entrySet()
			.stream()
			.map((entry) -> Map.entry(entry.getKey(), entry.getValue().snapshot()))
			.sorted(Comparator.comparingLong((Map.Entry<K, Totals> entry) -> entry.getValue().total()).reversed())
			.map((entry) -> toRow.apply(entry.getKey(), entry.getValue()))
			.toList();
	}

}
