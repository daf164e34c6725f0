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

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * The rows that no file takes, as many as memory can bear. The oldest ones go first.
 */
final class RowsInMemory {

	private static final int MAX = 10_000;

	private final Queue<LedgerRow> rows = new ArrayDeque<>();

	/**
	 * Add rows.
	 * @return the number of rows that are lost, as there are too many
	 */
	synchronized int add(List<LedgerRow> added) {
		this.rows.addAll(added);
		int lost = Math.max(0, this.rows.size() - MAX);
		for (int i = 0; i < lost; i++) {
			this.rows.remove();
		}
		return lost;
	}

	synchronized List<LedgerRow> first(int max) {
		return this.rows.stream().limit(max).toList();
	}

	synchronized void forget(List<LedgerRow> written) {
		// The first ones may have been dropped meanwhile
		for (LedgerRow row : written) {
			if (this.rows.peek() == row) {
				this.rows.remove();
			}
		}
	}

	synchronized int size() {
		return this.rows.size();
	}

}
