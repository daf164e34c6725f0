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

import java.time.InstantSource;
import java.util.List;

import io.tokencounter.TokenLedger;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Carries over to a store in memory what calls have spent that began before it did.
 */
final class MemoryRestore implements BudgetRestore.Round {

	private static final Log logger = LogFactory.getLog(MemoryRestore.class);

	// The ledger finds out step by step which calls an instance before has left to it
	private static final int QUIET_ROUNDS = 3;

	private final MemoryBudgetStore store;

	private final LedgerSpending spending;

	private final TokenLedger ledger;

	private final InstantSource clock;

	private int quietRounds;

	private boolean said;

	MemoryRestore(MemoryBudgetStore store, LedgerSpending spending, TokenLedger ledger, InstantSource clock) {
		this.store = store;
		this.spending = spending;
		this.ledger = ledger;
		this.clock = clock;
	}

	@Override
	public boolean isLast() {
		TokenLedger.Status status = this.ledger.status();
		boolean quiet = status.oldest() == null || !status.oldest().isBefore(this.store.since());
		List<BudgetCharge> charges = this.spending.charges(this.clock.instant(), this.store.since());
		charges.forEach(this.store::carryOver);
		if (!this.said && !charges.isEmpty()) {
			this.said = true;
			logger.info(
					"Budgets go on from what the ledger says that they have spent, in " + charges.size() + " windows");
		}
		this.quietRounds = quiet ? this.quietRounds + 1 : 0;
		return this.quietRounds >= QUIET_ROUNDS;
	}

}
