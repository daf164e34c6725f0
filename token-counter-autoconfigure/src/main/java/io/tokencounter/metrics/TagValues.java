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

import java.util.concurrent.atomic.AtomicBoolean;

import io.tokencounter.support.DistinctValues;
import io.tokencounter.support.ReservedNames;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Keeps the number of distinct values of a tag bounded. Values come from the
 * application's users, and each one is a new time series.
 */
final class TagValues {

	private static final Log logger = LogFactory.getLog(TagValues.class);

	private final String key;

	private final int max;

	private final DistinctValues<String> values;

	private final AtomicBoolean exceeded = new AtomicBoolean();

	TagValues(String key, int max) {
		this.key = key;
		this.max = max;
		this.values = new DistinctValues<>(max);
	}

	String limit(String value) {
		if (this.values.admit(value)) {
			return value;
		}
		if (this.exceeded.compareAndSet(false, true)) {
			logger.warn("More than " + this.max + " distinct values of tag '" + this.key
					+ "'. Further ones are counted as '" + ReservedNames.OTHER
					+ "'. See token-counter.metrics.max-tag-values.");
		}
		return ReservedNames.OTHER;
	}

	boolean contains(String value) {
		return this.values.contains(value);
	}

	void remove(String value) {
		this.values.remove(value);
	}

}
