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
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Raises what a store knows to be spent to what the ledger knows, when it may have lost
 * something: at the start, when it was away, and when it has forgotten that it was asked
 * before.
 * <p>
 * A call that is in the ledger may still be on its way to the store, from this instance
 * or another one, and would then be charged twice. So at first only those count that
 * began well before the store last answered, and some time later those of then.
 */
final class SharedRestore implements BudgetRestore.Round {

	private static final Log logger = LogFactory.getLog(SharedRestore.class);

	private static final BudgetKey ASKED = new BudgetKey("~", null, "ledger", null);

	private final BudgetStore store;

	private final LedgerSpending spending;

	private final Duration holdTimeout;

	private final InstantSource clock;

	private Instant answeredAt;

	private boolean away;

	// Calls that began before it are to be raised to
	private @Nullable Instant due;

	private @Nullable Instant againAt;

	SharedRestore(BudgetStore store, LedgerSpending spending, Duration holdTimeout, InstantSource clock) {
		this.store = store;
		this.spending = spending;
		this.holdTimeout = holdTimeout;
		this.clock = clock;
		this.answeredAt = clock.instant();
		this.away = true;
	}

	@Override
	public boolean isLast() {
		Instant now = this.clock.instant();
		try {
			if (this.store.mark(ASKED, "asked") || this.away) {
				this.away = false;
				this.due = (this.due != null) ? this.due : this.answeredAt.minus(this.holdTimeout);
				this.againAt = now.plus(this.holdTimeout.multipliedBy(2));
			}
			else if (this.againAt != null && !now.isBefore(this.againAt)) {
				this.due = this.againAt.minus(this.holdTimeout);
				this.againAt = null;
			}
			this.answeredAt = now;
			if (this.due != null) {
				raise(now, this.due);
				this.due = null;
			}
		}
		catch (BudgetStoreUnavailableException ex) {
			this.away = true;
		}
		return false;
	}

	private void raise(Instant now, Instant before) {
		List<BudgetCharge> charges = this.spending.charges(now, before);
		charges.forEach(this.store::raise);
		logger.debug("What is spent in " + charges.size() + " windows of budgets is what the ledger says, or more");
	}

}
