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

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store that is there or away.
 */
final class MemoryStore implements LedgerStore {

	private final Map<UUID, LedgerRow> rows = new LinkedHashMap<>();

	final AtomicInteger insertions = new AtomicInteger();

	volatile boolean away;

	volatile String rejected = "";

	@Override
	public void check() {
		refuse();
	}

	@Override
	public synchronized void insert(List<LedgerRow> rows) {
		refuse();
		this.insertions.incrementAndGet();
		if (rows.stream().anyMatch((row) -> row.call().feature().equals(this.rejected))) {
			throw new RejectedRowsException(new IllegalArgumentException(this.rejected));
		}
		rows.forEach((row) -> this.rows.put(row.call().id(), row));
	}

	private void refuse() {
		if (this.away) {
			throw new IllegalStateException("The store is away");
		}
	}

	@Override
	public int addUpHours(Instant now) {
		refuse();
		return 0;
	}

	@Override
	public long deleteCalls(Instant before, Duration limit) {
		refuse();
		return 0;
	}

	synchronized List<LedgerRow> rows() {
		return List.copyOf(this.rows.values());
	}

	synchronized int size() {
		return this.rows.size();
	}

}
