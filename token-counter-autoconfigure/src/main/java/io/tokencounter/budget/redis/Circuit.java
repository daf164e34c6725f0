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
import java.util.function.LongSupplier;

/**
 * Spares calls the wait for a server that does not answer: after a few failures in a row
 * nobody is let through for a while, then one who tries. Who is not let through does not
 * make it longer.
 */
final class Circuit {

	private static final int FAILURES = 5;

	private final long openNanos;

	private final LongSupplier nanoTime;

	private int failures;

	private long openedAt;

	private boolean trying;

	Circuit(Duration open, LongSupplier nanoTime) {
		this.openNanos = open.toNanos();
		this.nanoTime = nanoTime;
	}

	synchronized boolean letThrough() {
		if (this.failures < FAILURES) {
			return true;
		}
		if (this.trying || this.nanoTime.getAsLong() - this.openedAt < this.openNanos) {
			return false;
		}
		this.trying = true;
		return true;
	}

	synchronized void succeeded() {
		this.failures = 0;
		this.trying = false;
	}

	/**
	 * Calls that were on their way when it opened do not make it longer either.
	 */
	synchronized void failed() {
		if (this.failures == FAILURES && !this.trying) {
			return;
		}
		this.trying = false;
		this.failures = Math.min(FAILURES, this.failures + 1);
		if (this.failures == FAILURES) {
			this.openedAt = this.nanoTime.getAsLong();
		}
	}

	/**
	 * Who was let through has gone away without an answer. If that was the one who tries,
	 * somebody else is to try.
	 */
	synchronized void abandoned() {
		this.trying = false;
	}

	synchronized boolean isOpen() {
		return this.failures >= FAILURES;
	}

}
