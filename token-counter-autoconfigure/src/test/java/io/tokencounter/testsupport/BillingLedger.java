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

package io.tokencounter.testsupport;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import io.tokencounter.testsupport.Bill.Ending;

/**
 * The books of the {@link BillingProvider}. A bill is entered before the last byte of its
 * answer is sent, so a client that has the answer finds it here.
 */
public final class BillingLedger {

	private final List<Bill> bills = new CopyOnWriteArrayList<>();

	BillingLedger() {
	}

	void enter(Bill bill) {
		this.bills.add(bill);
	}

	/**
	 * Forget all bills.
	 */
	public void reset() {
		this.bills.clear();
	}

	/**
	 * Return the bills in the order in which they were entered.
	 * @return a copy
	 */
	public List<Bill> bills() {
		return List.copyOf(this.bills);
	}

	/**
	 * Return the totals of all bills.
	 * @return the totals
	 */
	public Totals totals() {
		return totals((bill) -> true);
	}

	/**
	 * Return the totals of some bills.
	 * @param filter which bills to add up
	 * @return the totals
	 */
	public Totals totals(Predicate<Bill> filter) {
		Totals totals = Totals.NONE;
		for (Bill bill : this.bills) {
			if (filter.test(bill)) {
				totals = totals.plus(bill);
			}
		}
		return totals;
	}

	/**
	 * Sums over bills.
	 *
	 * @param requests all requests
	 * @param answered the requests that were answered to the end
	 * @param unreported the answered requests that did not tell their usage
	 * @param failed the requests that failed
	 * @param interrupted the requests whose client went away
	 * @param input the input tokens of answers that told them
	 * @param output the output tokens of answers that told them
	 * @param cacheRead the part of the input that was read from a cache
	 * @param cacheWrite the part of the input that was written to a cache
	 * @param reasoning the part of the output that was reasoning
	 */
	public record Totals(int requests, int answered, int unreported, int failed, int interrupted, long input,
			long output, long cacheRead, long cacheWrite, long reasoning) {

		static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

		Totals plus(Bill bill) {
			boolean answered = bill.ending() == Ending.ANSWERED;
			boolean told = answered && bill.reported();
			return new Totals(this.requests + 1, this.answered + one(answered),
					this.unreported + one(answered && !bill.reported()),
					this.failed + one(bill.ending() == Ending.FAILED),
					this.interrupted + one(bill.ending() == Ending.INTERRUPTED), this.input + (told ? bill.input() : 0),
					this.output + (told ? bill.output() : 0), this.cacheRead + (told ? bill.cacheRead() : 0),
					this.cacheWrite + (told ? bill.cacheWrite() : 0), this.reasoning + (told ? bill.reasoning() : 0));
		}

		private static int one(boolean condition) {
			return condition ? 1 : 0;
		}

	}

}
