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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.UsageSummary;
import io.tokencounter.UsageSummary.FeatureTotals;
import io.tokencounter.UsageSummary.TagTotals;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.ReservedNames;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Adds up calls. Memory is bounded: single calls are kept up to a number (and some until
 * they are added up), and so are models, features and values of caller tags, beyond which
 * sums go to {@value ReservedNames#OTHER}.
 * <p>
 * Calls may end on an event loop, which must not wait. So a call goes to a queue where
 * the lock is taken, and whoever has it takes what is in there, and adds it up when there
 * is enough of it; nobody waits for the lock but who asks for a summary, which has all
 * calls that were told of before.
 *
 * @since 0.1.0
 */
public final class UsageAggregator implements TokenCallListener {

	// Sums wander from one processor's cache to another's, once for so many calls
	private static final int BATCH = 32;

	// One for all sessions
	private static final FaultLog faults = new FaultLog(LogFactory.getLog(UsageAggregator.class));

	private final @Nullable String name;

	private final int maxCalls;

	private final Queue<TokenCall> waiting = new ConcurrentLinkedQueue<>();

	private final ReentrantLock lock = new ReentrantLock();

	// The following are for who has the lock

	private final Queue<TokenCall> taken = new ArrayDeque<>(BATCH);

	private final ModelRows models;

	private final UsageRows<String> features;

	private final Map<String, UsageRows<String>> tags = new LinkedHashMap<>();

	private final Deque<TokenCall> recentCalls = new ArrayDeque<>();

	private @Nullable TokenCall lastCall;

	private Instant since = Instant.now();

	/**
	 * Create an aggregator.
	 * @param name the name of the session, {@code null} for the application's summary
	 * @param maxCalls the number of single calls to keep
	 * @param maxRows the number of models, of features and of values of each caller tag
	 * to keep apart
	 * @param tags the keys of the caller tags to add up by
	 */
	public UsageAggregator(@Nullable String name, int maxCalls, int maxRows, List<String> tags) {
		this.name = name;
		this.maxCalls = maxCalls;
		this.models = new ModelRows(maxRows);
		this.features = rows(maxRows);
		tags.forEach((tag) -> this.tags.put(tag, rows(maxRows)));
	}

	private static UsageRows<String> rows(int max) {
		return new UsageRows<>(max, ReservedNames.NONE, (ignored) -> ReservedNames.OTHER);
	}

	@Override
	public void onCall(TokenCall call) {
		if (this.lock.tryLock()) {
			try {
				takeWaiting();
				take(call);
			}
			finally {
				this.lock.unlock();
			}
		}
		else {
			this.waiting.add(call);
		}
		tryAddWaiting();
	}

	private void tryAddWaiting() {
		// Whoever has the lock may have looked before, and looks again after
		while (!this.waiting.isEmpty() && this.lock.tryLock()) {
			try {
				takeWaiting();
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	private void takeWaiting() {
		for (TokenCall call = this.waiting.poll(); call != null; call = this.waiting.poll()) {
			take(call);
		}
	}

	private void take(TokenCall call) {
		this.taken.add(call);
		if (this.taken.size() >= BATCH) {
			addTaken();
		}
	}

	private void addTaken() {
		for (TokenCall call = this.taken.poll(); call != null; call = this.taken.poll()) {
			try {
				add(call);
			}
			catch (Throwable ex) {
				// Others are to be told of, and another call is not to hear of it
				faults.log("A call could not be added up", ex);
			}
		}
	}

	private void add(TokenCall call) {
		this.models.add(call);
		this.features.add(ReservedNames.shownFeature(call.feature()), call);
		for (Map.Entry<String, UsageRows<String>> tag : this.tags.entrySet()) {
			tag.getValue().add(valueOf(call, tag.getKey()), call);
		}
		this.lastCall = call;
		this.recentCalls.addLast(call);
		if (this.recentCalls.size() > this.maxCalls) {
			this.recentCalls.removeFirst();
		}
	}

	private static String valueOf(TokenCall call, String tag) {
		String value = call.tags().get(tag);
		return StringUtils.hasText(value) ? ReservedNames.shown(value) : ReservedNames.NONE;
	}

	/**
	 * Return the call that was counted last.
	 * @return the call, {@code null} before the first one
	 */
	@Nullable TokenCall lastCall() {
		return locked(() -> this.lastCall);
	}

	/**
	 * Return what was counted.
	 * @return a consistent snapshot
	 */
	public UsageSummary summary() {
		return locked(this::snapshot);
	}

	/**
	 * Start anew.
	 * @return what was counted until then
	 */
	public UsageSummary reset() {
		return locked(() -> {
			UsageSummary summary = snapshot();
			this.since = Instant.now();
			this.models.clear();
			this.features.clear();
			this.tags.values().forEach(UsageRows::clear);
			this.recentCalls.clear();
			this.lastCall = null;
			return summary;
		});
	}

	private <T extends @Nullable Object> T locked(Supplier<T> task) {
		this.lock.lock();
		try {
			takeWaiting();
			addTaken();
			return task.get();
		}
		finally {
			this.lock.unlock();
			tryAddWaiting();
		}
	}

	private UsageSummary snapshot() {
		Map<String, List<TagTotals>> ofTags = new LinkedHashMap<>();
		this.tags.forEach((tag, values) -> ofTags.put(tag, values.snapshot(TagTotals::new)));
		// Each call is in one row of the features
		return UsageSummary.builder(this.since, this.features.totals())
			.name(this.name)
			.models(this.models.snapshot())
			.features(this.features.snapshot(FeatureTotals::new))
			.tags(ofTags)
			.recentCalls(List.copyOf(this.recentCalls))
			.build();
	}

}
