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

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import io.tokencounter.TokenLedger;
import org.jspecify.annotations.Nullable;

/**
 * How the ledger of this instance is doing.
 *
 * @since 0.1.0
 */
public final class LedgerCounts {

	private final AtomicLong spooled = new AtomicLong();

	private final AtomicLong written = new AtomicLong();

	private final AtomicLong failed = new AtomicLong();

	private volatile @Nullable Instant oldest;

	private volatile @Nullable String spoolProblem;

	private volatile @Nullable String storeProblem;

	void spooled(long rows) {
		if (rows > 0 && this.spooled.getAndAdd(rows) <= 0) {
			this.oldest = Instant.now();
		}
	}

	/**
	 * Rows are in the store, or will never be.
	 */
	void done(long written, long failed) {
		this.written.addAndGet(written);
		this.failed.addAndGet(failed);
		if (this.spooled.addAndGet(-written - failed) <= 0) {
			this.oldest = null;
		}
	}

	/**
	 * Rows that never were in a file.
	 */
	void failed(long rows) {
		this.failed.addAndGet(rows);
	}

	/**
	 * Rows that waited and do no longer.
	 */
	void lost(long rows) {
		done(0, rows);
	}

	void oldest(Instant oldest) {
		this.oldest = oldest;
	}

	void spoolProblem(@Nullable String problem) {
		this.spoolProblem = problem;
	}

	void storeProblem(@Nullable String problem) {
		this.storeProblem = problem;
	}

	/**
	 * Return what is known now.
	 * @return the status
	 */
	public TokenLedger.Status status() {
		return new TokenLedger.Status(Math.max(0, this.spooled.get()), this.oldest, this.written.get(),
				this.failed.get(),
				Stream.of(this.spoolProblem, this.storeProblem).<String>mapMulti((problem, problems) -> {
					if (problem != null) {
						problems.accept(problem);
					}
				}).toList());
	}

}
