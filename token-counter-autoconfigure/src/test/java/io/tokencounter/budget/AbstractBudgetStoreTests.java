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
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import io.tokencounter.TokenCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What holds for every {@link BudgetStore}.
 */
public abstract class AbstractBudgetStoreTests {

	protected static final Duration HOLD_TIMEOUT = Duration.ofMinutes(10);

	private static final Instant END = Instant.parse("2126-12-01T00:00:00Z");

	private final String budget = "budget-" + UUID.randomUUID();

	private final BudgetKey key = new BudgetKey(this.budget, null, "2126-11", END);

	private final BudgetKey other = new BudgetKey(this.budget, "acme", "2126-11-25", END);

	/**
	 * Return the store.
	 * @return the store
	 */
	protected abstract BudgetStore store();

	/**
	 * Let the time pass after which holds expire.
	 */
	protected abstract void passHoldTimeout();

	@Test
	void holdsWhatIsClaimedUntilItIsSettled() {
		UUID id = TokenCall.nextId();
		assertThat(store().reserve(id, List.of(claim(this.key, 100, 1000))).violations()).isEmpty();
		assertThat(state(this.key).held()).isEqualTo(new Amounts(100, 100, 1));
		List<BudgetWindowState> states = store().settle(id, List.of(charge(this.key, 70)));
		assertThat(states).containsExactly(state(this.key));
		assertThat(state(this.key))
			.isEqualTo(new BudgetWindowState(new Amounts(70, 70, 1), Amounts.NONE, Amounts.NONE, 0));
	}

	@Test
	void refusesWhatIsMoreThanIsLeft() {
		store().settle(TokenCall.nextId(), List.of(charge(this.key, 60)));
		store().estimate(TokenCall.nextId(), List.of(charge(this.key, 20)));
		store().reserve(TokenCall.nextId(), List.of(claim(this.key, 10, 100)));
		UUID id = TokenCall.nextId();
		BudgetReservation refused = store().reserve(id, List.of(claim(this.key, 11, 100)));
		assertThat(refused.violations()).containsExactly(new BudgetReservation.Violation(0, BudgetUnit.COST, 90));
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.key, 10, 100))).violations()).isEmpty();
		assertThat(state(this.key).refused()).isOne();
		assertThat(state(this.key).held().cost()).isEqualTo(20);
	}

	@Test
	void refusesACallThatNeedsNothingWhereNothingIsLeft() {
		store().settle(TokenCall.nextId(), List.of(charge(this.key, 100)));
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.key, 0, 100))).violations()).hasSize(1);
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.other, 0, 0))).violations()).hasSize(1);
	}

	@Test
	void tellsTheFirstUnitThatDoesNotAllowIt() {
		Amounts held = new Amounts(5, 6, 1);
		Amounts unlimited = new Amounts(Amounts.UNLIMITED, Amounts.UNLIMITED, Amounts.UNLIMITED);
		assertThat(violation(held, unlimited)).isNull();
		assertThat(violation(held, new Amounts(Amounts.UNLIMITED, 6, 1))).isNull();
		assertThat(violation(held, new Amounts(4, 5, 0))).isEqualTo(BudgetUnit.COST);
		assertThat(violation(held, new Amounts(5, 5, 0))).isEqualTo(BudgetUnit.TOKENS);
		assertThat(violation(held, new Amounts(Amounts.UNLIMITED, 6, 0))).isEqualTo(BudgetUnit.CALLS);
	}

	private BudgetUnit violation(Amounts held, Amounts limits) {
		BudgetKey key = new BudgetKey(this.budget, UUID.randomUUID().toString(), "2126-11", END);
		List<BudgetReservation.Violation> violations = store()
			.reserve(TokenCall.nextId(), List.of(new BudgetClaim(key, held, held, limits, true)))
			.violations();
		return violations.isEmpty() ? null : violations.get(0).unit();
	}

	@Test
	void holdsAllOrNothing() {
		BudgetReservation refused = store().reserve(TokenCall.nextId(),
				List.of(claim(this.key, 10, 100), claim(this.other, 11, 10)));
		assertThat(refused.violations()).extracting(BudgetReservation.Violation::claim).containsExactly(1);
		assertThat(state(this.key).held()).isEqualTo(Amounts.NONE);
		assertThat(state(this.key).refused()).isZero();
		assertThat(state(this.other).refused()).isOne();
		store().reserve(TokenCall.nextId(), List.of(claim(this.key, 10, 100), claim(this.other, 10, 10)));
		assertThat(state(this.key).held().cost()).isEqualTo(10);
		assertThat(state(this.other).held().cost()).isEqualTo(10);
	}

	@Test
	void holdsPastALimitThatIsOnlyObserved() {
		BudgetClaim observed = new BudgetClaim(this.other, new Amounts(11, 11, 1), Amounts.NONE,
				new Amounts(10, 10, 10), false);
		List<BudgetClaim> claims = List.of(observed, claim(this.key, 10, 100));
		BudgetReservation reservation = store().reserve(TokenCall.nextId(), claims);
		assertThat(reservation.refusal(claims)).isNull();
		assertThat(reservation.violations()).hasSize(1);
		assertThat(state(this.other).held().cost()).isEqualTo(11);
		assertThat(state(this.key).held().cost()).isEqualTo(10);
	}

	@Test
	void chargesInFullEvenPastTheLimit() {
		UUID id = TokenCall.nextId();
		store().reserve(id, List.of(claim(this.key, 100, 100)));
		store().settle(id, List.of(charge(this.key, 250)));
		assertThat(state(this.key).spent().cost()).isEqualTo(250);
	}

	@Test
	void aChangedLimitHoldsAtOnce() {
		store().settle(TokenCall.nextId(), List.of(charge(this.key, 100)));
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.key, 1, 100))).violations()).isNotEmpty();
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.key, 1, 200))).violations()).isEmpty();
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.key, 1, 50))).violations()).isNotEmpty();
	}

	@Test
	void chargesACallThatNobodyHeldAnythingFor() {
		UUID id = TokenCall.nextId();
		store().settle(id, List.of(charge(this.key, 30)));
		store().settle(id, List.of(charge(this.key, 30)));
		assertThat(state(this.key))
			.isEqualTo(new BudgetWindowState(new Amounts(30, 30, 1), Amounts.NONE, Amounts.NONE, 0));
	}

	@Test
	void releasesWhatIsHeld() {
		UUID id = TokenCall.nextId();
		store().reserve(id, List.of(claim(this.key, 10, 100)));
		store().release(id, List.of(this.key));
		store().settle(id, List.of(charge(this.key, 10)));
		assertThat(state(this.key)).isEqualTo(BudgetWindowState.EMPTY);
	}

	@Test
	void holdsNothingForACallThatWasReleasedBefore() {
		UUID id = TokenCall.nextId();
		store().release(id, List.of(this.key));
		assertThat(store().reserve(id, List.of(claim(this.key, 10, 100))).violations()).isEmpty();
		assertThat(state(this.key)).isEqualTo(BudgetWindowState.EMPTY);
	}

	@Test
	void chargesAnExpiredHoldWithWhatWasLikely() {
		UUID id = TokenCall.nextId();
		Amounts likely = new Amounts(40, 4, 1);
		store().reserve(id, List
			.of(new BudgetClaim(this.key, new Amounts(100, 10, 1), likely, new Amounts(1000, 1000, 1000), true)));
		store().expire();
		assertThat(state(this.key).held().cost()).isEqualTo(100);
		passHoldTimeout();
		assertThat(store().expire()).isPositive();
		assertThat(state(this.key)).isEqualTo(new BudgetWindowState(Amounts.NONE, Amounts.NONE, likely, 0));
		store().expire();
		assertThat(state(this.key).unresolved()).isEqualTo(likely);
		store().settle(id, List.of(charge(this.key, 70)));
		assertThat(state(this.key))
			.isEqualTo(new BudgetWindowState(new Amounts(70, 70, 1), Amounts.NONE, Amounts.NONE, 0));
	}

	@Test
	void anEstimateIsCorrectedByAnotherAndByTheTruth() {
		UUID id = TokenCall.nextId();
		store().reserve(id, List.of(claim(this.key, 100, 1000)));
		store().estimate(id, List.of(charge(this.key, 50)));
		store().estimate(id, List.of(charge(this.key, 60)));
		store().estimate(id, List.of(charge(this.key, 60)));
		assertThat(state(this.key))
			.isEqualTo(new BudgetWindowState(Amounts.NONE, Amounts.NONE, new Amounts(60, 60, 1), 0));
		store().settle(id, List.of(charge(this.key, 55)));
		assertThat(state(this.key).unresolved()).isEqualTo(Amounts.NONE);
		assertThat(state(this.key).spent().cost()).isEqualTo(55);
	}

	@Test
	void countsToTheLastNano() {
		long limit = Amounts.MAX;
		store().settle(TokenCall.nextId(), List.of(charge(this.key, limit - 3)));
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.key, 4, limit))).violations())
			.containsExactly(new BudgetReservation.Violation(0, BudgetUnit.COST, limit - 3));
		assertThat(store().reserve(TokenCall.nextId(), List.of(claim(this.key, 3, limit))).violations()).isEmpty();
	}

	@Test
	void raisesToTheMaximumAndNeverAdds() {
		store().settle(TokenCall.nextId(), List.of(charge(this.key, 30)));
		raise(this.key, new Amounts(100, 20, 5));
		raise(this.key, new Amounts(90, 20, 5));
		assertThat(state(this.key).spent()).isEqualTo(new Amounts(100, 30, 5));
	}

	@Test
	void whatIsChargedByEstimateIsNotAddedByRaising() {
		store().settle(TokenCall.nextId(), List.of(charge(this.key, 30)));
		store().estimate(TokenCall.nextId(), List.of(charge(this.key, 50)));
		raise(this.key, new Amounts(70, 90, 2));
		assertThat(state(this.key).spent()).isEqualTo(new Amounts(30, 40, 1));
		assertThat(state(this.key).charged()).isEqualTo(new Amounts(80, 90, 2));
	}

	@Test
	void whoIsRaisedIsAmongTheNearest() {
		raise(new BudgetKey(this.budget, "acme", "2126-11", END), new Amounts(100, 0, 0));
		assertThat(store().nearest(this.budget, "2126-11", 3)).containsExactly("acme");
	}

	private void raise(BudgetKey key, Amounts known) {
		store().raise(new BudgetCharge(key, known, charge(key, 0).limits()));
	}

	@Test
	void tellsWhoIsNearestToALimit() {
		for (int i = 1; i <= 12; i++) {
			BudgetKey subject = new BudgetKey(this.budget, "tenant {" + i + "}", "2126-11", END);
			store().settle(TokenCall.nextId(), List.of(charge(subject, (i * 7) % 13)));
		}
		assertThat(store().nearest(this.budget, "2126-11", 3)).containsExactly("tenant {11}", "tenant {9}",
				"tenant {7}");
		assertThat(store().nearest(this.budget, "2126-12", 3)).isEmpty();
	}

	@Test
	void marksAWindowOnce() {
		assertThat(store().mark(this.key, "warned")).isTrue();
		assertThat(store().mark(this.key, "warned")).isFalse();
		assertThat(store().mark(this.key, "exhausted")).isTrue();
		assertThat(store().mark(this.other, "warned")).isTrue();
	}

	@Test
	void keepsSubjectsApartWhateverTheirNames() {
		List<String> subjects = List.of("a", "A", "a ", "{a}", ":a", "a:b", "*", "\u00fc", "\ud55c\uad6d",
				"x".repeat(256), "x".repeat(255) + "y", "", "none", "~a", "=a");
		for (int i = 0; i < subjects.size(); i++) {
			store().settle(TokenCall.nextId(),
					List.of(charge(new BudgetKey(this.budget, subjects.get(i), "2126-11", END), i + 1)));
		}
		List<BudgetWindowState> states = store()
			.read(subjects.stream().map((subject) -> new BudgetKey(this.budget, subject, "2126-11", END)).toList());
		assertThat(states).extracting((state) -> state.spent().cost())
			.containsExactlyElementsOf(IntStream.rangeClosed(1, subjects.size()).mapToObj(Long::valueOf).toList());
		assertThat(state(this.key)).isEqualTo(BudgetWindowState.EMPTY);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void agreesWithTheModelInAnyOrder(long seed) {
		Random random = new Random(seed);
		BudgetStoreModel model = new BudgetStoreModel();
		List<UUID> ids = IntStream.range(0, 12).mapToObj((i) -> TokenCall.nextId()).toList();
		List<BudgetKey> keys = List.of(this.key, this.other, new BudgetKey(this.budget, "evil", "2126-11", END));
		List<List<BudgetKey>> windows = ids.stream().map((id) -> some(keys, random)).toList();
		for (int step = 0; step < 300; step++) {
			int call = random.nextInt(ids.size());
			UUID id = ids.get(call);
			List<BudgetKey> some = windows.get(call);
			int repeats = 1 + random.nextInt(2);
			switch (random.nextInt(5)) {
				case 0, 1 -> {
					List<BudgetClaim> claims = some.stream()
						.map((key) -> new BudgetClaim(key, amounts(random), amounts(random), new Amounts(300, 500, 20),
								random.nextInt(4) > 0))
						.toList();
					for (int i = 0; i < repeats; i++) {
						assertThat(store().reserve(id, claims)).isEqualTo(model.reserve(id, claims));
					}
				}
				case 2 -> {
					List<BudgetCharge> charges = charges(some, random);
					for (int i = 0; i < repeats; i++) {
						assertThat(store().settle(id, charges)).isEqualTo(model.settle(id, charges));
					}
				}
				case 3 -> {
					List<BudgetCharge> charges = charges(some, random);
					for (int i = 0; i < repeats; i++) {
						assertThat(store().estimate(id, charges)).isEqualTo(model.estimate(id, charges));
					}
				}
				default -> {
					if (random.nextInt(6) == 0) {
						passHoldTimeout();
						store().expire();
						model.expire();
					}
					else {
						store().release(id, some);
						model.release(id);
					}
				}
			}
			assertThat(store().read(keys)).as("seed %d, step %d", seed, step).isEqualTo(model.read(keys));
		}
	}

	@Test
	void neverAdmitsMoreThanTheLimit() throws Exception {
		int threads = 16;
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Callable<Integer>> tasks = Collections.nCopies(threads, () -> {
				int admitted = 0;
				for (int i = 0; i < 10; i++) {
					if (store().reserve(TokenCall.nextId(), List.of(claim(this.key, 10, 500))).violations().isEmpty()) {
						admitted++;
					}
				}
				return admitted;
			});
			int admitted = 0;
			for (Future<Integer> future : executor.invokeAll(tasks)) {
				admitted += future.get();
			}
			assertThat(admitted).isEqualTo(50);
			assertThat(state(this.key).held().cost()).isEqualTo(500);
			assertThat(state(this.key).refused()).isEqualTo(110);
		}
		finally {
			executor.shutdownNow();
		}
	}

	private BudgetWindowState state(BudgetKey key) {
		return store().read(List.of(key)).get(0);
	}

	private static List<BudgetKey> some(List<BudgetKey> keys, Random random) {
		List<BudgetKey> some = new ArrayList<>(keys);
		Collections.shuffle(some, random);
		return some.subList(0, 1 + random.nextInt(keys.size()));
	}

	private static List<BudgetCharge> charges(List<BudgetKey> keys, Random random) {
		return keys.stream().map((key) -> new BudgetCharge(key, amounts(random), new Amounts(300, 500, 20))).toList();
	}

	private static Amounts amounts(Random random) {
		return new Amounts(random.nextInt(60), random.nextInt(60), 1);
	}

	private static BudgetClaim claim(BudgetKey key, long amount, long limit) {
		Amounts amounts = new Amounts(amount, amount, 1);
		return new BudgetClaim(key, amounts, amounts, new Amounts(limit, Amounts.UNLIMITED, Amounts.UNLIMITED), true);
	}

	private static BudgetCharge charge(BudgetKey key, long amount) {
		return new BudgetCharge(key, new Amounts(amount, amount, 1),
				new Amounts(100, Amounts.UNLIMITED, Amounts.UNLIMITED));
	}

}
