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

package io.tokencounter;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes ids of calls: UUIDs of version 7 (RFC 9562), of which an index in a database
 * stays compact as they sort by the time.
 */
final class CallIds {

	private static final long VERSION_7 = 0x7000L;

	private static final long VARIANT = 0x8000_0000_0000_0000L;

	// Threads of two JVMs may have been seeded alike
	private static final long JVM = new SecureRandom().nextLong();

	private CallIds() {
	}

	static UUID next() {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		long first = System.currentTimeMillis() << 16 | VERSION_7 | ((random.nextInt() ^ JVM) & 0xFFF);
		long second = VARIANT | ((random.nextLong() ^ JVM) >>> 2);
		return new UUID(first, second);
	}

}
