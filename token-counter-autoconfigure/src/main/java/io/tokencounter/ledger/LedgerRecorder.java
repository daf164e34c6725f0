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

import java.time.Clock;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * Records every call in the ledger. It stops after whatever makes calls has stopped, and
 * leaves on the disk for the next start what the store does not take in time.
 *
 * @since 0.1.0
 */
public final class LedgerRecorder implements TokenCallListener, SmartLifecycle, DisposableBean {

	private final LedgerSettings settings;

	private final CallSpool spool;

	private final LedgerDrainer drainer;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(LedgerRecorder.class));

	private @Nullable Thread thread;

	private volatile boolean running;

	/**
	 * Create a recorder.
	 * @param settings how it works
	 * @param store where calls end up
	 * @param counts told how it is doing
	 */
	public LedgerRecorder(LedgerSettings settings, LedgerStore store, LedgerCounts counts) {
		this(settings, store, counts, SegmentFile::new, Clock.systemUTC());
	}

	LedgerRecorder(LedgerSettings settings, LedgerStore store, LedgerCounts counts, SegmentFile.Opener opener,
			Clock clock) {
		this.settings = settings;
		SpoolFiles files = new SpoolFiles(settings.directory(), opener);
		this.spool = new CallSpool(files, counts, settings.sync(), settings.application(), settings.instance());
		this.drainer = new LedgerDrainer(this.spool, files, store, counts, settings, clock);
	}

	@Override
	public void onCall(TokenCall call) {
		this.spool.add(call);
	}

	@Override
	public void start() {
		this.running = true;
		Thread writer = thread(this.spool, "token-ledger-spool");
		this.spool.begin(writer);
		if (this.settings.sync() == SpoolSync.INTERVAL) {
			thread(() -> this.spool.syncWhile(writer), "token-ledger-sync").start();
		}
		this.drainer.begin();
		this.thread = thread(this.drainer, "token-ledger-drain");
		this.thread.start();
	}

	@Override
	public void stop() {
		this.running = false;
		this.spool.end();
		this.drainer.end(Clock.systemUTC().instant().plus(this.settings.shutdown()));
		Thread thread = this.thread;
		if (thread != null) {
			try {
				thread.join(this.settings.shutdown().toMillis());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			thread.interrupt();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	/**
	 * Start before and stop after all that may make calls, but the beans that need no
	 * lifecycle, such as data sources.
	 */
	@Override
	public int getPhase() {
		return Integer.MIN_VALUE / 2;
	}

	@Override
	public void destroy() {
		try {
			this.spool.close(this.drainer.isDone());
		}
		catch (Throwable ex) {
			this.faults.log("The ledger could not be closed", ex);
		}
	}

	private static Thread thread(Runnable task, String name) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		return thread;
	}

}
