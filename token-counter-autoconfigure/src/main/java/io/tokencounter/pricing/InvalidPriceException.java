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

package io.tokencounter.pricing;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Thrown at start-up when prices cannot be used as they are.
 *
 * @since 0.1.0
 */
public class InvalidPriceException extends RuntimeException {

	private final String origin;

	private final List<String> problems;

	/**
	 * Create an exception.
	 * @param origin the file or property that the prices are from
	 * @param problems one line for each thing that is wrong, with the name of the entry
	 * @param cause the cause, {@code null} if there is none
	 */
	public InvalidPriceException(String origin, List<String> problems, @Nullable Throwable cause) {
		super("Invalid prices in " + origin + ": " + String.join("; ", problems), cause);
		this.origin = origin;
		this.problems = List.copyOf(problems);
	}

	/**
	 * Return where the prices are from.
	 * @return the file or property
	 */
	public String getOrigin() {
		return this.origin;
	}

	/**
	 * Return what is wrong.
	 * @return one line for each problem, with the name of the entry
	 */
	public List<String> getProblems() {
		return this.problems;
	}

}
