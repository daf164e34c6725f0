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

package io.tokencounter.support;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * Logs each kind of fault as a warning once, then at debug level, so that a fault on
 * every call does not flood the log, nor hide another one.
 *
 * @since 0.1.0
 */
public final class FaultLog {

	private final Log logger;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	/**
	 * Create a log.
	 * @param logger where to log
	 */
	public FaultLog(Log logger) {
		this.logger = logger;
	}

	/**
	 * Log a fault.
	 * @param message what went wrong, one of a few texts
	 * @param fault the fault, {@code null} if there is no exception
	 */
	public void log(String message, @Nullable Throwable fault) {
		if (this.warned.add(message)) {
			this.logger.warn(message + ". The application's call is not affected."
					+ " Further faults of this kind are logged at debug level.", fault);
		}
		else {
			this.logger.debug(message, fault);
		}
	}

}
