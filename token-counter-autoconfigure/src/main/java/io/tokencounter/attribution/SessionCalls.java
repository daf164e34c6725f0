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

package io.tokencounter.attribution;

import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * Tells a session of its calls, as long as somebody has the session, and knows which of
 * them are about to be counted: what is seen by its observation alone is counted shortly
 * after its last chunk was delivered.
 */
final class SessionCalls implements TokenCallListener {

	/**
	 * The longest time to wait, in nanoseconds.
	 */
	static final long MAX_WAIT = TimeUnit.MILLISECONDS.toNanos(500);

	private final WeakReference<TokenCallListener> session;

	private volatile boolean closed;

	private volatile Runnable closeAction = () -> {
	};

	// An observation that never stops is forgotten with its context

	private final Set<Object> begun = Collections.newSetFromMap(new WeakHashMap<>());

	private final Set<Object> ending = Collections.newSetFromMap(new WeakHashMap<>());

	private long endSeen;

	private @Nullable Thread endSeenBy;

	SessionCalls(TokenCallListener session) {
		this.session = new WeakReference<>(session);
	}

	@Override
	public void onCall(TokenCall call) {
		// Also of those that were made before the end and ended after it
		TokenCallListener session = this.session.get();
		if (session != null) {
			session.onCall(call);
		}
	}

	void onClose(Runnable action) {
		this.closeAction = action;
	}

	void close() {
		this.closed = true;
		this.closeAction.run();
	}

	/**
	 * Return whether no further calls may join: the session is closed or lost.
	 */
	boolean isOver() {
		return this.closed || this.session.get() == null;
	}

	synchronized void begun(Object call) {
		this.begun.add(call);
	}

	synchronized void counted(Object call) {
		this.begun.remove(call);
		if (this.ending.remove(call)) {
			notifyAll();
		}
	}

	/**
	 * Called when the end of a stream is delivered.
	 */
	synchronized void endSeen() {
		this.ending.addAll(this.begun);
		this.endSeen = System.nanoTime();
		this.endSeenBy = this.ending.isEmpty() ? null : Thread.currentThread();
	}

	synchronized boolean isEnding() {
		return !this.ending.isEmpty();
	}

	/**
	 * Wait until what is about to be counted is, but not for long and never where that
	 * would keep it from being counted.
	 */
	synchronized void awaitCounted() {
		if (this.ending.isEmpty() || this.endSeenBy == Thread.currentThread() || Schedulers.isInNonBlockingThread()) {
			return;
		}
		try {
			long left = MAX_WAIT - (System.nanoTime() - this.endSeen);
			while (!this.ending.isEmpty() && left > 0) {
				TimeUnit.NANOSECONDS.timedWait(this, left);
				left = MAX_WAIT - (System.nanoTime() - this.endSeen);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
