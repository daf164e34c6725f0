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
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.SmartLifecycle;

/**
 * One thread for all that need not be done on the thread of a call. What the store does
 * not answer to is repeated until it does, in the same order.
 *
 * @since 0.1.0
 */
public final class BudgetBackground implements Executor, SmartLifecycle {

	private static final int MAX_WAITING = 50_000;

	private static final long RETRY_MILLIS = 250;

	private static final long STOP_SECONDS = 5;

	private static final int PHASE = 1024;

	private volatile ScheduledThreadPoolExecutor executor = newExecutor();

	private volatile boolean running;

	private Runnable expiring = () -> {
	};

	private final AtomicInteger waiting = new AtomicInteger();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(BudgetBackground.class));

	/**
	 * The thread starts with the first task.
	 */
	private static ScheduledThreadPoolExecutor newExecutor() {
		return new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "token-counter-budgets");
			thread.setDaemon(true);
			return thread;
		});
	}

	/**
	 * Charge expired holds now and then.
	 * @param store the store
	 * @param holdTimeout after which holds expire
	 */
	public synchronized void expireHoldsOf(BudgetStore store, Duration holdTimeout) {
		long millis = Math.max(1, Math.min(Duration.ofSeconds(30).toMillis(), holdTimeout.toMillis() / 4));
		this.expiring = () -> this.executor.scheduleWithFixedDelay(() -> expireHoldsOf(store), millis, millis,
				TimeUnit.MILLISECONDS);
		this.expiring.run();
	}

	private void expireHoldsOf(BudgetStore store) {
		try {
			store.expire();
		}
		catch (BudgetStoreUnavailableException ex) {
			// Next time
		}
		catch (Throwable ex) {
			this.faults.log("Expired holds of budgets could not be charged", ex);
		}
	}

	/**
	 * Do something later. If too much is waiting it is not done; a hold that is not
	 * charged for that reason expires, and is charged then.
	 * @param task the task
	 */
	@Override
	public void execute(Runnable task) {
		if (this.waiting.incrementAndGet() > MAX_WAITING) {
			this.waiting.decrementAndGet();
			this.faults.log("Too many calls wait to be charged to their budgets, so some are charged by estimate",
					null);
			return;
		}
		try {
			this.executor.execute(() -> run(task));
		}
		catch (Throwable ex) {
			this.waiting.decrementAndGet();
			this.faults.log("A call is not charged to its budgets, as the application has ended", ex);
		}
	}

	private void run(Runnable task) {
		try {
			while (!isDone(task)) {
				TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.waiting.decrementAndGet();
		}
	}

	private boolean isDone(Runnable task) {
		try {
			task.run();
			return true;
		}
		catch (BudgetStoreUnavailableException ex) {
			return Thread.currentThread().isInterrupted();
		}
		catch (Throwable ex) {
			this.faults.log("A call could not be charged to its budgets", ex);
			return true;
		}
	}

	/**
	 * Return how many tasks wait.
	 * @return the number
	 */
	public int waiting() {
		return this.waiting.get();
	}

	/**
	 * A context that was stopped may start again, such as one that Spring's tests pause.
	 */
	@Override
	public synchronized void start() {
		if (this.executor.isShutdown()) {
			this.executor = newExecutor();
			this.expiring.run();
		}
		this.running = true;
	}

	/**
	 * Do what waits, and nothing more until the next start.
	 */
	@Override
	public void stop() {
		this.running = false;
		this.executor.shutdown();
		try {
			if (!this.executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
				dropWhatWaits();
			}
		}
		catch (InterruptedException ex) {
			dropWhatWaits();
			Thread.currentThread().interrupt();
		}
	}

	private void dropWhatWaits() {
		this.waiting.addAndGet(-this.executor.shutdownNow().size());
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	/**
	 * Stops after the web server, whose last requests make calls, and before the client
	 * of Redis.
	 */
	@Override
	public int getPhase() {
		return PHASE;
	}

}
