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

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.config.NamingConvention;
import io.tokencounter.metrics.TokenMeterDocumentation.CommonTags;
import io.tokencounter.metrics.TokenMeterDocumentation.Tags;

import org.springframework.util.StringUtils;

/**
 * Finds keys of caller tags that cannot be tags of the meters. Prometheus knows letters,
 * digits and underscores only: two keys that become one label make a whole scrape fail.
 *
 * @since 0.1.0
 */
public final class CallerTagKeys {

	private CallerTagKeys() {
	}

	/**
	 * Find keys that cannot be used.
	 * @param keys the keys
	 * @return by each such key what is wrong with it
	 */
	public static Map<String, String> problems(List<String> keys) {
		Map<String, String> taken = new LinkedHashMap<>();
		// Labels of Prometheus's own, of histograms and of summaries
		taken.put("le", "Prometheus");
		taken.put("quantile", "Prometheus");
		Stream.<KeyName[]>of(CommonTags.values(), Tags.values())
			.flatMap(Arrays::stream)
			.forEach((key) -> taken.put(label(key.asString()), "the meters' own tag '" + key.asString() + "'"));
		Map<String, String> problems = new LinkedHashMap<>();
		keys.stream().distinct().forEach((key) -> {
			String other = taken.putIfAbsent(label(key), "the caller tag '" + key + "'");
			if (!StringUtils.hasText(key)) {
				problems.put(key, "A key must not be blank.");
			}
			else if (other != null) {
				problems.put(key, "In Prometheus it would be the label '" + label(key) + "', which is that of " + other
						+ " already. Give the tag another key.");
			}
		});
		return problems;
	}

	private static String label(String key) {
		return NamingConvention.snakeCase.tagKey(key).replaceAll("[^a-zA-Z0-9_]", "_");
	}

}
