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

package io.tokencounter.budget.redis;

import java.util.Properties;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * Warns if Redis may throw budgets away when its memory is full.
 *
 * @since 0.1.0
 */
public final class EvictionPolicy {

	private static final Log logger = LogFactory.getLog(EvictionPolicy.class);

	private static final String POLICY = "maxmemory-policy";

	private EvictionPolicy() {
	}

	/**
	 * Warn if budgets can be evicted. Where it is not permitted to ask, nothing is said.
	 * @param template the client
	 */
	public static void check(StringRedisTemplate template) {
		try {
			Properties settings = template
				.execute((RedisCallback<Properties>) (connection) -> connection.serverCommands().getConfig(POLICY));
			String policy = (settings != null) ? settings.getProperty(POLICY) : null;
			if (policy != null && !"noeviction".equals(policy)) {
				logger.warn("Redis may evict budgets, and what they have spent with them, as its " + POLICY + " is '"
						+ policy + "' and not 'noeviction'.");
			}
		}
		catch (RuntimeException ex) {
			logger.debug("The eviction policy of Redis could not be read", ex);
		}
	}

}
