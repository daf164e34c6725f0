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

package io.tokencounter.budget;

import java.util.List;
import java.util.Map;

import io.tokencounter.TokenCall;
import io.tokencounter.call.CallRequest;

import org.springframework.util.PatternMatchUtils;

/**
 * The calls that a budget is for. Patterns are names in which {@code *} stands for any
 * characters; without patterns all names match.
 *
 * @param features patterns of features; in a budget of runs, of the names of runs
 * @param models patterns of the models that are asked for
 * @param providers patterns of providers
 * @param operations patterns of operations, such as {@code chat}
 * @param tags patterns of caller tags by their keys
 * @since 0.1.0
 */
public record BudgetMatch(List<String> features, List<String> models, List<String> providers, List<String> operations,
		Map<String, List<String>> tags) {

	/**
	 * All calls.
	 */
	public static final BudgetMatch ALL = new BudgetMatch(List.of(), List.of(), List.of(), List.of(), Map.of());

	/**
	 * Create a match.
	 */
	public BudgetMatch {
		features = List.copyOf(features);
		models = List.copyOf(models);
		providers = List.copyOf(providers);
		operations = List.copyOf(operations);
		tags = Map.copyOf(tags);
	}

	boolean matches(CallRequest request, String provider) {
		return matchesFeature(request.attribution().feature()) && matchesButFeature(request, provider);
	}

	boolean matchesFeature(String feature) {
		return matches(this.features, feature);
	}

	boolean matchesButFeature(CallRequest request, String provider) {
		return matches(this.models, (request.model() != null) ? request.model() : TokenCall.UNKNOWN)
				&& matches(this.providers, provider) && matches(this.operations, request.operation())
				&& (this.tags.isEmpty() || matchesTags(request.attribution().tags()));
	}

	private boolean matchesTags(Map<String, String> callerTags) {
		return this.tags.entrySet().stream().allMatch((tag) -> {
			String value = callerTags.get(tag.getKey());
			return value != null && matches(tag.getValue(), value);
		});
	}

	private static boolean matches(List<String> patterns, String name) {
		if (patterns.isEmpty()) {
			return true;
		}
		for (int i = 0; i < patterns.size(); i++) {
			if (PatternMatchUtils.simpleMatch(patterns.get(i), name)) {
				return true;
			}
		}
		return false;
	}

}
