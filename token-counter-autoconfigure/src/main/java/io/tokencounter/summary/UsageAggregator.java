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

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiFunction;
import java.util.function.Function;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.UsageSummary;
import io.tokencounter.UsageSummary.FeatureTotals;
import io.tokencounter.UsageSummary.ModelTotals;
import org.jspecify.annotations.Nullable;

/**
 * Adds up calls. Memory is bounded: single calls are kept up to a number, and so are
 * models and features, beyond which sums go to {@value #OTHER}.
 * <p>
 * Calls may end on an event loop, which must not wait, and on many threads at once. So
 * each goes to a part of the sums that no other thread is at, and who asks for a summary
 * locks all parts, so that it is consistent and a reset loses no call.
 *
 * @since 0.1.0
 */
public final class UsageAggregator implements TokenCallListener {

	static final String OTHER = "other";

	private static final Comparator<TokenCall> BY_END = Comparator
		.comparing((call) -> call.startedAt().plus(call.duration()));

	private static final int MAX_PARTS = 16;

	private final @Nullable String name;

	private final int maxCalls;

	private final KeptKeys<UsagePart.Model> models;

	private final KeptKeys<String> features;

	private final AtomicReferenceArray<@Nullable UsagePart> parts = new AtomicReferenceArray<>(MAX_PARTS);

	// A power of two, and more than one only after threads have met
	private volatile int partsInUse = 1;

	// Calls that found all parts locked
	private final Queue<TokenCall> waiting = new ConcurrentLinkedQueue<>();

	private volatile Instant since = Instant.now();

	/**
	 * Create an aggregator.
	 * @param name the name of the session, {@code null} for the application's summary
	 * @param maxCalls the number of single calls to keep
	 * @param maxKeys the number of models and of features to keep apart
	 */
	public UsageAggregator(@Nullable String name, int maxCalls, int maxKeys) {
		this.name = name;
		this.maxCalls = maxCalls;
		this.models = new KeptKeys<>(maxKeys, new UsagePart.Model("", OTHER));
		this.features = new KeptKeys<>(maxKeys, OTHER);
	}

	@Override
	public void onCall(TokenCall call) {
		if (!tryAdd(call)) {
			this.waiting.add(call);
		}
		// Whoever has the part may have looked before, and looks again after
		addWaiting();
	}

	private boolean tryAdd(TokenCall call) {
		int inUse = this.partsInUse;
		int first = (int) Thread.currentThread().getId();
		for (int i = 0; i < inUse; i++) {
			if (part((first + i) & (inUse - 1)).tryAdd(call)) {
				return true;
			}
			if (i == 0 && inUse < MAX_PARTS) {
				this.partsInUse = 2 * inUse;
			}
		}
		return false;
	}

	private UsagePart part(int index) {
		UsagePart part = this.parts.get(index);
		if (part == null) {
			this.parts.compareAndSet(index, null, new UsagePart(this.maxCalls, this.models, this.features));
			part = this.parts.get(index);
		}
		return part;
	}

	private void addWaiting() {
		while (!this.waiting.isEmpty() && part(0).tryAddAll(this.waiting)) {
			// Another call may have come since
		}
	}

	/**
	 * Return the call that ended last.
	 * @return the call, {@code null} before the first one
	 */
	@Nullable TokenCall lastCall() {
		return withAllParts(
				(parts) -> parts.stream().map(UsagePart::lastCall).filter(Objects::nonNull).max(BY_END).orElse(null));
	}

	/**
	 * Return what was counted.
	 * @return a consistent snapshot
	 */
	public UsageSummary summary() {
		return withAllParts(this::snapshot);
	}

	/**
	 * Start anew.
	 * @return what was counted until then
	 */
	public UsageSummary reset() {
		return withAllParts((parts) -> {
			UsageSummary summary = snapshot(parts);
			this.since = Instant.now();
			this.models.clear();
			this.features.clear();
			parts.forEach(UsagePart::clear);
			return summary;
		});
	}

	private <T extends @Nullable Object> T withAllParts(Function<List<UsagePart>, T> task) {
		List<UsagePart> locked = new ArrayList<>(MAX_PARTS);
		try {
			for (int i = 0; i < MAX_PARTS; i++) {
				UsagePart part = (i == 0) ? part(0) : this.parts.get(i);
				// A part that is made meanwhile has none of the calls that ended before
				if (part != null) {
					part.lock();
					locked.add(part);
				}
			}
			part(0).tryAddAll(this.waiting);
			return task.apply(locked);
		}
		finally {
			locked.forEach(UsagePart::unlock);
			addWaiting();
		}
	}

	private UsageSummary snapshot(List<UsagePart> parts) {
		RunningTotals all = new RunningTotals();
		Map<UsagePart.Model, RunningTotals> ofModels = new HashMap<>();
		Map<String, RunningTotals> ofFeatures = new HashMap<>();
		parts.forEach((part) -> part.forEach((key, totals) -> {
			all.add(totals);
			ofModels.computeIfAbsent(key.model(), (ignored) -> new RunningTotals()).add(totals);
			ofFeatures.computeIfAbsent(key.feature(), (ignored) -> new RunningTotals()).add(totals);
		}));
		return new UsageSummary(this.name, this.since, all.snapshot(),
				snapshot(ofModels,
						(model, totals) -> new ModelTotals(model.provider(), model.name(), totals.snapshot()),
						ModelTotals::totals),
				snapshot(ofFeatures, (feature, totals) -> new FeatureTotals(feature, totals.snapshot()),
						FeatureTotals::totals),
				recentCalls(parts));
	}

	private List<TokenCall> recentCalls(List<UsagePart> parts) {
		List<TokenCall> calls = parts.stream().flatMap((part) -> part.recentCalls().stream()).sorted(BY_END).toList();
		return calls.subList(Math.max(0, calls.size() - this.maxCalls), calls.size());
	}

	private static <K, T> List<T> snapshot(Map<K, RunningTotals> all, BiFunction<K, RunningTotals, T> toEntry,
			Function<T, UsageSummary.Totals> toTotals) {
		return all.entrySet()
			.stream()
			.map((entry) -> toEntry.apply(entry.getKey(), entry.getValue()))
			.sorted(Comparator.comparingLong((T entry) -> toTotals.apply(entry).total()).reversed())
			.toList();
	}

}
