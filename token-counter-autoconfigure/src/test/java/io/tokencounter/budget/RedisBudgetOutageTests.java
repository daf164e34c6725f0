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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.budget.redis.BudgetScripts;
import io.tokencounter.budget.redis.RedisBudgetStore;
import io.tokencounter.call.CallRequest;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Budgets in a Redis that is paused, stopped and started again.
 */
class RedisBudgetOutageTests {

	private static final Duration TIMEOUT = Duration.ofMillis(200);

	// A busy machine may take that long to go on after the timeout
	private static final Duration SLACK = Duration.ofSeconds(2);

	private static final Budget BUDGET = BudgetTestCalls.budget("all", BudgetTestCalls.calls(1_000_000));

	private final LocalRedis redis = new LocalRedis();

	private final RedisBudgetStore store = new RedisBudgetStore(BudgetScripts.of(this.redis.reactive()), "test:",
			TIMEOUT, Duration.ofMinutes(10));

	private final BudgetBackground background = new BudgetBackground();

	@BeforeEach
	void connect() {
		Conditions.await("connected", () -> succeeds(() -> this.store.read(List.of(key()))));
	}

	@AfterEach
	void stop() {
		this.background.stop();
		this.redis.close();
	}

	@Test
	void waitsNoLongerThanTheTimeoutAndThenNotAtAll() {
		this.redis.pause(Duration.ofSeconds(4));
		for (int i = 0; i < 5; i++) {
			long nanos = failingNanos();
			assertThat(nanos).isBetween(TIMEOUT.toNanos() / 2, TIMEOUT.plus(SLACK).toNanos());
		}
		assertThat(this.store.available()).isFalse();
		// The circuit is open: whoever is the first one after a second tries
		long fastest = Long.MAX_VALUE;
		for (int i = 0; i < 20; i++) {
			fastest = Math.min(fastest, failingNanos());
		}
		assertThat(fastest).isLessThan(TIMEOUT.toNanos() / 4);
		Conditions.await("closed", () -> succeeds(() -> this.store.read(List.of(key()))));
		assertThat(this.store.available()).isTrue();
	}

	private long failingNanos() {
		long start = System.nanoTime();
		assertThatExceptionOfType(BudgetStoreUnavailableException.class)
			.isThrownBy(() -> this.store.read(List.of(key())));
		return System.nanoTime() - start;
	}

	@Test
	void letsCallsPassAndChargesThemWhenItIsBack() {
		BudgetTestCalls calls = new BudgetTestCalls(this.store, this.background, false, List.of(), BUDGET);
		this.redis.stop();
		for (int i = 0; i < 20; i++) {
			calls.call(10, 20);
		}
		assertThat(calls.decisions).hasSize(20).containsOnly("unavailable all");
		this.redis.start();
		Conditions.await("charged", () -> succeeds(() -> this.store.read(List.of(key())))
				&& this.store.read(List.of(key())).get(0).spent().calls() == 20);
		assertThat(this.store.read(List.of(key())).get(0))
			.isEqualTo(new BudgetWindowState(new Amounts(20 * 210_000, 600, 20), Amounts.NONE, Amounts.NONE, 0));
		Conditions.await("nothing waits", () -> this.background.waiting() == 0);
	}

	@Test
	void refusesCallsIfItIsToldSoAndAdmitsThemAgain() {
		BudgetTestCalls calls = new BudgetTestCalls(this.store, this.background, true, List.of(), BUDGET);
		this.redis.stop();
		for (int i = 0; i < 10; i++) {
			assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> calls.call(10, 20))
				.withMessageContaining("cannot be asked");
		}
		this.redis.start();
		Conditions.await("admitted", () -> succeeds(() -> calls.call(10, 20)));
		Conditions.await("charged", () -> this.store.read(List.of(key())).get(0).spent().calls() == 1);
		assertThat(this.store.read(List.of(key())).get(0).held()).isEqualTo(Amounts.NONE);
	}

	@Test
	void underLoadNoCallWaitsForLongAndNothingIsHeldAtTheEnd() throws Exception {
		BudgetTestCalls calls = new BudgetTestCalls(this.store, this.background, false, List.of(), BUDGET);
		AtomicBoolean stopped = new AtomicBoolean();
		AtomicInteger made = new AtomicInteger();
		AtomicLong longest = new AtomicLong();
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			List<Future<?>> threads = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				threads.add(executor.submit(() -> {
					while (!stopped.get()) {
						long start = System.nanoTime();
						CallRequest request = calls.admit(calls.request());
						longest.accumulateAndGet(System.nanoTime() - start, Math::max);
						calls.succeed(request, 10, 20);
						made.incrementAndGet();
						Thread.onSpinWait();
					}
				}));
			}
			awaitCalls(made, 200);
			this.redis.stop();
			awaitCalls(made, 200);
			this.redis.start();
			awaitCalls(made, 200);
			this.redis.pause(Duration.ofSeconds(1));
			awaitCalls(made, 200);
			stopped.set(true);
			for (Future<?> thread : threads) {
				thread.get();
			}
		}
		finally {
			stopped.set(true);
			executor.shutdownNow();
		}
		Conditions.await("nothing waits", () -> this.background.waiting() == 0);
		assertThat(Duration.ofNanos(longest.get())).isLessThan(TIMEOUT.plus(SLACK));
		BudgetWindowState state = this.store.read(List.of(key())).get(0);
		assertThat(state.held()).isEqualTo(Amounts.NONE);
		assertThat(state.spent().calls()).isBetween(200L, (long) made.get());
	}

	private static void awaitCalls(AtomicInteger made, int more) {
		int before = made.get();
		Conditions.await("calls", () -> made.get() >= before + more);
	}

	@Test
	void anEventLoopIsNotBlocked() {
		BudgetTestCalls calls = new BudgetTestCalls(this.store, this.background, false, List.of(), BUDGET);
		this.redis.pause(Duration.ofSeconds(1));
		AtomicLong subscribing = new AtomicLong();
		String thread = Mono.defer(() -> {
			long start = System.nanoTime();
			return calls.recorder.admitLater(calls.stream())
				.then(Mono.fromCallable(() -> Thread.currentThread().getName()))
				.doOnSubscribe((subscription) -> subscribing.set(System.nanoTime() - start));
		}).subscribeOn(Schedulers.newParallel("event-loop", 1, true)).block();
		assertThat(Duration.ofNanos(subscribing.get())).isLessThan(TIMEOUT);
		assertThat(calls.decisions).containsExactly("unavailable all");
		assertThat(thread).startsWith("parallel");
		Conditions.await("closed", () -> succeeds(() -> this.store.read(List.of(key()))));
		String admitted = Mono.defer(() -> calls.recorder.admitLater(calls.stream()))
			.then(Mono.fromCallable(() -> Thread.currentThread().getName()))
			.subscribeOn(Schedulers.newParallel("event-loop", 1, true))
			.block();
		assertThat(admitted).as("not a thread of the client").startsWith("parallel");
	}

	private static BudgetKey key() {
		BudgetWindow.Span window = BUDGET.windowAt(Instant.parse("2026-11-25T12:00:00Z"));
		return new BudgetKey("all", null, window.key(), window.end());
	}

	private static boolean succeeds(Runnable action) {
		try {
			action.run();
			return true;
		}
		catch (BudgetStoreUnavailableException | TokenBudgetExceededException ex) {
			return false;
		}
	}

}
