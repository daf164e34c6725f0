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

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import reactor.core.publisher.Mono;

/**
 * Keeps budgets of single runs in memory, as a run is in one instance alone, and all
 * others in another store.
 *
 * @since 0.1.0
 */
public final class RunsInMemoryBudgetStore implements BudgetStore {

	private final BudgetStore memory;

	private final BudgetStore shared;

	/**
	 * Create a store.
	 * @param memory keeps budgets of single runs
	 * @param shared keeps all others
	 */
	public RunsInMemoryBudgetStore(BudgetStore memory, BudgetStore shared) {
		this.memory = memory;
		this.shared = shared;
	}

	@Override
	public BudgetReservation reserve(UUID id, List<BudgetClaim> claims) {
		List<BudgetClaim> ofRuns = ofRuns(claims, BudgetClaim::key, true);
		if (ofRuns.isEmpty()) {
			return this.shared.reserve(id, claims);
		}
		BudgetReservation reservation = this.memory.reserve(id, ofRuns);
		List<BudgetClaim> others = ofRuns(claims, BudgetClaim::key, false);
		if (others.isEmpty() || reservation.refusal(ofRuns) != null) {
			return merge(claims, ofRuns, reservation, others, BudgetReservation.ALLOWED);
		}
		return both(id, claims, ofRuns, reservation, others, this.shared.reserve(id, others));
	}

	@Override
	public Mono<BudgetReservation> reserveLater(UUID id, List<BudgetClaim> claims) {
		List<BudgetClaim> ofRuns = ofRuns(claims, BudgetClaim::key, true);
		if (ofRuns.isEmpty()) {
			return this.shared.reserveLater(id, claims);
		}
		List<BudgetClaim> others = ofRuns(claims, BudgetClaim::key, false);
		if (others.isEmpty()) {
			return this.memory.reserveLater(id, claims);
		}
		BudgetReservation reservation = this.memory.reserve(id, ofRuns);
		if (reservation.refusal(ofRuns) != null) {
			return Mono.just(merge(claims, ofRuns, reservation, others, BudgetReservation.ALLOWED));
		}
		return this.shared.reserveLater(id, others)
			.map((shared) -> both(id, claims, ofRuns, reservation, others, shared));
	}

	private BudgetReservation both(UUID id, List<BudgetClaim> claims, List<BudgetClaim> ofRuns,
			BudgetReservation reservation, List<BudgetClaim> others, BudgetReservation shared) {
		if (shared.refusal(others) != null) {
			this.memory.release(id, ofRuns.stream().map(BudgetClaim::key).toList());
		}
		return merge(claims, ofRuns, reservation, others, shared);
	}

	/**
	 * The violations of a reservation are known by the indexes of its claims.
	 */
	private static BudgetReservation merge(List<BudgetClaim> claims, List<BudgetClaim> ofRuns,
			BudgetReservation reservation, List<BudgetClaim> others, BudgetReservation shared) {
		List<BudgetReservation.Violation> violations = new ArrayList<>();
		reservation.violations().forEach((violation) -> violations.add(moved(violation, ofRuns, claims)));
		shared.violations().forEach((violation) -> violations.add(moved(violation, others, claims)));
		return new BudgetReservation(violations);
	}

	private static BudgetReservation.Violation moved(BudgetReservation.Violation violation, List<BudgetClaim> from,
			List<BudgetClaim> to) {
		return new BudgetReservation.Violation(to.indexOf(from.get(violation.claim())), violation.unit(),
				violation.used());
	}

	@Override
	public List<BudgetWindowState> settle(UUID id, List<BudgetCharge> charges) {
		return inBoth(charges, BudgetCharge::key, (part) -> this.memory.settle(id, part),
				(part) -> this.shared.settle(id, part));
	}

	@Override
	public List<BudgetWindowState> estimate(UUID id, List<BudgetCharge> charges) {
		return inBoth(charges, BudgetCharge::key, (part) -> this.memory.estimate(id, part),
				(part) -> this.shared.estimate(id, part));
	}

	@Override
	public void release(UUID id, List<BudgetKey> keys) {
		inBoth(keys, Function.identity(), (part) -> {
			this.memory.release(id, part);
			return List.of();
		}, (part) -> {
			this.shared.release(id, part);
			return List.of();
		});
	}

	@Override
	public List<BudgetWindowState> read(List<BudgetKey> keys) {
		return inBoth(keys, Function.identity(), this.memory::read, this.shared::read);
	}

	@Override
	public int expire() {
		return this.memory.expire() + this.shared.expire();
	}

	@Override
	public List<String> nearest(String budget, String window, int count) {
		return this.shared.nearest(budget, window, count);
	}

	@Override
	public boolean mark(BudgetKey key, String mark) {
		return storeOf(key).mark(key, mark);
	}

	@Override
	public void raise(BudgetCharge known) {
		storeOf(known.key()).raise(known);
	}

	@Override
	public boolean available() {
		return this.shared.available();
	}

	private BudgetStore storeOf(BudgetKey key) {
		return isOfRun(key) ? this.memory : this.shared;
	}

	private static boolean isOfRun(BudgetKey key) {
		return key.window().startsWith(Budget.RUN_PREFIX);
	}

	private static <T> List<T> ofRuns(List<T> all, Function<T, BudgetKey> key, boolean ofRuns) {
		return all.stream().filter((each) -> isOfRun(key.apply(each)) == ofRuns).toList();
	}

	/**
	 * What is kept in memory comes first, as that cannot fail.
	 */
	private static <T, R> List<R> inBoth(List<T> all, Function<T, BudgetKey> key, Function<List<T>, List<R>> memory,
			Function<List<T>, List<R>> shared) {
		List<T> ofRuns = ofRuns(all, key, true);
		List<T> others = ofRuns(all, key, false);
		List<R> inMemory = ofRuns.isEmpty() ? List.of() : memory.apply(ofRuns);
		List<R> inShared = others.isEmpty() ? List.of() : shared.apply(others);
		if (ofRuns.isEmpty() || others.isEmpty()) {
			return ofRuns.isEmpty() ? inShared : inMemory;
		}
		List<R> result = new ArrayList<>();
		int run = 0;
		int other = 0;
		for (T each : all) {
			boolean ofRun = isOfRun(key.apply(each));
			List<R> from = ofRun ? inMemory : inShared;
			int index = ofRun ? run++ : other++;
			if (index < from.size()) {
				result.add(from.get(index));
			}
		}
		return result;
	}

}
