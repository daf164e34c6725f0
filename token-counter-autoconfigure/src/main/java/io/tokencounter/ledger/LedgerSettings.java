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

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How a ledger works.
 *
 * @param application the name of the application
 * @param instance the name of this instance of it
 * @param directory where calls are written first, shared by instances on one machine
 * @param sync how often they are forced to the disk
 * @param retention how long single calls are kept in the store, {@code null} for ever
 * @param pause how long to wait for further calls before a batch is written
 * @param addUpEvery how often hours that have ended are added up
 * @param deleteFor how long to delete old calls without a break
 * @param shutdown how long to go on writing at the end
 * @since 0.1.0
 */
public record LedgerSettings(String application, String instance, Path directory, SpoolSync sync,
		@Nullable Duration retention, Duration pause, Duration addUpEvery, Duration deleteFor, Duration shutdown) {

	/**
	 * Create settings with the usual times.
	 * @param application the name of the application
	 * @param instance the name of this instance of it
	 * @param directory where calls are written first
	 * @param sync how often they are forced to the disk
	 * @param retention how long single calls are kept, {@code null} for ever
	 */
	public LedgerSettings(String application, String instance, Path directory, SpoolSync sync,
			@Nullable Duration retention) {
		this(application, instance, directory, sync, retention, Duration.ofSeconds(1), Duration.ofMinutes(1),
				Duration.ofSeconds(10), Duration.ofSeconds(10));
	}

}
