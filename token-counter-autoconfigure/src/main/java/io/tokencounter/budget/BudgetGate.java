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
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

import io.tokencounter.TokenCall;
import io.tokencounter.call.CallGate;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Refuses calls that their budgets do not allow, holds what others may need, and charges
 * them when they ended.
 *
 * @since 0.1.0
 */
public final class BudgetGate implements CallGate {

	// Of calls whose end nobody told; the store charges them when their hold expires
	private static final int MAX_OPEN = 100_000;

	private final BudgetedCalls calls;

	private final BudgetStore store;

	private final Executor charging;

	private final BudgetWatch watch;

	private final boolean refuseIfUnavailable;

	private final Map<UUID, BudgetedCall> open = new ConcurrentHashMap<>();

	/**
	 * Create a gate.
	 * @param calls finds the budgets of calls
	 * @param store keeps what is spent and held
	 * @param charging charges calls that ended; on the thread of the call if the store
	 * does not block
	 * @param watch is told what happens
	 * @param refuseIfUnavailable whether calls are refused while the store does not
	 * answer
	 */
	public BudgetGate(BudgetedCalls calls, BudgetStore store, Executor charging, BudgetWatch watch,
			boolean refuseIfUnavailable) {
		this.calls = calls;
		this.store = store;
		this.charging = charging;
		this.watch = watch;
		this.refuseIfUnavailable = refuseIfUnavailable;
	}

	@Override
	public void admit(CallRequest request) {
		BudgetedCall call = this.calls.of(request);
		if (call == null) {
			return;
		}
		checkPriced(call);
		BudgetReservation reservation;
		try {
			reservation = this.store.reserve(call.id(), call.claims());
		}
		catch (BudgetStoreUnavailableException ex) {
			unavailable(call, ex);
			return;
		}
		decide(call, reservation);
	}

	@Override
	public Mono<Void> admitLater(CallRequest request) {
		return Mono.defer(() -> {
			if (!Schedulers.isInNonBlockingThread()) {
				admit(request);
				return Mono.empty();
			}
			BudgetedCall call = this.calls.of(request);
			if (call == null) {
				return Mono.empty();
			}
			checkPriced(call);
			return this.store.reserveLater(call.id(), call.claims())
				.doOnNext((reservation) -> decide(call, reservation))
				.then()
				.onErrorResume(BudgetStoreUnavailableException.class,
						(ex) -> Mono.fromRunnable(() -> unavailable(call, ex)));
		});
	}

	private void checkPriced(BudgetedCall call) {
		for (int i = 0; i < call.claims().size(); i++) {
			Budget budget = call.budgets().get(i);
			BudgetClaim claim = call.claims().get(i);
			boolean unpriced = claim.limits().cost() >= 0 && !call.estimate().isPricedIn(budget.currency());
			if (unpriced && budget.refuseUnpriced()) {
				if (budget.enforced()) {
					throw this.watch.refusedAsUnpriced(budget, claim);
				}
				this.watch.observed(budget);
			}
		}
	}

	private void decide(BudgetedCall call, BudgetReservation reservation) {
		BudgetReservation.Violation refusal = reservation.refusal(call.claims());
		if (refusal != null) {
			throw this.watch.refused(call.budgets().get(refusal.claim()), call.claims().get(refusal.claim()), refusal);
		}
		for (BudgetReservation.Violation violation : reservation.violations()) {
			this.watch.exceeded(call.budgets().get(violation.claim()), call.claims().get(violation.claim()), violation);
		}
		keepOpen(call);
	}

	/**
	 * The store may have held something all the same. It is told when the call ended, or
	 * that it was not made.
	 */
	private void unavailable(BudgetedCall call, BudgetStoreUnavailableException ex) {
		int enforced = 0;
		while (enforced < call.budgets().size() && !call.budgets().get(enforced).enforced()) {
			enforced++;
		}
		if (this.refuseIfUnavailable && enforced < call.budgets().size()) {
			release(call);
			throw this.watch.refusedAsUnavailable(call.budgets().get(enforced), call.claims().get(enforced), ex);
		}
		call.budgets().forEach((budget) -> this.watch.unavailable(budget, ex));
		keepOpen(call);
	}

	private void keepOpen(BudgetedCall call) {
		if (this.open.size() < MAX_OPEN) {
			this.open.put(call.id(), call);
		}
	}

	@Override
	public void ended(TokenCall ended, SeenCall seen) {
		BudgetedCall call = this.open.remove(ended.id());
		if (call == null) {
			// Nobody asked whether it may be made, but it was
			call = this.calls.of(seen.request());
		}
		if (call != null) {
			end(call, ended, seen);
		}
	}

	@Override
	public void withdrawn(CallRequest request) {
		BudgetedCall call = this.open.remove(request.id());
		if (call == null) {
			// It may be asked for at this moment, and takes nothing once it is released
			call = this.calls.of(request);
		}
		if (call != null) {
			release(call);
		}
	}

	private void release(BudgetedCall call) {
		List<BudgetKey> keys = call.keys();
		this.charging.execute(() -> this.store.release(call.id(), keys));
	}

	private void end(BudgetedCall call, TokenCall ended, SeenCall seen) {
		CallEnding ending = CallEnding.of(ended, seen, call.estimate(), this.calls.estimator());
		if (ending.kind() == CallEnding.Kind.NOTHING) {
			release(call);
			return;
		}
		List<BudgetCharge> charges = charges(call, ending);
		boolean actual = ending.kind() == CallEnding.Kind.ACTUAL;
		this.charging.execute(() -> charge(call, charges, actual));
		if (actual) {
			this.calls.estimator().learn(call.estimate(), seen, ended.usage());
			this.watch.estimated(call, charges);
		}
	}

	private static List<BudgetCharge> charges(BudgetedCall call, CallEnding ending) {
		List<BudgetCharge> charges = new ArrayList<>(call.claims().size());
		for (int i = 0; i < call.claims().size(); i++) {
			BudgetClaim claim = call.claims().get(i);
			Amounts amounts = ending.amounts(call.estimate(), call.budgets().get(i).currency());
			charges.add(new BudgetCharge(claim.key(), amounts, claim.limits()));
		}
		return charges;
	}

	private void charge(BudgetedCall call, List<BudgetCharge> charges, boolean actual) {
		List<BudgetWindowState> states = actual ? this.store.settle(call.id(), charges)
				: this.store.estimate(call.id(), charges);
		for (int i = 0; i < states.size(); i++) {
			this.watch.charged(call.budgets().get(i), charges.get(i), states.get(i));
		}
	}

	/**
	 * Return the number of calls that are being made.
	 * @return the number
	 */
	int openCalls() {
		return this.open.size();
	}

}
