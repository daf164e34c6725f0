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

package io.tokencounter.benchmarks;

import java.util.List;

/**
 * What is made of the counted calls. Up to {@link #ALL} each has what those before it
 * have; those after it add to {@link #ALL}.
 */
enum Extent {

	NONE("token-counter.enabled=false"),

	METERS("token-counter.pricing.enabled=false"),

	PRICE,

	SUMMARY,

	/**
	 * All that needs no configuration, and a session.
	 */
	ALL,

	LEDGER("token-counter.ledger.enabled=true"),

	BUDGET("token-counter.budgets.monthly.max-cost=9000000"),

	REDIS("token-counter.budgets.monthly.max-cost=9000000", "token-counter.budget-store.type=redis"),

	LEDGER_BUDGET("token-counter.ledger.enabled=true", "token-counter.budgets.monthly.max-cost=9000000");

	private final List<String> properties;

	Extent(String... properties) {
		this.properties = List.of(properties);
	}

	List<String> properties() {
		return this.properties;
	}

	boolean hasMeters() {
		return compareTo(METERS) >= 0;
	}

	boolean hasPrice() {
		return compareTo(PRICE) >= 0;
	}

	boolean hasSummary() {
		return compareTo(SUMMARY) >= 0;
	}

	boolean hasSession() {
		return compareTo(ALL) >= 0;
	}

	boolean hasLedger() {
		return this == LEDGER || this == LEDGER_BUDGET;
	}

	boolean hasBudget() {
		return compareTo(BUDGET) >= 0;
	}

}
