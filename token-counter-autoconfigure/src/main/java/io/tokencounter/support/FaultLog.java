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
 * The one policy for faults of ours, and of what we call on behalf of an application that
 * did not: they never reach the application's call, and each kind is a warning once, then
 * debug output. To be used as {@code catch (Throwable ex) { this.faults.log("What went
 * wrong", ex); }}.
 *
 * @since 0.1.0
 */
public final class FaultLog {

	private static final int MAX_KINDS = 100;

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
	 * Log a fault. A logger that fails is no reason to fail, either.
	 * @param message what went wrong, one of a few texts
	 * @param fault the fault, {@code null} if there is no exception
	 * @throws VirtualMachineError if the fault is one that nothing can be done about
	 */
	public void log(String message, @Nullable Throwable fault) {
		throwIfFatal(fault);
		if (fault instanceof InterruptedException) {
			Thread.currentThread().interrupt();
		}
		try {
			if (this.warned.size() < MAX_KINDS && this.warned.add(message)) {
				this.logger.warn(message + ". The application's call is not affected."
						+ " Further faults of this kind are logged at debug level.", fault);
			}
			else {
				this.logger.debug(message, fault);
			}
		}
		catch (Throwable ex) {
			throwIfFatal(ex);
		}
	}

	/**
	 * Throw what nothing can be done about, for faults that are not worth a line.
	 * @param fault the fault, if any
	 * @throws VirtualMachineError if the fault is one, but for a stack that overflowed
	 */
	public static void throwIfFatal(@Nullable Throwable fault) {
		if (fault instanceof VirtualMachineError error && !(fault instanceof StackOverflowError)) {
			throw error;
		}
	}

}
