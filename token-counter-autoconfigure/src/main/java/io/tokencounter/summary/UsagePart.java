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

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

import io.tokencounter.TokenCall;
import org.jspecify.annotations.Nullable;

/**
 * A part of the calls and of their sums, which one thread at a time adds to.
 */
final class UsagePart {

	private final ReentrantLock lock = new ReentrantLock();

	private final int maxCalls;

	private final KeptKeys<Model> models;

	private final KeptKeys<String> features;

	private final Map<Key, RunningTotals> totals = new HashMap<>();

	private final Deque<TokenCall> recentCalls = new RecentCalls();

	// Calls of one kind often come one after the other

	private @Nullable Key lastKey;

	private RunningTotals lastTotals = new RunningTotals();

	/**
	 * Create a part.
	 * @param maxCalls the number of single calls to keep
	 * @param models the models to keep apart, in all parts
	 * @param features the features to keep apart, in all parts
	 */
	UsagePart(int maxCalls, KeptKeys<Model> models, KeptKeys<String> features) {
		// The last call is kept in any case
		this.maxCalls = Math.max(1, maxCalls);
		this.models = models;
		this.features = features;
	}

	/**
	 * Add a call, unless another thread has this part.
	 * @return whether the call was added
	 */
	boolean tryAdd(TokenCall call) {
		if (!this.lock.tryLock()) {
			return false;
		}
		try {
			add(call);
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Add all calls of a queue, unless another thread has this part.
	 * @return whether the calls were added
	 */
	boolean tryAddAll(Queue<TokenCall> calls) {
		if (!this.lock.tryLock()) {
			return false;
		}
		try {
			for (TokenCall call = calls.poll(); call != null; call = calls.poll()) {
				add(call);
			}
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void add(TokenCall call) {
		totals(call).add(call);
		this.recentCalls.addLast(call);
		if (this.recentCalls.size() > this.maxCalls) {
			this.recentCalls.removeFirst();
		}
	}

	private RunningTotals totals(TokenCall call) {
		Key last = this.lastKey;
		if (last != null && last.isOf(call)) {
			return this.lastTotals;
		}
		Key key = new Key(call.provider(), call.model(), call.feature());
		RunningTotals totals = this.totals.get(key);
		if (totals == null) {
			Model model = this.models.keep(new Model(call.provider(), call.model()));
			Key kept = new Key(model.provider(), model.name(), this.features.keep(call.feature()));
			totals = this.totals.computeIfAbsent(kept, (ignored) -> new RunningTotals());
		}
		this.lastKey = key;
		this.lastTotals = totals;
		return totals;
	}

	void lock() {
		this.lock.lock();
	}

	void unlock() {
		this.lock.unlock();
	}

	// The following are for who has the lock

	void forEach(BiConsumer<Key, RunningTotals> action) {
		this.totals.forEach(action);
	}

	Collection<TokenCall> recentCalls() {
		return this.recentCalls;
	}

	@Nullable TokenCall lastCall() {
		return this.recentCalls.peekLast();
	}

	void clear() {
		this.totals.clear();
		this.recentCalls.clear();
		this.lastKey = null;
	}

	/**
	 * The latest calls. Threads write to the ends of their own ones all the time, and
	 * objects as small as an {@code ArrayDeque} come to lie side by side, in one line of
	 * the processor's cache: without the padding, two threads are a third slower in one
	 * of four JVMs.
	 */
	@SuppressWarnings({ "serial", "unused" })
	private static final class RecentCalls extends ArrayDeque<TokenCall> {

		private long padding1;

		private long padding2;

		private long padding3;

		private long padding4;

		private long padding5;

		private long padding6;

		private long padding7;

	}

	/**
	 * A model of a provider.
	 *
	 * @param provider the name of the provider
	 * @param name the name of the model
	 */
	record Model(String provider, String name) {

	}

	/**
	 * What calls are added up by. There are as many as models and features meet.
	 *
	 * @param provider the name of the provider
	 * @param modelName the name of the model
	 * @param feature the name of the feature
	 */
	record Key(String provider, String modelName, String feature) {

		boolean isOf(TokenCall call) {
			return this.feature.equals(call.feature()) && this.modelName.equals(call.model())
					&& this.provider.equals(call.provider());
		}

		Model model() {
			return new Model(this.provider, this.modelName);
		}

	}

}
