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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.tokencounter.TokenCall;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MemoryBudgetStore}.
 */
class MemoryBudgetStoreTests extends AbstractBudgetStoreTests {

	private static final Amounts LIMITS = new Amounts(100, 100, 100);

	private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-25T12:00:00Z"));

	private final MemoryBudgetStore store = new MemoryBudgetStore(HOLD_TIMEOUT, this.now::get);

	@Override
	protected BudgetStore store() {
		return this.store;
	}

	@Override
	protected void passHoldTimeout() {
		pass(HOLD_TIMEOUT);
	}

	private void pass(Duration duration) {
		this.now.updateAndGet((now) -> now.plus(duration));
	}

	@Test
	void forgetsAWindowADayAfterItsEnd() {
		BudgetKey day = new BudgetKey("daily", null, "2026-11-25", Instant.parse("2026-11-26T00:00:00Z"));
		charge(day);
		pass(Duration.ofHours(35));
		this.store.expire();
		assertThat(read(day).spent().cost()).isEqualTo(10);
		pass(Duration.ofHours(2));
		this.store.expire();
		assertThat(read(day)).isEqualTo(BudgetWindowState.EMPTY);
	}

	@Test
	void forgetsARunADayAfterItsLastCall() {
		BudgetKey run = new BudgetKey("runs", null, Budget.RUN_PREFIX + "1", null);
		BudgetKey forever = new BudgetKey("all", null, "forever", null);
		charge(run);
		charge(forever);
		this.store.expire();
		pass(Duration.ofHours(23));
		charge(run);
		this.store.expire();
		pass(Duration.ofHours(23));
		this.store.expire();
		assertThat(read(run).spent().cost()).isEqualTo(20);
		pass(Duration.ofHours(2));
		this.store.expire();
		assertThat(read(run)).isEqualTo(BudgetWindowState.EMPTY);
		assertThat(read(forever).spent().cost()).isEqualTo(10);
	}

	@Test
	void subjectsBeyondTheHundredThousandthShareABudget() {
		Instant end = Instant.parse("2026-12-01T00:00:00Z");
		for (int i = 0; i < 100_003; i++) {
			charge(new BudgetKey("tenants", "tenant-" + i, "2026-11", end));
		}
		assertThat(read(new BudgetKey("tenants", "tenant-99999", "2026-11", end)).spent().cost()).isEqualTo(10);
		assertThat(read(new BudgetKey("tenants", MemoryWindows.OTHER, "2026-11", end)).spent().cost()).isEqualTo(30);
	}

	@Test
	void ofCallsChargedByEstimateOnlyTheLatestAreKept() {
		BudgetKey key = new BudgetKey("all", null, "forever", null);
		List<UUID> ids = Stream.generate(TokenCall::nextId).limit(10_001).toList();
		BudgetCharge one = new BudgetCharge(key, new Amounts(1, 1, 1), LIMITS);
		ids.forEach((id) -> this.store.estimate(id, List.of(one)));
		assertThat(read(key).unresolved().calls()).isEqualTo(10_001);
		this.store.release(ids.get(0), List.of(key));
		assertThat(read(key).unresolved().calls()).isEqualTo(10_001);
		this.store.release(ids.get(1), List.of(key));
		assertThat(read(key).unresolved().calls()).isEqualTo(10_000);
	}

	private void charge(BudgetKey key) {
		this.store.settle(TokenCall.nextId(), List.of(new BudgetCharge(key, new Amounts(10, 10, 1), LIMITS)));
	}

	private BudgetWindowState read(BudgetKey key) {
		return this.store.read(List.of(key)).get(0);
	}

}
