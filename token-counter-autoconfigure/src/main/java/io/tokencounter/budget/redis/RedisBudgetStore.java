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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import io.tokencounter.budget.Amounts;
import io.tokencounter.budget.BudgetCharge;
import io.tokencounter.budget.BudgetClaim;
import io.tokencounter.budget.BudgetKey;
import io.tokencounter.budget.BudgetReservation;
import io.tokencounter.budget.BudgetStore;
import io.tokencounter.budget.BudgetUnit;
import io.tokencounter.budget.BudgetWindowState;
import reactor.core.publisher.Mono;

/**
 * Keeps budgets that several instances of an application share, in Redis 6.2 or later.
 *
 * @since 0.1.0
 */
public final class RedisBudgetStore implements BudgetStore {

	private static final int STATE = 10;

	private static final int DUE_AT_ONCE = 100;

	// A call that takes longer than that is charged twice
	private static final String KEEP_UNRESOLVED = Long.toString(Duration.ofDays(1).toMillis());

	// A command that the client repeats comes long before that
	private static final String KEEP_ENDED = Long.toString(Duration.ofMinutes(10).toMillis());

	private final RedisCommands commands;

	private final BudgetKeys keys;

	private final String holdTimeout;

	/**
	 * Create a store.
	 * @param scripts run the scripts
	 * @param keyPrefix what all keys begin with
	 * @param timeout how long to wait for an answer
	 * @param holdTimeout after which a call is charged whose end nobody told
	 */
	public RedisBudgetStore(BudgetScripts scripts, String keyPrefix, Duration timeout, Duration holdTimeout) {
		this.commands = new RedisCommands(scripts, timeout);
		this.keys = new BudgetKeys(keyPrefix);
		this.holdTimeout = Long.toString(holdTimeout.toMillis());
	}

	@Override
	public BudgetReservation reserve(UUID id, List<BudgetClaim> claims) {
		return reservation(this.commands.run(BudgetScript.RESERVE, claimedKeys(id, claims), arguments(id, claims)));
	}

	@Override
	public Mono<BudgetReservation> reserveLater(UUID id, List<BudgetClaim> claims) {
		return this.commands.runLater(BudgetScript.RESERVE, claimedKeys(id, claims), arguments(id, claims))
			.map(RedisBudgetStore::reservation);
	}

	private List<String> claimedKeys(UUID id, List<BudgetClaim> claims) {
		List<String> names = keysOf(id);
		claims.forEach((claim) -> names.add(this.keys.window(claim.key())));
		return names;
	}

	private List<String> arguments(UUID id, List<BudgetClaim> claims) {
		List<String> args = new ArrayList<>(List.of(id.toString(), this.holdTimeout));
		for (BudgetClaim claim : claims) {
			add(args, claim.held());
			add(args, claim.likely());
			add(args, claim.limits());
			args.add(claim.enforced() ? "1" : "0");
			args.add(BudgetKeys.expiry(claim.key()));
		}
		return args;
	}

	private static BudgetReservation reservation(List<String> answer) {
		if (answer.isEmpty()) {
			return BudgetReservation.ALLOWED;
		}
		List<BudgetReservation.Violation> violations = new ArrayList<>();
		for (int i = 0; i < answer.size(); i += 3) {
			BudgetUnit unit = BudgetUnit.values()[Integer.parseInt(answer.get(i + 1))];
			violations.add(new BudgetReservation.Violation(Integer.parseInt(answer.get(i)), unit,
					Long.parseLong(answer.get(i + 2))));
		}
		return new BudgetReservation(violations);
	}

	@Override
	public List<BudgetWindowState> settle(UUID id, List<BudgetCharge> charges) {
		return charge(id, charges, "settled", KEEP_ENDED);
	}

	@Override
	public List<BudgetWindowState> estimate(UUID id, List<BudgetCharge> charges) {
		return charge(id, charges, "unresolved", KEEP_UNRESOLVED);
	}

	private List<BudgetWindowState> charge(UUID id, List<BudgetCharge> charges, String state, String keep) {
		List<String> names = keysOf(id);
		List<String> args = new ArrayList<>(List.of(id.toString(), state, keep));
		for (BudgetCharge charge : charges) {
			add(names, args, charge);
		}
		return states(this.commands.run(BudgetScript.CHARGE, names, args));
	}

	private void add(List<String> names, List<String> args, BudgetCharge charge) {
		BudgetKey key = charge.key();
		names.add(this.keys.window(key));
		names.add(this.keys.subjects(key.budget(), key.window()));
		add(args, charge.amounts());
		add(args, charge.limits());
		args.add(BudgetKeys.expiry(key));
		args.add((key.subject() != null) ? "=" + key.subject() : "");
	}

	@Override
	public void release(UUID id, List<BudgetKey> windows) {
		List<String> names = keysOf(id);
		windows.forEach((key) -> names.add(this.keys.window(key)));
		this.commands.run(BudgetScript.RELEASE, names, List.of(id.toString(), KEEP_ENDED));
	}

	@Override
	public int expire() {
		List<String> due = this.commands.run(BudgetScript.DUE, List.of(this.keys.expiries()),
				List.of(Integer.toString(DUE_AT_ONCE)));
		int expired = 0;
		for (String id : due) {
			List<String> names = new ArrayList<>(List.of(this.keys.hold(id), this.keys.expiries()));
			names.addAll(this.commands.run(BudgetScript.WINDOWS, List.of(this.keys.hold(id)), List.of()));
			List<String> answer = this.commands.run(BudgetScript.EXPIRE, names, List.of(id, KEEP_UNRESOLVED));
			expired += Integer.parseInt(answer.get(0));
		}
		return expired;
	}

	@Override
	public List<BudgetWindowState> read(List<BudgetKey> windows) {
		return windows.isEmpty() ? List.of() : states(
				this.commands.run(BudgetScript.READ, windows.stream().map(this.keys::window).toList(), List.of()));
	}

	@Override
	public List<String> nearest(String budget, String window, int count) {
		return this.commands.run(BudgetScript.NEAREST, List.of(this.keys.subjects(budget, window)),
				List.of(Integer.toString(count - 1)));
	}

	@Override
	public boolean mark(BudgetKey key, String mark) {
		List<String> answer = this.commands.run(BudgetScript.MARK, List.of(this.keys.window(key)),
				List.of(mark, BudgetKeys.expiry(key)));
		return answer.equals(List.of("1"));
	}

	@Override
	public void raise(BudgetCharge known) {
		List<String> names = new ArrayList<>();
		List<String> args = new ArrayList<>();
		add(names, args, known);
		this.commands.run(BudgetScript.RAISE, names, args);
	}

	@Override
	public boolean available() {
		return this.commands.available();
	}

	private List<String> keysOf(UUID id) {
		return new ArrayList<>(Arrays.asList(this.keys.hold(id), this.keys.expiries()));
	}

	private static void add(List<String> args, Amounts amounts) {
		args.add(Long.toString(amounts.cost()));
		args.add(Long.toString(amounts.tokens()));
		args.add(Long.toString(amounts.calls()));
	}

	private static List<BudgetWindowState> states(List<String> answer) {
		List<BudgetWindowState> states = new ArrayList<>();
		for (int i = 0; i < answer.size(); i += STATE) {
			long[] values = answer.subList(i, i + STATE).stream().mapToLong(Long::parseLong).toArray();
			states.add(new BudgetWindowState(new Amounts(values[0], values[1], values[2]),
					new Amounts(values[3], values[4], values[5]), new Amounts(values[6], values[7], values[8]),
					values[9]));
		}
		return states;
	}

}
