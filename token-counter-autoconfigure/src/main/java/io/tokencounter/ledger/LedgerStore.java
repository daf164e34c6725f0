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
import java.util.List;

/**
 * Where the rows of the ledger end up, for all instances of the application. Every method
 * may fail with any exception, which means that it is to be tried again later.
 *
 * @since 0.1.0
 */
public interface LedgerStore {

	/**
	 * Check that this version of the ledger can work with the store.
	 * @throws LedgerSetupException if it cannot
	 */
	void check();

	/**
	 * Write rows, all or none. Rows that are there already are left as they are.
	 * @param rows the rows
	 * @throws RejectedRowsException if the store will never take one of them
	 */
	void insert(List<LedgerRow> rows);

	/**
	 * Add up the calls of hours that have ended and have changed since, unless another
	 * instance is at it.
	 * @param now the present time
	 * @return the number of hours that were added up
	 */
	int addUpHours(Instant now);

	/**
	 * Delete single calls, but not the sums of their hours, unless another instance is at
	 * it.
	 * @param before the time before which calls are deleted; the hour that it is in stays
	 * @param limit how long to go on
	 * @return the number of calls that were deleted
	 */
	long deleteCalls(Instant before, Duration limit);

	/**
	 * Thrown if a store will never take a row, such as for a value that is too large.
	 */
	@SuppressWarnings("serial")
	class RejectedRowsException extends RuntimeException {

		/**
		 * Create an exception.
		 * @param cause what the store said
		 */
		public RejectedRowsException(Throwable cause) {
			super(cause);
		}

	}

}
