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

package io.tokencounter.autoconfigure;

import io.tokencounter.pricing.InvalidPriceException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for prices that cannot be used.
 */
class InvalidPriceFailureAnalyzer extends AbstractFailureAnalyzer<InvalidPriceException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidPriceException cause) {
		StringBuilder description = new StringBuilder("The prices of models in ").append(cause.getOrigin())
			.append(" cannot be used:%n%n".formatted());
		cause.getProblems().forEach((problem) -> description.append("    %s%n".formatted(problem)));
		if (cause.getCause() != null) {
			description.append("%n    Cause: %s%n".formatted(cause.getCause().getMessage()));
		}
		return new FailureAnalysis(description.toString(),
				"Correct or remove these prices, which are per one million tokens (per token in a file in LiteLLM's "
						+ "format) and not negative, or set 'token-counter.pricing.enabled' to false to count tokens "
						+ "without their cost.",
				cause);
	}

}
