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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import io.tokencounter.TokenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes calls from the threads that they end on and appends them to files, on a thread of
 * its own. A caller helps where that thread does not keep up, so that nothing is dropped
 * and memory stays bounded. Without a file that can be written, calls are kept in memory.
 */
final class CallSpool implements Runnable {

	private static final int MAX_QUEUED = 8192;

	private static final long SEGMENT_BYTES = 4 << 20;

	private static final Duration MAX_AGE = Duration.ofMinutes(1);

	private static final long SYNC_NANOS = Duration.ofMillis(100).toNanos();

	private static final long IDLE_NANOS = Duration.ofSeconds(1).toNanos();

	private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();

	private final Queue<TokenCall> queue = new ConcurrentLinkedQueue<>();

	private final AtomicInteger queued = new AtomicInteger();

	private final ReentrantLock lock = new ReentrantLock();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(CallSpool.class));

	private final SpoolFiles files;

	private final LedgerCounts counts;

	private final SpoolSync sync;

	private final String application;

	private final String instance;

	private final Frames frames = new Frames();

	private final List<LedgerRow> rows = new ArrayList<>();

	private final RowsInMemory memory = new RowsInMemory();

	private @Nullable Long retryAt;

	private volatile @Nullable Thread writer;

	CallSpool(SpoolFiles files, LedgerCounts counts, SpoolSync sync, String application, String instance) {
		this.files = files;
		this.counts = counts;
		this.sync = sync;
		this.application = application;
		this.instance = instance;
	}

	void add(TokenCall call) {
		this.queue.add(call);
		int queued = this.queued.incrementAndGet();
		if (this.sync == SpoolSync.ALWAYS || queued >= MAX_QUEUED || this.writer == null) {
			flush();
		}
		else if (queued == 1) {
			LockSupport.unpark(this.writer);
		}
	}

	/**
	 * Write until the thread is told to end, by {@link #end()}.
	 */
	@Override
	public void run() {
		while (this.writer == Thread.currentThread()) {
			if (this.queued.get() == 0) {
				LockSupport.parkNanos(this, IDLE_NANOS);
			}
			flush();
		}
	}

	/**
	 * Force to the disk what is written, as long as a thread writes. It takes a thread of
	 * its own, as that one would not write meanwhile.
	 */
	void syncWhile(Thread writer) {
		while (this.writer == writer) {
			LockSupport.parkNanos(this, SYNC_NANOS);
			sync();
		}
	}

	void begin(Thread thread) {
		this.lock.lock();
		try {
			this.files.open();
		}
		catch (Throwable ex) {
			failed(ex);
		}
		finally {
			this.lock.unlock();
		}
		this.writer = thread;
		thread.start();
	}

	/**
	 * From now on callers write themselves.
	 */
	void end() {
		Thread thread = this.writer;
		this.writer = null;
		LockSupport.unpark(thread);
		flush();
		sync();
	}

	/**
	 * Write what is in the queue. When this returns, what was added before is written, by
	 * this thread or another one.
	 */
	void flush() {
		this.lock.lock();
		try {
			for (TokenCall call = this.queue.poll(); call != null; call = this.queue.poll()) {
				take(new LedgerRow(call, this.application, this.instance));
				if (this.rows.size() == MAX_QUEUED) {
					write();
				}
			}
			write();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void take(LedgerRow row) {
		try {
			this.frames.add(row);
			this.rows.add(row);
		}
		catch (Throwable ex) {
			this.queued.decrementAndGet();
			this.counts.failed(1);
			this.faults.log("A call cannot be written to the ledger", ex);
		}
	}

	private void write() {
		if (this.rows.isEmpty()) {
			return;
		}
		// Counted before they can be read, and so before they are counted as written
		this.counts.spooled(this.rows.size());
		if (!writeToFile()) {
			keepInMemory();
		}
		this.queued.addAndGet(-this.rows.size());
		this.rows.clear();
		this.frames.clear();
	}

	private boolean writeToFile() {
		if (this.retryAt != null && System.nanoTime() - this.retryAt < 0) {
			return false;
		}
		try {
			this.files.append(this.frames.bytes(), this.frames.size(), SEGMENT_BYTES);
			if (this.sync == SpoolSync.ALWAYS) {
				this.files.sync();
			}
			this.retryAt = null;
			this.counts.spoolProblem(null);
			return true;
		}
		catch (Throwable ex) {
			failed(ex);
			return false;
		}
	}

	private void failed(Throwable ex) {
		this.retryAt = System.nanoTime() + RETRY_NANOS;
		this.files.abandonSegment();
		String problem = "Calls cannot be written to %s and are kept in memory until they are in the database"
			.formatted(this.files.base());
		this.counts.spoolProblem(problem + ": " + ex);
		this.faults.log(
				problem + ". Make it writable, or set 'token-counter.ledger.spool.directory' to" + " a folder that is",
				ex);
	}

	private void keepInMemory() {
		int lost = this.memory.add(this.rows);
		if (lost > 0) {
			this.counts.lost(lost);
			this.faults.log("Calls are lost to the ledger, as neither its files nor its database can be written", null);
		}
	}

	private void sync() {
		try {
			if (this.sync != SpoolSync.NEVER) {
				this.files.sync();
			}
		}
		catch (Throwable ex) {
			this.faults.log("The files of the ledger cannot be forced to the disk", ex);
		}
	}

	/**
	 * Return the rows that no file takes.
	 */
	RowsInMemory memory() {
		return this.memory;
	}

	/**
	 * Have no file where there is nothing to write.
	 */
	void tidy() {
		if (this.lock.tryLock()) {
			try {
				this.files.completeIfRead(MAX_AGE);
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	/**
	 * Let the files go.
	 * @param written whether the rows that were read are in the store
	 */
	void close(boolean written) {
		flush();
		try {
			this.files.close(written);
		}
		catch (IOException | RuntimeException ex) {
			this.faults.log("The files of the ledger could not be closed", ex);
		}
		int lost = this.memory.size();
		if (lost > 0) {
			this.counts.lost(lost);
			this.faults.log(lost + " calls are lost to the ledger, as neither its files nor its database could be"
					+ " written until the end", null);
		}
	}

}
