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

package io.tokencounter.session;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
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
 *
 * @since 0.1.0
 */
public final class UsageAggregator implements TokenCallListener {

	static final String OTHER = "other";

	private static final Model OTHER_MODEL = new Model("", OTHER);

	private final @Nullable String name;

	private final int maxCalls;

	private final int maxKeys;

	// One lock, so that a snapshot is consistent and a reset loses no call
	private final ReentrantLock lock = new ReentrantLock();

	// A call may end on an event loop, which must not wait for the lock
	private final Queue<TokenCall> ended = new ConcurrentLinkedQueue<>();

	private Instant since = Instant.now();

	private final Map<Model, RunningTotals> models = new HashMap<>();

	private final Map<String, RunningTotals> features = new HashMap<>();

	private final Deque<TokenCall> recentCalls = new ArrayDeque<>();

	private @Nullable TokenCall lastCall;

	/**
	 * Create an aggregator.
	 * @param name the name of the session, {@code null} for the application's summary
	 * @param maxCalls the number of single calls to keep
	 * @param maxKeys the number of models and of features to keep apart
	 */
	public UsageAggregator(@Nullable String name, int maxCalls, int maxKeys) {
		this.name = name;
		this.maxCalls = maxCalls;
		this.maxKeys = maxKeys;
	}

	@Override
	public void onCall(TokenCall call) {
		this.ended.add(call);
		// Whoever has the lock may have looked before, and looks again after
		while (!this.ended.isEmpty() && this.lock.tryLock()) {
			try {
				addEnded();
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	private void addEnded() {
		for (TokenCall call = this.ended.poll(); call != null; call = this.ended.poll()) {
			add(call);
		}
	}

	private void add(TokenCall call) {
		totals(this.models, new Model(call.provider(), call.model()), OTHER_MODEL).add(call);
		totals(this.features, call.feature(), OTHER).add(call);
		this.lastCall = call;
		this.recentCalls.addLast(call);
		if (this.recentCalls.size() > this.maxCalls) {
			this.recentCalls.removeFirst();
		}
	}

	private <K> RunningTotals totals(Map<K, RunningTotals> all, K key, K other) {
		RunningTotals totals = all.get(key);
		if (totals == null) {
			totals = all.computeIfAbsent((all.size() < this.maxKeys) ? key : other, (ignored) -> new RunningTotals());
		}
		return totals;
	}

	/**
	 * Return the call that ended last.
	 * @return the call, {@code null} before the first one
	 */
	@Nullable TokenCall lastCall() {
		this.lock.lock();
		try {
			addEnded();
			return this.lastCall;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return what was counted.
	 * @return a consistent snapshot
	 */
	public UsageSummary summary() {
		this.lock.lock();
		try {
			addEnded();
			return snapshot();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Start anew.
	 * @return what was counted until then
	 */
	public UsageSummary reset() {
		this.lock.lock();
		try {
			addEnded();
			UsageSummary summary = snapshot();
			this.since = Instant.now();
			this.models.clear();
			this.features.clear();
			this.recentCalls.clear();
			this.lastCall = null;
			return summary;
		}
		finally {
			this.lock.unlock();
		}
	}

	private UsageSummary snapshot() {
		RunningTotals all = new RunningTotals();
		this.models.values().forEach(all::add);
		return new UsageSummary(this.name, this.since, all.snapshot(),
				snapshot(this.models,
						(model, totals) -> new ModelTotals(model.provider(), model.name(), totals.snapshot()),
						ModelTotals::totals),
				snapshot(this.features, (feature, totals) -> new FeatureTotals(feature, totals.snapshot()),
						FeatureTotals::totals),
				List.copyOf(this.recentCalls));
	}

	private static <K, T> List<T> snapshot(Map<K, RunningTotals> all, BiFunction<K, RunningTotals, T> toEntry,
			Function<T, UsageSummary.Totals> toTotals) {
		return all.entrySet()
			.stream()
			.map((entry) -> toEntry.apply(entry.getKey(), entry.getValue()))
			.sorted(Comparator.comparingLong((T entry) -> toTotals.apply(entry).total()).reversed())
			.toList();
	}

	private record Model(String provider, String name) {

	}

}
