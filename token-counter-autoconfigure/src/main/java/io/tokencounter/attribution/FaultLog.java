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

import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;

/**
 * Logs a fault of the attribution as a warning once, then at debug level.
 */
final class FaultLog {

	private final Log logger;

	private final AtomicBoolean warned = new AtomicBoolean();

	FaultLog(Log logger) {
		this.logger = logger;
	}

	void log(String message, Throwable fault) {
		if (this.warned.compareAndSet(false, true)) {
			this.logger.warn(message + ". Further faults are logged at debug level.", fault);
		}
		else {
			this.logger.debug(message, fault);
		}
	}

}
