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
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.tokencounter.TokenLedger;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * Tells a store of budgets what the ledger knows that they have spent: a store in memory
 * what was spent before it began, and any other one what it has lost. The start waits a
 * little for the first time, so that the first calls find their budgets as they were.
 *
 * @since 0.1.0
 */
public final class BudgetRestore implements SmartLifecycle {

	private static final Duration EVERY = Duration.ofSeconds(5);

	private static final long START_MILLIS = 2000;

	private static final long STOP_MILLIS = 2000;

	// After the ledger's, and before web servers
	private static final int PHASE = 1024;

	private final Round round;

	private final Duration every;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(BudgetRestore.class));

	private @Nullable ScheduledExecutorService executor;

	/**
	 * Create an instance.
	 * @param calls knows the budgets and their limits
	 * @param store keeps what is spent
	 * @param ledger knows what was spent
	 * @param holdTimeout after which all calls are charged that began
	 * @param clock the time
	 */
	public BudgetRestore(BudgetedCalls calls, BudgetStore store, TokenLedger ledger, Duration holdTimeout,
			InstantSource clock) {
		this(calls, store, ledger, holdTimeout, clock, EVERY);
	}

	BudgetRestore(BudgetedCalls calls, BudgetStore store, TokenLedger ledger, Duration holdTimeout, InstantSource clock,
			Duration every) {
		LedgerSpending spending = new LedgerSpending(calls, ledger);
		this.round = (store instanceof MemoryBudgetStore memory) ? new MemoryRestore(memory, spending, ledger, clock)
				: new SharedRestore(store, spending, holdTimeout, clock);
		this.every = every;
	}

	@Override
	public synchronized void start() {
		ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Thread(task, "token-counter-budget-restore");
			thread.setDaemon(true);
			return thread;
		});
		CountDownLatch first = new CountDownLatch(1);
		started.scheduleWithFixedDelay(() -> {
			restore(started);
			first.countDown();
		}, 0, this.every.toMillis(), TimeUnit.MILLISECONDS);
		this.executor = started;
		try {
			first.await(START_MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void restore(ScheduledExecutorService started) {
		try {
			if (this.round.isLast()) {
				started.shutdown();
			}
		}
		catch (Throwable ex) {
			if (!started.isShutdown()) {
				this.faults.log("What budgets have spent cannot be read from the ledger, which is tried again", ex);
			}
		}
	}

	/**
	 * Without interrupting anybody, as that closes a database of H2 in the same process.
	 */
	@Override
	public synchronized void stop() {
		if (this.executor != null) {
			this.executor.shutdown();
			try {
				this.executor.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			this.executor = null;
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.executor != null;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	/**
	 * What is done every few seconds.
	 */
	interface Round {

		/**
		 * Restore what is known now.
		 * @return whether nothing more will be known
		 */
		boolean isLast();

	}

}
