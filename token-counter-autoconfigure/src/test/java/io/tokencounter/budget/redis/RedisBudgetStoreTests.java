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

package io.tokencounter.budget.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.tokencounter.TokenCall;
import io.tokencounter.budget.AbstractBudgetStoreTests;
import io.tokencounter.budget.Amounts;
import io.tokencounter.budget.BudgetCharge;
import io.tokencounter.budget.BudgetClaim;
import io.tokencounter.budget.BudgetKey;
import io.tokencounter.budget.BudgetStore;
import io.tokencounter.testsupport.LocalRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.data.redis.core.ZSetOperations;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RedisBudgetStore}, on a real Redis.
 */
class RedisBudgetStoreTests extends AbstractBudgetStoreTests {

	private static final String TAG = "test:{budgets}:";

	private static final Amounts LIMITS = new Amounts(100, 100, 100);

	private static LocalRedis redis;

	private final RedisBudgetStore store = new RedisBudgetStore(BudgetScripts.of(redis.reactive()), "test:",
			Duration.ofSeconds(10), HOLD_TIMEOUT);

	@BeforeAll
	static void startRedis() {
		redis = new LocalRedis();
	}

	@AfterAll
	static void stopRedis() {
		redis.close();
	}

	@Override
	protected BudgetStore store() {
		return this.store;
	}

	/**
	 * The clock is that of the server, so the holds are made older instead.
	 */
	@Override
	protected void passHoldTimeout() {
		ZSetOperations<String, String> expiries = redis.blocking().opsForZSet();
		Set<String> ids = expiries.range(TAG + "x", 0, -1);
		ids.forEach((id) -> expiries.incrementScore(TAG + "x", id, -HOLD_TIMEOUT.toMillis()));
	}

	@Test
	void reservesWithoutBlocking() {
		BudgetClaim claim = new BudgetClaim(key("later", Instant.now().plusSeconds(60)), new Amounts(60, 60, 1),
				Amounts.NONE, LIMITS, true);
		Mono<Boolean> refused = this.store.reserveLater(TokenCall.nextId(), List.of(claim))
			.then(this.store.reserveLater(TokenCall.nextId(), List.of(claim)))
			.map((reservation) -> !reservation.violations().isEmpty());
		assertThat(refused.block()).isTrue();
	}

	@Test
	void aBlockingClientDoesTheSame() {
		RedisBudgetStore blocking = new RedisBudgetStore(BudgetScripts.of(redis.blocking()), "test:",
				Duration.ofSeconds(10), HOLD_TIMEOUT);
		BudgetKey key = key("blocking", Instant.now().plusSeconds(60));
		blocking.settle(TokenCall.nextId(), List.of(new BudgetCharge(key, new Amounts(60, 60, 1), LIMITS)));
		assertThat(this.store.read(List.of(key)).get(0).spent()).isEqualTo(new Amounts(60, 60, 1));
	}

	@Test
	void keysOfAWindowExpireADayAfterIt() {
		Instant end = Instant.now().plusSeconds(3600);
		BudgetKey key = key("expiring", end);
		this.store.settle(TokenCall.nextId(), List.of(new BudgetCharge(key, new Amounts(200, 1, 1), LIMITS)));
		String window = TAG + "b:" + key.budget() + ":acme:2026-11";
		long expected = end.plus(Duration.ofDays(1)).toEpochMilli() - System.currentTimeMillis();
		assertThat(ttl(window)).isBetween(expected - 5000, expected + 100);
		assertThat(ttl(TAG + "s:" + key.budget() + ":2026-11")).isBetween(expected - 5000, expected + 100);
		this.store.reserve(TokenCall.nextId(), List.of(new BudgetClaim(key, LIMITS, LIMITS, LIMITS, true)));
		assertThat(ttl(window)).isBetween(expected - 5000, expected + 100);
	}

	@Test
	void aHoldIsKeptUntilItEndsAndForgottenThen() {
		UUID id = TokenCall.nextId();
		BudgetKey key = key("held", Instant.now().plusSeconds(3600));
		this.store.reserve(id, List.of(new BudgetClaim(key, new Amounts(1, 1, 1), Amounts.NONE, LIMITS, true)));
		assertThat(ttl(TAG + "h:" + id)).isEqualTo(-1);
		assertThat(redis.blocking().opsForZSet().score(TAG + "x", id.toString())).isNotNull();
		this.store.settle(id, List.of(new BudgetCharge(key, new Amounts(1, 1, 1), LIMITS)));
		assertThat(ttl(TAG + "h:" + id)).isBetween(1L, Duration.ofMinutes(10).toMillis());
		assertThat(redis.blocking().opsForZSet().score(TAG + "x", id.toString())).isNull();
	}

	/**
	 * Something is held, and then the window is gone.
	 */
	@Test
	void anEvictedWindowStartsAtNothing() {
		UUID id = TokenCall.nextId();
		BudgetKey key = key("evicted", Instant.now().plusSeconds(3600));
		this.store.reserve(id, List.of(new BudgetClaim(key, new Amounts(50, 5, 1), Amounts.NONE, LIMITS, true)));
		redis.blocking().delete(TAG + "b:" + key.budget() + ":acme:2026-11");
		this.store.settle(id, List.of(new BudgetCharge(key, new Amounts(30, 3, 1), LIMITS)));
		assertThat(this.store.read(List.of(key)).get(0).held()).isEqualTo(Amounts.NONE);
		assertThat(this.store.read(List.of(key)).get(0).spent().cost()).isEqualTo(30);
	}

	@Test
	void allKeysHaveTheSameHashTag() {
		this.store.settle(TokenCall.nextId(), List
			.of(new BudgetCharge(new BudgetKey("tags", "a}{b", "2026-11", null), new Amounts(1, 1, 1), LIMITS)));
		assertThat(redis.blocking().keys("*")).isNotEmpty()
			.allSatisfy((key) -> assertThat(key).matches("test:\\{budgets}:[^{}]*"));
	}

	private static BudgetKey key(String name, Instant end) {
		return new BudgetKey(name + UUID.randomUUID(), "acme", "2026-11", end);
	}

	private static long ttl(String key) {
		return redis.blocking().getExpire(key, TimeUnit.MILLISECONDS);
	}

}
