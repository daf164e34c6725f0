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
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.tokencounter.TokenCall;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RunsInMemoryBudgetStore}.
 */
class RunsInMemoryBudgetStoreTests {

	private static final Duration HOLD_TIMEOUT = Duration.ofMinutes(10);

	private static final Amounts ONE = new Amounts(0, 1, 1);

	private static final BudgetKey RUN = new BudgetKey("agents", null, Budget.RUN_PREFIX + "1", null);

	private static final BudgetKey MONTH = new BudgetKey("monthly", null, "2126-11", null);

	private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-25T12:00:00Z"));

	private final MemoryBudgetStore memory = new MemoryBudgetStore(HOLD_TIMEOUT, this.now::get);

	private final MemoryBudgetStore shared = new MemoryBudgetStore(HOLD_TIMEOUT, this.now::get);

	private final BudgetStore store = new RunsInMemoryBudgetStore(this.memory, this.shared);

	@Test
	void callsOfNoRunAreNotKeptInMemory() {
		this.store.reserve(TokenCall.nextId(), List.of(claim(MONTH)));
		this.store.reserveLater(TokenCall.nextId(), List.of(claim(MONTH))).block();
		this.now.set(this.now.get().plus(HOLD_TIMEOUT));
		assertThat(this.memory.expire()).isZero();
		assertThat(this.shared.expire()).isEqualTo(2);
	}

	@Test
	void callsOfARunAloneAreNotShared() {
		this.store.reserve(TokenCall.nextId(), List.of(claim(RUN)));
		this.store.reserveLater(TokenCall.nextId(), List.of(claim(RUN))).block();
		this.now.set(this.now.get().plus(HOLD_TIMEOUT));
		assertThat(this.memory.expire()).isEqualTo(2);
		assertThat(this.shared.expire()).isZero();
	}

	private static BudgetClaim claim(BudgetKey key) {
		return new BudgetClaim(key, ONE, ONE, new Amounts(Amounts.UNLIMITED, 100, 100), true);
	}

}
