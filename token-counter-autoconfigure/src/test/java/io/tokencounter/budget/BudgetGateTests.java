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

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import io.tokencounter.BudgetLimits;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetEvent;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.CallRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link BudgetGate}, with budgets in memory.
 */
class BudgetGateTests {

	@Test
	void holdsWhatACallMayNeedAndChargesWhatItNeeded() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.cost("1"));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		CallRequest request = calls.admit(calls.request());
		// 24 tokens at $1 and 100 at $10 per million
		assertThat(calls.state(budget).held()).isEqualTo(new Amounts(1_024_000, 124, 1));
		calls.succeed(request, 30, 40);
		assertThat(calls.state(budget))
			.isEqualTo(new BudgetWindowState(new Amounts(430_000, 70, 1), Amounts.NONE, Amounts.NONE, 0));
		assertThat(calls.gate.openCalls()).isZero();
	}

	@Test
	void refusesBeforeTheCallIsMadeAndRecordsItOnce() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.tokens(300));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		calls.call(30, 150);
		assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> calls.call(1, 1))
			.satisfies((ex) -> {
				assertThat(ex.budget()).isEqualTo("all");
				assertThat(ex.subject()).isNull();
				assertThat(ex.unit()).isEqualTo("tokens");
				assertThat(ex.limit()).isEqualByComparingTo("300");
				assertThat(ex.used()).isEqualByComparingTo("180");
				assertThat(ex.requested()).isGreaterThan(BigDecimal.valueOf(120));
				assertThat(ex.resetsAt()).isEqualTo("2026-12-01T00:00:00Z");
			});
		assertThat(calls.counted).extracting(TokenCall::outcome)
			.containsExactly(CallOutcome.SUCCESS, CallOutcome.REJECTED);
		assertThat(calls.state(budget).held()).isEqualTo(Amounts.NONE);
		assertThat(calls.state(budget).refused()).isOne();
		assertThat(calls.decisions).containsExactly("refused all");
		assertThat(calls.gate.openCalls()).isZero();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void saysOnceThatMoneyOfAnotherCurrencyDoesNotCount(CapturedOutput output) {
		Budget budget = new Budget("euros", BudgetTestCalls.cost("1"), "EUR", BudgetWindow.MONTH, ZoneOffset.UTC, null,
				BudgetMatch.ALL, Map.of(), true, 0.8, false);
		BudgetTestCalls calls = new BudgetTestCalls(budget,
				BudgetTestCalls.budget("dollars", BudgetTestCalls.cost("1")));
		calls.call(30, 40);
		calls.call(30, 40);
		assertThat(calls.state(budget).spent()).isEqualTo(new Amounts(0, 140, 2));
		assertThat(output.getAll().lines().filter((line) -> line.contains("Budget '"))).singleElement()
			.asString()
			.endsWith("Budget 'euros' is of EUR, so what calls cost in USD does not count for it."
					+ " See token-counter.budgets.euros.currency.");
	}

	@Test
	void holdsNothingForACallThatWasWithdrawnWhileItWasAskedFor() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.cost("1"));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		CallRequest request = calls.request();
		calls.recorder.withdraw(request);
		calls.admit(request);
		assertThat(calls.state(budget).held()).isEqualTo(Amounts.NONE);
	}

	@Test
	void ofFiftyCallsExactlyFiftyAreLetThrough() throws Exception {
		Budget budget = BudgetTestCalls.budget("fifty", BudgetTestCalls.calls(50));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		AtomicInteger sent = new AtomicInteger();
		inThreads(32, () -> {
			for (int i = 0; i < 20; i++) {
				try {
					CallRequest request = calls.admit(calls.request());
					sent.incrementAndGet();
					calls.succeed(request, 10, 10);
				}
				catch (TokenBudgetExceededException ex) {
					assertThat(ex.unit()).isEqualTo("calls");
				}
			}
		});
		assertThat(sent).hasValue(50);
		assertThat(calls.state(budget).spent()).isEqualTo(new Amounts(50 * 110_000, 1000, 50));
		assertThat(calls.state(budget).held()).isEqualTo(Amounts.NONE);
		assertThat(calls.counted).hasSize(32 * 20);
	}

	/**
	 * A call that is refused by the provider gives its place back, and another one gets
	 * it.
	 */
	@Test
	void heldAndSpentNeverPassTheLimitWhileEstimatesAreHighEnough() throws Exception {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.cost("0.02"));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		AtomicInteger made = new AtomicInteger();
		inThreads(16, () -> {
			for (int i = 0; i < 50; i++) {
				try {
					CallRequest request = calls.admit(calls.request());
					BudgetWindowState state = calls.state(budget);
					assertThat(state.charged().plus(state.held()).cost()).isLessThanOrEqualTo(20_000_000);
					calls.succeed(request, 20, 80);
					made.incrementAndGet();
				}
				catch (TokenBudgetExceededException ex) {
					assertThat(ex.used().add(ex.requested())).isGreaterThan(ex.limit());
				}
			}
		});
		assertThat(calls.state(budget).spent().cost()).isEqualTo(made.get() * 820_000L).isLessThanOrEqualTo(20_000_000);
		assertThat(made.get()).isGreaterThan(20);
	}

	@Test
	void whatIsOverspentIsBoundedByTheCallsInFlight() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.tokens(1000));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		List<CallRequest> inFlight = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			inFlight.add(calls.admit(calls.request()));
		}
		inFlight.forEach((request) -> calls.succeed(request, 500, 500));
		assertThat(calls.state(budget).spent().tokens()).isEqualTo(8000);
		assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> calls.call(1, 1));
		assertThat(calls.budgets.status("all", null).share()).isEqualTo(8);
	}

	@Test
	void aCallAcrossMidnightIsChargedWhereItWasHeld() {
		Budget budget = BudgetTestCalls.in(
				BudgetTestCalls.budget("daily", BudgetTestCalls.calls(1), BudgetWindow.DAY, null),
				ZoneId.of("Europe/Berlin"));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		calls.now.set(Instant.parse("2026-11-25T22:59:59Z"));
		CallRequest request = calls.admit(calls.request());
		calls.now.set(Instant.parse("2026-11-25T23:00:01Z"));
		calls.succeed(request, 10, 10);
		assertThat(calls.state(budget)).isEqualTo(BudgetWindowState.EMPTY);
		calls.call(10, 10);
		assertThat(calls.state(budget).spent().calls()).isOne();
		calls.now.set(Instant.parse("2026-11-25T22:59:59Z"));
		assertThat(calls.state(budget).spent().calls()).isOne();
	}

	@Test
	void eachSubjectHasTheBudgetForItself() {
		Budget budget = BudgetTestCalls.with(
				BudgetTestCalls.budget("tenants", BudgetTestCalls.calls(1), BudgetWindow.MONTH, "tenant"), true, false,
				Map.of("vip", BudgetTestCalls.calls(3)));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		assertThat(admitted(calls, "acme", 3)).isOne();
		assertThat(admitted(calls, "globex", 3)).isOne();
		assertThat(admitted(calls, "vip", 5)).isEqualTo(3);
		assertThat(admitted(calls, null, 2)).isOne();
		assertThat(calls.state(budget, "none").spent().calls()).isOne();
		assertThat(calls.budgets.statuses()).extracting(TokenBudgets.Status::subject)
			.containsExactlyInAnyOrder("acme", "globex", "vip", "none");
	}

	@Test
	void subjectsCanBeFeaturesModelsAndProviders() {
		Budget feature = BudgetTestCalls.budget("a", BudgetTestCalls.calls(9), BudgetWindow.DAY, "feature");
		Budget model = BudgetTestCalls.budget("b", BudgetTestCalls.calls(9), BudgetWindow.DAY, "model");
		Budget provider = BudgetTestCalls.budget("c", BudgetTestCalls.calls(9), BudgetWindow.DAY, "provider");
		BudgetTestCalls calls = new BudgetTestCalls(feature, model, provider);
		calls.call(1, 1);
		assertThat(calls.budgets.statuses()).extracting(TokenBudgets.Status::subject)
			.containsExactly("feature", BudgetTestCalls.PRICED, "test");
	}

	@Test
	void limitsFromElsewhereWinAndTheirFaultsDoNoHarm() {
		Budget budget = BudgetTestCalls.budget("tenants", BudgetTestCalls.calls(1), BudgetWindow.MONTH, "tenant");
		BudgetLimits limits = (name, subject) -> {
			if (subject.equals("broken")) {
				throw new IllegalStateException("no database");
			}
			return subject.equals("big") ? new BudgetLimits.Limits(null, null, 4L) : null;
		};
		BudgetTestCalls calls = new BudgetTestCalls(null, Runnable::run, false, List.of(limits), budget);
		assertThat(admitted(calls, "acme", 3)).isOne();
		assertThat(admitted(calls, "big", 6)).isEqualTo(4);
		assertThat(admitted(calls, "broken", 3)).isOne();
		assertThat(calls.budgets.status("tenants", "big").amounts().get(0).limit()).isEqualByComparingTo("4");
	}

	@Test
	void aNegativeLimitFromElsewhereIsNotNone() {
		Budget budget = BudgetTestCalls.budget("tenants", new Amounts(1_000_000_000, 1_000_000, 1000),
				BudgetWindow.MONTH, "tenant");
		BudgetLimits limits = (name, subject) -> switch (subject) {
			case "cost" -> new BudgetLimits.Limits(BigDecimal.ONE.negate(), null, null);
			case "tokens" -> new BudgetLimits.Limits(null, -1L, null);
			default -> new BudgetLimits.Limits(null, null, -1L);
		};
		BudgetTestCalls calls = new BudgetTestCalls(null, Runnable::run, false, List.of(limits), budget);
		for (String subject : List.of("cost", "tokens", "calls")) {
			assertThat(admitted(calls, subject, 1)).isZero();
			assertThat(calls.budgets.status("tenants", subject).share()).isOne();
		}
	}

	@Test
	void isForTheCallsThatMatch() {
		Budget budget = BudgetTestCalls.matching(BudgetTestCalls.budget("cv", BudgetTestCalls.calls(0)),
				new BudgetMatch(List.of("cv-*"), List.of("priced*", "gpt-*"), List.of("test"), List.of("chat"),
						Map.of("tenant", List.of("a*", "globex"))));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		Map<String, String> tenant = Map.of("tenant", "acme");
		assertThat(isAdmitted(calls, calls.request("priced-model", "cv-extraction", tenant))).isFalse();
		assertThat(isAdmitted(calls, calls.request("gpt-4o", "cv-extraction", Map.of("tenant", "globex")))).isFalse();
		assertThat(isAdmitted(calls, calls.request("priced-model", "jd-extraction", tenant))).isTrue();
		assertThat(isAdmitted(calls, calls.request("llama", "cv-extraction", tenant))).isTrue();
		assertThat(isAdmitted(calls, calls.request("gpt-4o", "cv-extraction", Map.of("tenant", "initech")))).isTrue();
		assertThat(isAdmitted(calls, calls.request("gpt-4o", "cv-extraction", Map.of()))).isTrue();
	}

	@Test
	void takesAllBudgetsOfACallOrNone() {
		Budget all = BudgetTestCalls.budget("all", BudgetTestCalls.calls(10));
		Budget tenants = BudgetTestCalls.budget("tenants", BudgetTestCalls.calls(2), BudgetWindow.DAY, "tenant");
		BudgetTestCalls calls = new BudgetTestCalls(all, tenants);
		assertThat(admitted(calls, "acme", 5)).isEqualTo(2);
		assertThat(calls.state(all).spent().calls()).isEqualTo(2);
		assertThat(calls.state(all).held()).isEqualTo(Amounts.NONE);
		assertThat(calls.decisions).containsExactly("refused tenants", "refused tenants", "refused tenants");
	}

	@Test
	void anObservedBudgetLetsAllPassAndCountsWhatItWouldHaveRefused() {
		Budget budget = BudgetTestCalls.with(BudgetTestCalls.budget("trial", BudgetTestCalls.calls(2)), false, false,
				Map.of());
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		for (int i = 0; i < 5; i++) {
			calls.call(1, 1);
		}
		assertThat(calls.state(budget).spent().calls()).isEqualTo(5);
		assertThat(calls.decisions).containsExactly("observed trial", "observed trial", "observed trial");
		assertThat(calls.counted).extracting(TokenCall::outcome).containsOnly(CallOutcome.SUCCESS);
	}

	@Test
	void tellsOfAShareAndOfTheEndOnceAWindow() {
		Budget budget = BudgetTestCalls.budget("daily", BudgetTestCalls.calls(5), BudgetWindow.DAY, "tenant");
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		admitted(calls, "acme", 3);
		assertThat(calls.events).isEmpty();
		admitted(calls, "acme", 1);
		assertThat(calls.events).containsExactly(new TokenBudgetEvent(TokenBudgetEvent.Kind.THRESHOLD_REACHED, "daily",
				"acme", "calls", BigDecimal.valueOf(5), BigDecimal.valueOf(4), Instant.parse("2026-11-26T00:00:00Z")));
		admitted(calls, "acme", 5);
		assertThat(calls.events).extracting(TokenBudgetEvent::kind)
			.containsExactly(TokenBudgetEvent.Kind.THRESHOLD_REACHED, TokenBudgetEvent.Kind.EXHAUSTED);
		admitted(calls, "globex", 9);
		assertThat(calls.events).hasSize(4);
		calls.now.set(Instant.parse("2026-11-26T00:00:00Z"));
		admitted(calls, "acme", 9);
		assertThat(calls.events).hasSize(6);
	}

	@Test
	void aModelWithoutAPriceIsAllowedOrRefusedAsTheUserSays() {
		Budget allowing = BudgetTestCalls.budget("allowing", BudgetTestCalls.cost("0.001"));
		BudgetTestCalls calls = new BudgetTestCalls(allowing);
		assertThat(isAdmitted(calls, calls.request("local-model", "feature", Map.of()))).isTrue();
		assertThat(calls.state(allowing).charged().cost()).isZero();
		Budget refusing = BudgetTestCalls.with(BudgetTestCalls.budget("refusing", BudgetTestCalls.cost("1")), true,
				true, Map.of());
		BudgetTestCalls refused = new BudgetTestCalls(refusing);
		assertThatExceptionOfType(TokenBudgetExceededException.class)
			.isThrownBy(() -> refused.admit(refused.request("local-model", "feature", Map.of())))
			.withMessage("Budget 'refusing' refuses calls of models whose price is not known");
		assertThat(isAdmitted(refused, refused.request())).isTrue();
		assertThat(refused.state(refusing).held()).isEqualTo(Amounts.NONE);
		Budget ofTokens = BudgetTestCalls.with(BudgetTestCalls.budget("tokens", BudgetTestCalls.tokens(1000)), true,
				true, Map.of());
		BudgetTestCalls counted = new BudgetTestCalls(ofTokens);
		assertThat(isAdmitted(counted, counted.request("local-model", "feature", Map.of()))).isTrue();
	}

	@Test
	void eachRunHasTheBudgetForItself() {
		Budget budget = BudgetTestCalls.matching(
				BudgetTestCalls.budget("agent", BudgetTestCalls.calls(3), BudgetWindow.RUN, null),
				new BudgetMatch(List.of("agent"), List.of(), List.of(), List.of(), Map.of()));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		CallRun session = new CallRun("s", "nightly");
		for (String id : List.of("1", "2")) {
			int admitted = 0;
			for (int i = 0; i < 6; i++) {
				// A step of the agent is a run, too, and does not begin its budget anew
				CallRequest request = calls.request(BudgetTestCalls.PRICED, "step", Map.of(), session,
						new CallRun(id, "agent"), new CallRun(id + "-" + i, "step"));
				admitted += isAdmitted(calls, request) ? 1 : 0;
			}
			assertThat(admitted).isEqualTo(3);
		}
		assertThat(isAdmitted(calls, calls.request(BudgetTestCalls.PRICED, "agent", Map.of()))).isTrue();
	}

	@Test
	void aCallThatTurnsOutToBeNoneGivesBackWhatWasHeld() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.calls(1));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		calls.recorder.withdraw(calls.admit(calls.request()));
		assertThat(calls.state(budget)).isEqualTo(BudgetWindowState.EMPTY);
		assertThat(calls.gate.openCalls()).isZero();
		assertThat(calls.counted).isEmpty();
	}

	@Test
	void chargesACallThatNobodyAskedFor() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.calls(1));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		calls.succeed(calls.request(), 10, 20);
		calls.succeed(calls.request(), 10, 20);
		assertThat(calls.state(budget).spent()).isEqualTo(new Amounts(420_000, 60, 2));
		assertThat(isAdmitted(calls, calls.request())).isFalse();
	}

	@Test
	void admitsStreamsOnSubscriptionAndOnTheSubscribingThread() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.calls(1));
		BudgetTestCalls calls = new BudgetTestCalls(budget);
		CallRequest request = calls.stream();
		Mono<Void> admission = calls.recorder.admitLater(request);
		assertThat(calls.state(budget).held()).isEqualTo(Amounts.NONE);
		Thread here = Thread.currentThread();
		assertThat(admission.then(Mono.fromCallable(Thread::currentThread)).block()).isSameAs(here);
		assertThat(calls.state(budget).held().calls()).isOne();
		CallRequest second = calls.stream();
		assertThatExceptionOfType(TokenBudgetExceededException.class)
			.isThrownBy(() -> calls.recorder.admitLater(second).block());
		assertThatExceptionOfType(TokenBudgetExceededException.class)
			.isThrownBy(() -> Mono.defer(() -> calls.recorder.admitLater(calls.stream()))
				.subscribeOn(Schedulers.parallel())
				.block());
		assertThat(calls.counted).extracting(TokenCall::outcome)
			.containsExactly(CallOutcome.REJECTED, CallOutcome.REJECTED);
	}

	@Test
	void aStoreThatIsAwayLetsCallsPassAndChargesThemLater() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.calls(5));
		FailableBudgetStore store = new FailableBudgetStore();
		List<Runnable> later = new ArrayList<>();
		BudgetTestCalls calls = new BudgetTestCalls(store, later::add, false, List.of(), budget);
		store.fail = true;
		CallRequest request = calls.admit(calls.request());
		assertThatNoException().isThrownBy(() -> calls.recorder.admitLater(calls.stream()).block());
		assertThat(calls.decisions).containsExactly("unavailable all", "unavailable all");
		calls.succeed(request, 10, 10);
		store.fail = false;
		later.forEach(Runnable::run);
		assertThat(calls.state(budget).spent().calls()).isOne();
	}

	@Test
	void aStoreThatIsAwayCanRefuseCalls() {
		Budget budget = BudgetTestCalls.budget("all", BudgetTestCalls.calls(5));
		FailableBudgetStore store = new FailableBudgetStore();
		List<Runnable> later = new ArrayList<>();
		BudgetTestCalls calls = new BudgetTestCalls(store, later::add, true, List.of(), budget);
		store.failAfterwards = true;
		assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> calls.admit(calls.request()))
			.withMessageContaining("cannot be asked")
			.withCauseInstanceOf(BudgetStoreUnavailableException.class);
		store.failAfterwards = false;
		assertThat(calls.state(budget).held().calls()).isOne();
		later.forEach(Runnable::run);
		assertThat(calls.state(budget).held()).isEqualTo(Amounts.NONE);
		assertThat(calls.decisions).containsExactly("refused all");
	}

	private static int admitted(BudgetTestCalls calls, String tenant, int times) {
		int admitted = 0;
		Map<String, String> tags = (tenant != null) ? Map.of("tenant", tenant) : Map.of();
		for (int i = 0; i < times; i++) {
			admitted += isAdmitted(calls, calls.request(BudgetTestCalls.PRICED, "feature", tags)) ? 1 : 0;
		}
		return admitted;
	}

	private static boolean isAdmitted(BudgetTestCalls calls, CallRequest request) {
		try {
			calls.admit(request);
		}
		catch (TokenBudgetExceededException ex) {
			return false;
		}
		calls.succeed(request, 10, 10);
		return true;
	}

	private static void inThreads(int threads, Runnable task) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Callable<Object>> tasks = Collections.nCopies(threads, Executors.callable(task));
			for (Future<Object> future : executor.invokeAll(tasks)) {
				future.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * A store that can be away.
	 */
	private static final class FailableBudgetStore implements BudgetStore {

		private final MemoryBudgetStore store = new MemoryBudgetStore(Duration.ofMinutes(10), Instant::now);

		private boolean fail;

		private boolean failAfterwards;

		private void check(boolean failing) {
			if (failing) {
				throw new BudgetStoreUnavailableException("away", null);
			}
		}

		@Override
		public BudgetReservation reserve(UUID id, List<BudgetClaim> claims) {
			check(this.fail);
			BudgetReservation reservation = this.store.reserve(id, claims);
			check(this.failAfterwards);
			return reservation;
		}

		@Override
		public List<BudgetWindowState> settle(UUID id, List<BudgetCharge> charges) {
			check(this.fail);
			return this.store.settle(id, charges);
		}

		@Override
		public List<BudgetWindowState> estimate(UUID id, List<BudgetCharge> charges) {
			check(this.fail);
			return this.store.estimate(id, charges);
		}

		@Override
		public void release(UUID id, List<BudgetKey> keys) {
			check(this.fail);
			this.store.release(id, keys);
		}

		@Override
		public int expire() {
			return this.store.expire();
		}

		@Override
		public List<BudgetWindowState> read(List<BudgetKey> keys) {
			return this.store.read(keys);
		}

		@Override
		public List<String> nearest(String budget, String window, int count) {
			return this.store.nearest(budget, window, count);
		}

		@Override
		public boolean mark(BudgetKey key, String mark) {
			return this.store.mark(key, mark);
		}

		@Override
		public void raise(BudgetCharge known) {
			this.store.raise(known);
		}

	}

}
