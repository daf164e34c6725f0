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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import io.tokencounter.TokenBudgetEvent;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells people and meters what happens to budgets.
 *
 * @since 0.1.0
 */
public final class BudgetWatch {

	private static final Log logger = LogFactory.getLog(BudgetWatch.class);

	private static final int MAX_TOLD = 10_000;

	private static final long LOG_EVERY_NANOS = 60_000_000_000L;

	private final List<BudgetListener> listeners;

	private final BudgetStore store;

	private final Executor background;

	private final Consumer<TokenBudgetEvent> publisher;

	// Windows whose event was published; those that are forgotten the store knows
	private final Set<String> told = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
			return size() > MAX_TOLD;
		}

	}));

	private final AtomicLong loggedAt = new AtomicLong(System.nanoTime() - LOG_EVERY_NANOS);

	private final FaultLog faults = new FaultLog(logger);

	/**
	 * Create a watch.
	 * @param listeners are told of decisions
	 * @param store tells whether an event is the first one of its window
	 * @param background publishes events
	 * @param publisher publishes an event to the application
	 */
	public BudgetWatch(List<BudgetListener> listeners, BudgetStore store, Executor background,
			Consumer<TokenBudgetEvent> publisher) {
		this.listeners = List.copyOf(listeners);
		this.store = store;
		this.background = background;
		this.publisher = publisher;
	}

	TokenBudgetExceededException refused(Budget budget, BudgetClaim claim, BudgetReservation.Violation violation) {
		tell((listener) -> listener.refused(budget));
		BudgetUnit unit = violation.unit();
		event(TokenBudgetEvent.Kind.EXHAUSTED, claim.key(), unit, claim.limits(), violation.used());
		return new TokenBudgetExceededException(budget.name(), claim.key().subject(), unit.value(),
				display(unit, claim.limits()), Amounts.display(unit, violation.used()), display(unit, claim.held()),
				claim.key().end());
	}

	TokenBudgetExceededException refusedAsUnpriced(Budget budget, BudgetClaim claim) {
		tell((listener) -> listener.refused(budget));
		return TokenBudgetExceededException.unpriced(budget.name(), claim.key().subject(),
				display(BudgetUnit.COST, claim.limits()));
	}

	TokenBudgetExceededException refusedAsUnavailable(Budget budget, BudgetClaim claim,
			BudgetStoreUnavailableException cause) {
		tell((listener) -> listener.refused(budget));
		logUnavailable("Calls are refused", cause);
		BudgetUnit unit = firstLimited(claim.limits());
		return TokenBudgetExceededException.unavailable(budget.name(), claim.key().subject(), unit.value(),
				display(unit, claim.limits()), display(unit, claim.held()), cause);
	}

	void exceeded(Budget budget, BudgetClaim claim, BudgetReservation.Violation violation) {
		observed(budget);
		event(TokenBudgetEvent.Kind.EXHAUSTED, claim.key(), violation.unit(), claim.limits(), violation.used());
	}

	void observed(Budget budget) {
		tell((listener) -> listener.observed(budget));
	}

	void unavailable(Budget budget, BudgetStoreUnavailableException cause) {
		tell((listener) -> listener.unavailable(budget));
		logUnavailable("Calls are made without asking their budgets", cause);
	}

	void estimated(BudgetedCall call, List<BudgetCharge> charges) {
		for (int i = 0; i < charges.size(); i++) {
			Budget budget = call.budgets().get(i);
			Amounts held = call.claims().get(i).held();
			Amounts actual = charges.get(i).amounts();
			boolean money = held.cost() > 0 && actual.cost() > 0;
			double needed = money ? actual.cost() : actual.tokens();
			if (needed > 0) {
				double ratio = (money ? held.cost() : held.tokens()) / needed;
				tell((listener) -> listener.estimated(budget, ratio));
			}
		}
	}

	void charged(Budget budget, BudgetCharge charge, BudgetWindowState state) {
		Amounts charged = state.charged();
		double share = charged.shareOf(charge.limits());
		if (share < budget.warnAt()) {
			return;
		}
		for (BudgetUnit unit : BudgetUnit.values()) {
			long limit = charge.limits().of(unit);
			if (limit >= 0 && charged.of(unit) >= limit * budget.warnAt()) {
				event(TokenBudgetEvent.Kind.THRESHOLD_REACHED, charge.key(), unit, charge.limits(), charged.of(unit));
				if (charged.of(unit) >= limit) {
					event(TokenBudgetEvent.Kind.EXHAUSTED, charge.key(), unit, charge.limits(), charged.of(unit));
				}
			}
		}
	}

	private void event(TokenBudgetEvent.Kind kind, BudgetKey key, BudgetUnit unit, Amounts limits, long used) {
		if (this.told.add(kind + " " + key)) {
			TokenBudgetEvent event = new TokenBudgetEvent(kind, key.budget(), key.subject(), unit.value(),
					display(unit, limits), Amounts.display(unit, used), key.end());
			this.background.execute(() -> publish(key, event));
		}
	}

	private void publish(BudgetKey key, TokenBudgetEvent event) {
		if (this.store.mark(key, event.kind().name())) {
			logger.warn("Budget '%s'%s %s: %s of %s %s used%s".formatted(event.budget(),
					(event.subject() != null) ? " of '" + event.subject() + "'" : "",
					(event.kind() == TokenBudgetEvent.Kind.EXHAUSTED) ? "is exhausted" : "is near to its limit",
					event.used().toPlainString(), event.limit().toPlainString(), event.unit(),
					(event.resetsAt() != null) ? ", until " + event.resetsAt() : ""));
			try {
				this.publisher.accept(event);
			}
			catch (Throwable ex) {
				this.faults.log("A listener failed on what happened to a budget", ex);
			}
		}
	}

	private void logUnavailable(String message, BudgetStoreUnavailableException cause) {
		long last = this.loggedAt.get();
		long now = System.nanoTime();
		if (now - last >= LOG_EVERY_NANOS && this.loggedAt.compareAndSet(last, now)) {
			logger.warn(message + ", as their store does not answer: " + cause.getMessage()
					+ ". This is said once a minute.");
			logger.debug("The store of budgets does not answer", cause);
		}
	}

	private void tell(Consumer<BudgetListener> told) {
		for (int i = 0; i < this.listeners.size(); i++) {
			try {
				told.accept(this.listeners.get(i));
			}
			catch (Throwable ex) {
				this.faults.log("What was decided by a budget could not be told", ex);
			}
		}
	}

	private static BigDecimal display(BudgetUnit unit, Amounts amounts) {
		return Amounts.display(unit, amounts.of(unit));
	}

	private static BudgetUnit firstLimited(Amounts limits) {
		for (BudgetUnit unit : BudgetUnit.values()) {
			if (limits.of(unit) >= 0) {
				return unit;
			}
		}
		return BudgetUnit.CALLS;
	}

}
