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

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.tokencounter.CallTagsProvider;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Asks the application's providers for caller tags.
 */
final class CallerTags {

	// A provider may itself call a model, or a tracked method
	private static final ThreadLocal<@Nullable Boolean> ASKING = new ThreadLocal<>();

	private final Supplier<List<CallTagsProvider>> providers;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(CallerTags.class));

	CallerTags(Supplier<List<CallTagsProvider>> providers) {
		this.providers = providers;
	}

	/**
	 * Add what is provided on this thread to tags. What was found where the caller was
	 * still near stays.
	 * @return the same tags if there is nothing to add
	 */
	Map<String, String> addTo(Map<String, String> found) {
		List<CallTagsProvider> providers = providers();
		if (providers.isEmpty() || ASKING.get() != null) {
			return found;
		}
		ASKING.set(Boolean.TRUE);
		try {
			Map<String, String> tags = found;
			for (CallTagsProvider provider : providers) {
				tags = plus(tags, providedBy(provider));
			}
			return tags;
		}
		finally {
			ASKING.remove();
		}
	}

	private static Map<String, String> plus(Map<String, String> found, Map<String, String> provided) {
		if (found.keySet().containsAll(provided.keySet())) {
			return found;
		}
		Map<String, String> tags = new HashMap<>(provided);
		tags.putAll(found);
		return tags;
	}

	private List<CallTagsProvider> providers() {
		try {
			return this.providers.get();
		}
		catch (Throwable ex) {
			this.faults.log("Caller tags could not be found", ex);
			return List.of();
		}
	}

	private Map<String, String> providedBy(CallTagsProvider provider) {
		try {
			Map<String, String> tags = new HashMap<>(provider.tags());
			tags.entrySet().removeIf((tag) -> tag.getKey() == null || !StringUtils.hasText(tag.getValue()));
			return tags;
		}
		catch (Throwable ex) {
			this.faults.log("Caller tags could not be found by " + provider.getClass().getName(), ex);
			return Map.of();
		}
	}

}
