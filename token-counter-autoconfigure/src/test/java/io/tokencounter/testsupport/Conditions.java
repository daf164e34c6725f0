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

package io.tokencounter.testsupport;

import java.time.Duration;
import java.util.concurrent.Callable;

import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/**
 * Waits for what should be there at once, or soon.
 */
public final class Conditions {

	/**
	 * How long to wait before giving up.
	 */
	public static final Duration DEADLINE = Duration.ofSeconds(20);

	private Conditions() {
	}

	/**
	 * Wait until a condition holds.
	 * @param description what is waited for
	 * @param condition the condition, which is looked at before any waiting
	 */
	public static void await(String description, Callable<Boolean> condition) {
		await(description, DEADLINE, condition);
	}

	/**
	 * Wait until an assertion holds.
	 * @param assertion the assertion, which is made before any waiting
	 */
	public static void awaitAsserted(ThrowingRunnable assertion) {
		Awaitility.await()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(2))
			.pollInSameThread()
			.atMost(DEADLINE)
			.untilAsserted(assertion);
	}

	/**
	 * Wait until a condition holds that takes its time.
	 * @param description what is waited for
	 * @param deadline how long to wait before giving up
	 * @param condition the condition, which is looked at before any waiting
	 */
	public static void await(String description, Duration deadline, Callable<Boolean> condition) {
		Awaitility.await(description)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(2))
			.pollInSameThread()
			.atMost(deadline)
			.until(condition);
	}

}
