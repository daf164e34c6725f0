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

import java.util.List;
import java.util.UUID;

import reactor.core.publisher.Mono;

/**
 * Keeps what is spent and held. Every operation is known by the id of the call: to repeat
 * one changes nothing, and the first of {@link #settle} and {@link #release} is final.
 * All budgets of a call change in one step. The windows of a call are the same in all of
 * its operations.
 * <p>
 * Operations throw {@link BudgetStoreUnavailableException} if the store does not answer
 * in time. Then they may have been done or not, and are to be repeated.
 *
 * @since 0.1.0
 */
public interface BudgetStore {

	/**
	 * Check all claims of a call, and hold all of them or none. A claim is allowed if
	 * what is used is less than the limit, and no more than that with what is claimed.
	 * @param id the id of the call
	 * @param claims the claims
	 * @return which claims are not allowed
	 */
	BudgetReservation reserve(UUID id, List<BudgetClaim> claims);

	/**
	 * As {@link #reserve}, without blocking the subscriber.
	 * @param id the id of the call
	 * @param claims the claims
	 * @return which claims are not allowed
	 */
	default Mono<BudgetReservation> reserveLater(UUID id, List<BudgetClaim> claims) {
		return Mono.fromSupplier(() -> reserve(id, claims));
	}

	/**
	 * Charge a call with what it needed, in place of what is held for it or what it was
	 * charged with by estimate.
	 * @param id the id of the call
	 * @param charges what to charge
	 * @return the windows, in the order of the charges
	 */
	List<BudgetWindowState> settle(UUID id, List<BudgetCharge> charges);

	/**
	 * Charge a call by estimate, in place of what is held for it. A later {@link #settle}
	 * or {@link #release} corrects it.
	 * @param id the id of the call
	 * @param charges what to charge
	 * @return the windows, in the order of the charges
	 */
	List<BudgetWindowState> estimate(UUID id, List<BudgetCharge> charges);

	/**
	 * Give back what is held for a call. If nothing is, a claim that comes late holds
	 * nothing.
	 * @param id the id of the call
	 * @param keys the windows
	 */
	void release(UUID id, List<BudgetKey> keys);

	/**
	 * Charge the calls that were not ended in time with what they were likely to need, as
	 * by {@link #estimate}.
	 * @return the number of calls
	 */
	int expire();

	/**
	 * Return what is known of windows.
	 * @param keys the windows
	 * @return the windows, in the order of the keys
	 */
	List<BudgetWindowState> read(List<BudgetKey> keys);

	/**
	 * Return who is nearest to a limit.
	 * @param budget the name of the budget
	 * @param window the window
	 * @param count how many subjects to return at the most
	 * @return the subjects, the nearest one first
	 */
	List<String> nearest(String budget, String window, int count);

	/**
	 * Leave a mark at a window.
	 * @param key the window
	 * @param mark the mark
	 * @return whether it is the first one
	 */
	boolean mark(BudgetKey key, String mark);

	/**
	 * Raise what calls of a window are charged with to what is known from elsewhere.
	 * Nothing is added.
	 * @param known what calls that ended are known to have spent
	 */
	void raise(BudgetCharge known);

	/**
	 * Return whether the store answers.
	 * @return whether it does, as far as is known
	 */
	default boolean available() {
		return true;
	}

}
