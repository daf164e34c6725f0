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

package io.tokencounter.ledger;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Moves rows from the spool into the store, and does what is to be done there now and
 * then. Rows leave the spool when they are in the store, never before.
 */
final class LedgerDrainer implements Runnable {

	static final int BATCH = 500;

	private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

	private final CallSpool spool;

	private final SpoolFiles files;

	private final LedgerStore store;

	private final LedgerCounts counts;

	private final LedgerSettings settings;

	private final Clock clock;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(LedgerDrainer.class));

	private final Object monitor = new Object();

	private List<LedgerRow> batch = List.of();

	private boolean fromMemory;

	private boolean checked;

	private @Nullable Instant deadline;

	private Instant addUpAt = Instant.MIN;

	private Instant hourlyAt = Instant.MIN;

	LedgerDrainer(CallSpool spool, SpoolFiles files, LedgerStore store, LedgerCounts counts, LedgerSettings settings,
			Clock clock) {
		this.spool = spool;
		this.files = files;
		this.store = store;
		this.counts = counts;
		this.settings = settings;
		this.clock = clock;
	}

	@Override
	public void run() {
		Duration backoff = this.settings.pause();
		while (!isOver()) {
			try {
				boolean more = drain();
				this.counts.storeProblem(null);
				backoff = this.settings.pause();
				if (!more && isEnding()) {
					return;
				}
				if (!isEnding()) {
					doWhatIsDue();
				}
				if (!more) {
					pause(backoff);
				}
			}
			catch (Throwable ex) {
				failed(ex);
				if (isEnding()) {
					return;
				}
				pause(backoff);
				backoff = (backoff.compareTo(MAX_BACKOFF) < 0) ? backoff.multipliedBy(2) : MAX_BACKOFF;
			}
		}
	}

	/**
	 * Move one batch.
	 * @return whether there may be more
	 */
	boolean drain() throws IOException {
		if (!this.checked) {
			this.store.check();
			this.checked = true;
		}
		if (this.batch.isEmpty()) {
			this.batch = this.spool.memory().first(BATCH);
			this.fromMemory = !this.batch.isEmpty();
			if (!this.fromMemory) {
				this.batch = this.files.next(BATCH);
			}
		}
		if (this.batch.isEmpty()) {
			return false;
		}
		this.counts.oldest(endOf(this.batch.get(0)));
		int rejected = insert(this.batch);
		if (this.fromMemory) {
			this.spool.memory().forget(this.batch);
		}
		int size = this.batch.size();
		this.batch = List.of();
		this.counts.done(size - rejected, rejected);
		return size == BATCH || this.fromMemory;
	}

	private static Instant endOf(LedgerRow row) {
		return row.call().startedAt().plus(row.call().duration());
	}

	/**
	 * Insert rows, or halve them until those are found that the store does not take.
	 * @return the number of these
	 */
	private int insert(List<LedgerRow> rows) {
		try {
			this.store.insert(rows);
			return 0;
		}
		catch (LedgerStore.RejectedRowsException ex) {
			if (rows.size() == 1) {
				reject(rows.get(0), ex);
				return 1;
			}
			int half = rows.size() / 2;
			return insert(rows.subList(0, half)) + insert(rows.subList(half, rows.size()));
		}
	}

	/**
	 * Whatever comes of it, those behind it must not wait for a row that is never taken.
	 */
	private void reject(LedgerRow row, LedgerStore.RejectedRowsException reason) {
		try {
			this.files.reject(row);
			this.faults.log("The ledger's database does not take a call, which was put aside", reason);
		}
		catch (IOException ex) {
			ex.addSuppressed(reason);
			this.faults.log("The ledger's database does not take a call, which is lost, as it cannot be put aside", ex);
		}
	}

	private void failed(Throwable ex) {
		String problem = (ex instanceof LedgerSetupException) ? String.valueOf(ex.getMessage())
				: "Calls cannot be written to the ledger's database, and wait";
		this.counts.storeProblem((ex instanceof LedgerSetupException) ? problem : problem + ": " + ex);
		this.faults.log(problem, ex);
	}

	/**
	 * Do what is due now and then.
	 */
	void doWhatIsDue() {
		this.spool.tidy();
		Instant now = this.clock.instant();
		if (!now.isBefore(this.hourlyAt)) {
			this.hourlyAt = now.plus(Duration.ofHours(1));
			adopt();
		}
		if (!now.isBefore(this.addUpAt)) {
			this.addUpAt = now.plus(this.settings.addUpEvery());
			this.store.addUpHours(now);
			if (this.settings.retention() != null) {
				this.store.deleteCalls(now.minus(this.settings.retention()), this.settings.deleteFor());
			}
		}
	}

	private void adopt() {
		try {
			this.counts.spooled(this.files.adopt());
		}
		catch (IOException | RuntimeException ex) {
			this.faults.log("What other instances have left for the ledger cannot be read", ex);
		}
	}

	/**
	 * End when nothing waits, or at a time.
	 */
	void end(Instant deadline) {
		synchronized (this.monitor) {
			this.deadline = deadline;
			this.monitor.notifyAll();
		}
	}

	void begin() {
		synchronized (this.monitor) {
			this.deadline = null;
		}
	}

	/**
	 * Return whether all rows that were read are in the store.
	 */
	boolean isDone() {
		return this.batch.isEmpty() || this.fromMemory;
	}

	private boolean isEnding() {
		synchronized (this.monitor) {
			return this.deadline != null;
		}
	}

	private boolean isOver() {
		synchronized (this.monitor) {
			return this.deadline != null && !this.clock.instant().isBefore(this.deadline);
		}
	}

	private void pause(Duration time) {
		long until = System.nanoTime() + time.toNanos();
		synchronized (this.monitor) {
			try {
				for (long left = time.toMillis(); left > 0 && this.deadline == null;) {
					this.monitor.wait(left);
					left = Duration.ofNanos(until - System.nanoTime()).toMillis();
				}
			}
			catch (InterruptedException ex) {
				this.deadline = Instant.MIN;
			}
		}
	}

}
