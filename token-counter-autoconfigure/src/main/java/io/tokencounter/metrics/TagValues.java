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

package io.tokencounter.metrics;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Keeps the number of distinct values of each tag key bounded. Values come from the
 * application's users, and each one is a new time series.
 */
final class TagValues {

	static final String OTHER = "other";

	private static final Log logger = LogFactory.getLog(TagValues.class);

	private final int max;

	private final Map<String, Set<String>> values = new ConcurrentHashMap<>();

	private final Set<String> exceeded = ConcurrentHashMap.newKeySet();

	TagValues(int max) {
		this.max = max;
	}

	String limit(String key, String value) {
		Set<String> known = this.values.get(key);
		if (known == null) {
			known = this.values.computeIfAbsent(key, (ignored) -> ConcurrentHashMap.newKeySet());
		}
		if (known.contains(value)) {
			return value;
		}
		synchronized (known) {
			if (known.size() < this.max || known.contains(value)) {
				known.add(value);
				return value;
			}
		}
		if (this.exceeded.add(key)) {
			logger.warn("More than " + this.max + " distinct values of tag '" + key + "'. Further ones are counted as '"
					+ OTHER + "'. See token-counter.metrics.max-tag-values.");
		}
		return OTHER;
	}

}
