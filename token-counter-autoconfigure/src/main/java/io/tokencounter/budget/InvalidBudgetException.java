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

/**
 * Thrown if budgets cannot be enforced as they are defined.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class InvalidBudgetException extends RuntimeException {

	private final List<String> problems;

	/**
	 * Create an exception.
	 * @param problems what is wrong, each naming its property
	 */
	public InvalidBudgetException(List<String> problems) {
		super("Budgets cannot be enforced: " + String.join(" ", problems));
		this.problems = List.copyOf(problems);
	}

	/**
	 * Return what is wrong.
	 * @return the problems, each naming its property
	 */
	public List<String> getProblems() {
		return this.problems;
	}

}
