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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Keeps budgets in memory: for one instance of an application, and as long as it runs.
 * One lock holds all of it, for a few additions.
 *
 * @since 0.1.0
 */
public final class MemoryBudgetStore implements BudgetStore {

	// A call that takes longer than that is charged twice
	private static final Duration KEEP_UNRESOLVED = Duration.ofDays(1);

	private static final int MAX_ENDED = 1_000;

	private static final int MAX_UNRESOLVED = 10_000;

	private final Duration holdTimeout;

	private final InstantSource clock;

	private final Instant since;

	private final ReentrantLock lock = new ReentrantLock();

	private final MemoryWindows windows = new MemoryWindows();

	// In the order in which they expire
	private final Map<UUID, Hold> held = new LinkedHashMap<>();

	private final Map<UUID, Hold> unresolved = new Latest<>(MAX_UNRESOLVED);

	private final Map<UUID, Boolean> ended = new Latest<>(MAX_ENDED);

	/**
	 * Create a store.
	 * @param holdTimeout after which a call is charged whose end nobody told
	 * @param clock the time
	 */
	public MemoryBudgetStore(Duration holdTimeout, InstantSource clock) {
		this.holdTimeout = holdTimeout;
		this.clock = clock;
		this.since = clock.instant();
	}

	@Override
	public BudgetReservation reserve(UUID id, List<BudgetClaim> claims) {
		return locked(() -> {
			if (this.held.containsKey(id) || this.unresolved.containsKey(id) || isReleasedOrSettled(id)) {
				return BudgetReservation.ALLOWED;
			}
			BudgetReservation reservation = check(claims);
			BudgetReservation.Violation refusal = reservation.refusal(claims);
			if (refusal == null) {
				claims.forEach((claim) -> this.windows.of(claim.key()).hold(claim.held()));
				this.held.put(id, new Hold(this.clock.instant().plus(this.holdTimeout), claims, List.of()));
			}
			else if (this.ended.put(id, Boolean.FALSE) == null) {
				this.windows.of(claims.get(refusal.claim()).key()).refused++;
			}
			return reservation;
		});
	}

	/**
	 * A call that was refused may ask again.
	 */
	private boolean isReleasedOrSettled(UUID id) {
		return this.ended.getOrDefault(id, Boolean.FALSE);
	}

	private BudgetReservation check(List<BudgetClaim> claims) {
		List<BudgetReservation.Violation> violations = new ArrayList<>(0);
		for (int i = 0; i < claims.size(); i++) {
			BudgetClaim claim = claims.get(i);
			BudgetUnit unit = this.windows.of(claim.key()).violated(claim);
			if (unit != null) {
				violations.add(new BudgetReservation.Violation(i, unit, this.windows.of(claim.key()).used().of(unit)));
			}
		}
		return violations.isEmpty() ? BudgetReservation.ALLOWED : new BudgetReservation(violations);
	}

	@Override
	public List<BudgetWindowState> settle(UUID id, List<BudgetCharge> charges) {
		return locked(() -> {
			if (!isReleasedOrSettled(id)) {
				giveBack(id);
				this.ended.put(id, Boolean.TRUE);
				charges.forEach((charge) -> this.windows.of(charge.key()).spend(charge));
			}
			return states(charges);
		});
	}

	@Override
	public List<BudgetWindowState> estimate(UUID id, List<BudgetCharge> charges) {
		return locked(() -> {
			if (!isReleasedOrSettled(id)) {
				giveBack(id);
				addUnresolved(id, charges);
			}
			return states(charges);
		});
	}

	private void addUnresolved(UUID id, List<BudgetCharge> charges) {
		charges.forEach((charge) -> this.windows.of(charge.key()).addUnresolved(charge));
		this.unresolved.put(id, new Hold(this.clock.instant().plus(KEEP_UNRESOLVED), List.of(), charges));
	}

	@Override
	public void release(UUID id, List<BudgetKey> keys) {
		locked(() -> {
			giveBack(id);
			this.ended.put(id, Boolean.TRUE);
			return id;
		});
	}

	private void giveBack(UUID id) {
		Hold hold = this.held.remove(id);
		if (hold != null) {
			hold.claims().forEach((claim) -> this.windows.of(claim.key()).unhold(claim.held()));
		}
		Hold estimated = this.unresolved.remove(id);
		if (estimated != null) {
			estimated.estimated().forEach((charge) -> this.windows.of(charge.key()).removeUnresolved(charge.amounts()));
		}
	}

	@Override
	public int expire() {
		return locked(() -> {
			Instant now = this.clock.instant();
			Map<UUID, Hold> expired = new LinkedHashMap<>();
			for (Map.Entry<UUID, Hold> hold : this.held.entrySet()) {
				if (hold.getValue().until().isAfter(now)) {
					break;
				}
				expired.put(hold.getKey(), hold.getValue());
			}
			expired.forEach((id, hold) -> {
				giveBack(id);
				addUnresolved(id,
						hold.claims()
							.stream()
							.map((claim) -> new BudgetCharge(claim.key(), claim.likely(), claim.limits()))
							.toList());
			});
			removeForgotten(now);
			return expired.size();
		});
	}

	private void removeForgotten(Instant now) {
		Iterator<Hold> holds = this.unresolved.values().iterator();
		while (holds.hasNext() && !holds.next().until().isAfter(now)) {
			holds.remove();
		}
		this.windows.removeEnded(now);
	}

	@Override
	public List<BudgetWindowState> read(List<BudgetKey> keys) {
		return locked(() -> keys.stream().map(this.windows::stateOf).toList());
	}

	private List<BudgetWindowState> states(List<BudgetCharge> charges) {
		List<BudgetWindowState> states = new ArrayList<>(charges.size());
		charges.forEach((charge) -> states.add(this.windows.stateOf(charge.key())));
		return states;
	}

	@Override
	public List<String> nearest(String budget, String window, int count) {
		return locked(() -> this.windows.nearest(budget, window, count));
	}

	@Override
	public boolean mark(BudgetKey key, String mark) {
		return locked(() -> this.windows.of(key).marks.add(mark));
	}

	@Override
	public void raise(BudgetCharge known) {
		locked(() -> {
			this.windows.of(known.key()).raise(known);
			return known;
		});
	}

	/**
	 * Return since when calls are charged here. What was spent before is not known.
	 */
	Instant since() {
		return this.since;
	}

	/**
	 * Add what calls of before have spent. To tell it again adds only what was not known
	 * the last time.
	 */
	void carryOver(BudgetCharge before) {
		locked(() -> {
			this.windows.of(before.key()).carryOver(before);
			return before;
		});
	}

	private <T> T locked(Supplier<T> action) {
		this.lock.lock();
		try {
			return action.get();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * The calls that came last. Of those that are forgotten, what is charged stays so.
	 *
	 * @param <V> what is known of a call
	 */
	@SuppressWarnings("serial")
	private static final class Latest<V> extends LinkedHashMap<UUID, V> {

		private final int max;

		Latest(int max) {
			this.max = max;
		}

		@Override
		protected boolean removeEldestEntry(Map.Entry<UUID, V> eldest) {
			return size() > this.max;
		}

	}

	/**
	 * What is held for a call, or charged by estimate.
	 *
	 * @param until when it expires or is forgotten
	 * @param claims what is held
	 * @param estimated what is charged
	 */
	private record Hold(Instant until, List<BudgetClaim> claims, List<BudgetCharge> estimated) {

	}

}
