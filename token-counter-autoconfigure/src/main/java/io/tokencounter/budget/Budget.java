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

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.CallRun;
import org.jspecify.annotations.Nullable;

/**
 * A budget as an application defines it.
 *
 * @param name the name
 * @param limits the limits of one window, {@link Amounts#UNLIMITED} for none
 * @param currency the ISO 4217 code of the currency that the limit of the cost is in
 * @param window how long it lasts
 * @param zone the zone whose calendar the windows follow
 * @param per {@code feature}, {@code model}, {@code provider} or the key of a caller tag,
 * of which each value has the budget for itself; {@code null} if all calls share it
 * @param match the calls that it is for
 * @param overrides other limits of single subjects
 * @param enforced whether calls are refused, or only counted that would be
 * @param warnAt the share of a limit to warn at
 * @param refuseUnpriced whether calls of models without a price are refused where the
 * cost is limited
 * @since 0.1.0
 */
public record Budget(String name, Amounts limits, String currency, BudgetWindow window, ZoneId zone,
		@Nullable String per, BudgetMatch match, Map<String, Amounts> overrides, boolean enforced, double warnAt,
		boolean refuseUnpriced) {

	static final String RUN_PREFIX = "run:";

	/**
	 * Subject of calls that have none, such as those without a tenant.
	 */
	static final String NO_SUBJECT = "none";

	/**
	 * Create a budget.
	 */
	public Budget {
		overrides = Map.copyOf(overrides);
	}

	/**
	 * Return the keys that a call is held and charged under: none if the budget is not
	 * for it, several if it is made in several runs.
	 */
	List<BudgetKey> keysOf(CallRequest request, String provider, BudgetWindow.Span span) {
		if (this.window == BudgetWindow.RUN) {
			return runKeysOf(request, provider);
		}
		return this.match.matches(request, provider)
				? List.of(new BudgetKey(this.name, subjectOf(request, provider), span.key(), span.end())) : List.of();
	}

	private List<BudgetKey> runKeysOf(CallRequest request, String provider) {
		List<CallRun> runs = request.attribution().runs();
		List<BudgetKey> keys = new ArrayList<>(runs.size());
		if (runs.isEmpty() || !this.match.matchesButFeature(request, provider)) {
			return keys;
		}
		for (CallRun run : runs) {
			if (this.match.matchesFeature(run.name())) {
				keys.add(new BudgetKey(this.name, subjectOf(request, provider), RUN_PREFIX + run.id(), null));
			}
		}
		return keys;
	}

	BudgetWindow.Span windowAt(Instant time) {
		return this.window.at(time, this.zone);
	}

	private @Nullable String subjectOf(CallRequest request, String provider) {
		if (this.per == null) {
			return null;
		}
		CallAttribution attribution = request.attribution();
		String subject = switch (this.per) {
			case "feature" -> attribution.feature();
			case "model" -> (request.model() != null) ? request.model() : TokenCall.UNKNOWN;
			case "provider" -> provider;
			default -> attribution.tags().getOrDefault(this.per, NO_SUBJECT);
		};
		return clean(subject);
	}

	/**
	 * Subjects come from users, and are shown and kept as those of counted calls are.
	 */
	private static String clean(String subject) {
		boolean clean = subject.length() <= TokenCall.MAX_NAME;
		for (int i = 0; clean && i < subject.length(); i++) {
			clean = subject.charAt(i) >= ' ' && subject.charAt(i) < 0x7F;
		}
		return clean ? subject : TokenCall.builder(subject, subject).build().operation();
	}

}
