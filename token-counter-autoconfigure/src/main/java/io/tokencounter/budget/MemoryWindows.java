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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The windows in memory. To be used under a lock.
 */
final class MemoryWindows {

	static final String OTHER = "other";

	private static final Log logger = LogFactory.getLog(MemoryWindows.class);

	// A call may end after its window, and nobody says when a run has ended
	private static final Duration KEEP = Duration.ofDays(1);

	private static final int MAX_WINDOWS = 100_000;

	private final Map<BudgetKey, Window> windows = new HashMap<>();

	private boolean warned;

	/**
	 * Return a window. Subjects come from users: of too many, further ones share a
	 * budget.
	 */
	Window of(BudgetKey key) {
		Window window = this.windows.get(key);
		if (window == null) {
			boolean full = this.windows.size() >= MAX_WINDOWS && key.subject() != null && !OTHER.equals(key.subject());
			if (full) {
				warn();
				return of(new BudgetKey(key.budget(), OTHER, key.window(), key.end()));
			}
			window = new Window();
			this.windows.put(key, window);
		}
		return window;
	}

	private void warn() {
		if (!this.warned) {
			this.warned = true;
			logger.warn("There are " + MAX_WINDOWS
					+ " budgets in memory. Those of further subjects share the budget of '" + OTHER + "'.");
		}
	}

	BudgetWindowState stateOf(BudgetKey key) {
		Window window = this.windows.get(key);
		return (window != null) ? window.state() : BudgetWindowState.EMPTY;
	}

	List<String> nearest(String budget, String window, int count) {
		return this.windows.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().budget().equals(budget) && entry.getKey().window().equals(window)
					&& entry.getKey().subject() != null && entry.getValue().share > 0)
			.sorted(Comparator.comparingDouble((entry) -> -entry.getValue().share))
			.limit(count)
			.map((entry) -> Objects.requireNonNull(entry.getKey().subject()))
			.toList();
	}

	void removeEnded(Instant now) {
		this.windows.entrySet().removeIf((entry) -> {
			Instant end = entry.getKey().end();
			if (end == null && !isRun(entry.getKey())) {
				return false;
			}
			if (end == null) {
				end = entry.getValue().touched(now);
			}
			return end.plus(KEEP).isBefore(now);
		});
	}

	private static boolean isRun(BudgetKey key) {
		return key.window().startsWith(Budget.RUN_PREFIX);
	}

	/**
	 * A window.
	 */
	static final class Window {

		private Amounts spent = Amounts.NONE;

		private Amounts held = Amounts.NONE;

		private Amounts unresolved = Amounts.NONE;

		// The part of what is spent that was spent before the store was made
		private Amounts carriedOver = Amounts.NONE;

		long refused;

		private double share;

		private boolean untouched;

		private Instant touchedAt = Instant.MIN;

		final Set<String> marks = new HashSet<>(0);

		Amounts used() {
			return this.spent.plus(this.held).plus(this.unresolved);
		}

		@Nullable BudgetUnit violated(BudgetClaim claim) {
			Amounts used = used();
			if (isViolated(used.cost(), claim.held().cost(), claim.limits().cost())) {
				return BudgetUnit.COST;
			}
			if (isViolated(used.tokens(), claim.held().tokens(), claim.limits().tokens())) {
				return BudgetUnit.TOKENS;
			}
			return isViolated(used.calls(), claim.held().calls(), claim.limits().calls()) ? BudgetUnit.CALLS : null;
		}

		/**
		 * What needs nothing is not allowed either where nothing is left.
		 */
		private static boolean isViolated(long used, long claimed, long limit) {
			return limit >= 0 && (used >= limit || claimed > limit - used);
		}

		void hold(Amounts amounts) {
			this.held = this.held.plus(amounts);
			this.untouched = false;
		}

		void unhold(Amounts amounts) {
			this.held = this.held.minus(amounts);
		}

		void spend(BudgetCharge charge) {
			this.spent = this.spent.plus(charge.amounts());
			this.share = charged().shareOf(charge.limits());
			this.untouched = false;
		}

		void addUnresolved(BudgetCharge charge) {
			this.unresolved = this.unresolved.plus(charge.amounts());
			this.share = charged().shareOf(charge.limits());
			this.untouched = false;
		}

		void removeUnresolved(Amounts amounts) {
			this.unresolved = this.unresolved.minus(amounts);
		}

		void raise(BudgetCharge known) {
			this.spent = this.spent.plus(known.amounts().minus(charged()));
			this.share = charged().shareOf(known.limits());
		}

		void carryOver(BudgetCharge before) {
			Amounts news = before.amounts().minus(this.carriedOver);
			this.carriedOver = this.carriedOver.plus(news);
			this.spent = this.spent.plus(news);
			this.share = charged().shareOf(before.limits());
		}

		/**
		 * Return when a run was last heard of. Looked at now and then, so that calls need
		 * not ask for the time.
		 */
		Instant touched(Instant now) {
			if (!this.untouched) {
				this.untouched = true;
				this.touchedAt = now;
			}
			return this.touchedAt;
		}

		private Amounts charged() {
			return this.spent.plus(this.unresolved);
		}

		BudgetWindowState state() {
			return new BudgetWindowState(this.spent, this.held, this.unresolved, this.refused);
		}

	}

}
