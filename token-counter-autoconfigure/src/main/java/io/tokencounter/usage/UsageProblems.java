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

package io.tokencounter.usage;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Says in the log what was wrong with a usage: each kind of problem once as a warning,
 * then at debug level, as a provider that is wrong once is wrong on every call.
 */
final class UsageProblems {

	private static final Log logger = LogFactory.getLog(TokenUsageReader.class);

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	void report(String problem, @Nullable Throwable cause) {
		if (this.warned.add(problem)) {
			logger.warn(problem + "; from now on this is logged at debug level", cause);
		}
		else if (logger.isDebugEnabled()) {
			logger.debug(problem, cause);
		}
	}

}
