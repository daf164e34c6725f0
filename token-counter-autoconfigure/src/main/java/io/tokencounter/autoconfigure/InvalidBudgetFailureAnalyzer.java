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

import io.tokencounter.budget.InvalidBudgetException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for budgets that cannot be enforced.
 */
class InvalidBudgetFailureAnalyzer extends AbstractFailureAnalyzer<InvalidBudgetException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidBudgetException cause) {
		StringBuilder description = new StringBuilder(
				"Budgets cannot be enforced as they are defined:%n%n".formatted());
		cause.getProblems().forEach((problem) -> description.append("    %s%n".formatted(problem)));
		return new FailureAnalysis(description.toString(), "Correct or remove these properties.", cause);
	}

}
