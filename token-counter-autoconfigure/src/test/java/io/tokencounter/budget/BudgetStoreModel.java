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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a {@link BudgetStore} has to do, without keeping a single sum: everything is added
 * up anew from what is known of each call.
 */
final class BudgetStoreModel {

	private enum State {

		HELD, UNRESOLVED, SETTLED, RELEASED

	}

	private final Map<UUID, State> states = new HashMap<>();

	private final Map<UUID, List<BudgetClaim>> claims = new HashMap<>();

	private final Map<UUID, Map<BudgetKey, Amounts>> charges = new HashMap<>();

	private final Map<UUID, BudgetKey> refused = new HashMap<>();

	private final Set<UUID> refusedOnce = new HashSet<>();

	BudgetReservation reserve(UUID id, List<BudgetClaim> asked) {
		if (this.states.containsKey(id)) {
			return BudgetReservation.ALLOWED;
		}
		List<BudgetReservation.Violation> violations = new ArrayList<>();
		for (int i = 0; i < asked.size(); i++) {
			BudgetClaim claim = asked.get(i);
			for (BudgetUnit unit : BudgetUnit.values()) {
				long used = used(claim.key(), unit);
				long limit = claim.limits().of(unit);
				if (limit >= 0 && !(used < limit && used + claim.held().of(unit) <= limit)) {
					violations.add(new BudgetReservation.Violation(i, unit, used));
					break;
				}
			}
		}
		BudgetReservation reservation = new BudgetReservation(violations);
		BudgetReservation.Violation refusal = reservation.refusal(asked);
		if (refusal == null) {
			this.states.put(id, State.HELD);
			this.claims.put(id, asked);
		}
		else if (this.refusedOnce.add(id)) {
			this.refused.put(id, asked.get(refusal.claim()).key());
		}
		return reservation;
	}

	List<BudgetWindowState> settle(UUID id, List<BudgetCharge> asked) {
		return charge(id, asked, State.SETTLED);
	}

	List<BudgetWindowState> estimate(UUID id, List<BudgetCharge> asked) {
		return charge(id, asked, State.UNRESOLVED);
	}

	private List<BudgetWindowState> charge(UUID id, List<BudgetCharge> asked, State state) {
		if (!isFinal(id)) {
			this.states.put(id, state);
			Map<BudgetKey, Amounts> amounts = new LinkedHashMap<>();
			asked.forEach((charge) -> amounts.put(charge.key(), charge.amounts()));
			this.charges.put(id, amounts);
		}
		return read(asked.stream().map(BudgetCharge::key).toList());
	}

	void release(UUID id) {
		if (!isFinal(id)) {
			this.states.put(id, State.RELEASED);
		}
	}

	void expire() {
		this.states.replaceAll((id, state) -> {
			if (state != State.HELD) {
				return state;
			}
			Map<BudgetKey, Amounts> likely = new LinkedHashMap<>();
			this.claims.get(id).forEach((claim) -> likely.put(claim.key(), claim.likely()));
			this.charges.put(id, likely);
			return State.UNRESOLVED;
		});
	}

	private boolean isFinal(UUID id) {
		return this.states.get(id) == State.SETTLED || this.states.get(id) == State.RELEASED;
	}

	List<BudgetWindowState> read(List<BudgetKey> keys) {
		return keys.stream().map(this::read).toList();
	}

	private BudgetWindowState read(BudgetKey key) {
		Amounts spent = Amounts.NONE;
		Amounts held = Amounts.NONE;
		Amounts unresolved = Amounts.NONE;
		for (Map.Entry<UUID, State> call : this.states.entrySet()) {
			Amounts charged = this.charges.getOrDefault(call.getKey(), Map.of()).getOrDefault(key, Amounts.NONE);
			if (call.getValue() == State.SETTLED) {
				spent = spent.plus(charged);
			}
			else if (call.getValue() == State.UNRESOLVED) {
				unresolved = unresolved.plus(charged);
			}
			else if (call.getValue() == State.HELD) {
				held = held.plus(heldIn(key, call.getKey()));
			}
		}
		long refusedCalls = this.refused.values().stream().filter(key::equals).count();
		return new BudgetWindowState(spent, held, unresolved, refusedCalls);
	}

	private Amounts heldIn(BudgetKey key, UUID id) {
		return this.claims.get(id)
			.stream()
			.filter((claim) -> claim.key().equals(key))
			.map(BudgetClaim::held)
			.reduce(Amounts.NONE, Amounts::plus);
	}

	private long used(BudgetKey key, BudgetUnit unit) {
		BudgetWindowState state = read(key);
		return state.spent().of(unit) + state.held().of(unit) + state.unresolved().of(unit);
	}

}
