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

import java.util.concurrent.atomic.AtomicInteger;

import io.tokencounter.TokenCall;
import io.tokencounter.support.ReservedNames;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.StringUtils;

/**
 * A caller tag that is a tag of the meters.
 */
final class CallerTag {

	/**
	 * Number of calls without the tag after which its key is taken for a mistake.
	 */
	static final int SUSPICIOUS = 100;

	private static final Log logger = LogFactory.getLog(CallerTag.class);

	private final String key;

	private final TagValues values;

	private final AtomicInteger missing = new AtomicInteger();

	private volatile boolean seen;

	CallerTag(String key, int maxValues) {
		this.key = key;
		this.values = new TagValues(key, maxValues);
	}

	String valueOf(TokenCall call) {
		String value = call.tags().get(this.key);
		if (StringUtils.hasText(value)) {
			this.seen = true;
			return ReservedNames.shown(value);
		}
		if (!this.seen && this.missing.incrementAndGet() == SUSPICIOUS) {
			logger.warn("None of the first " + SUSPICIOUS + " calls had the tag '" + this.key
					+ "', which token-counter.metrics.tags allows. It comes from @TrackTokens(tags = \"" + this.key
					+ "=...\") or from a CallTagsProvider.");
		}
		return ReservedNames.NONE;
	}

	String limit(String value) {
		return ReservedNames.NONE.equals(value) ? value : this.values.limit(value);
	}

}
