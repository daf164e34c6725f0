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

package io.tokencounter.call;

import java.util.Objects;

/**
 * One run of a tracked method, or one session, that calls are made in.
 *
 * @param id the id of the run, which no other one has
 * @param name the feature of the method, or the name of the session
 * @since 0.1.0
 */
public record CallRun(String id, String name) {

	/**
	 * Create a run.
	 */
	public CallRun {
		Objects.requireNonNull(id, "'id' must not be null");
		Objects.requireNonNull(name, "'name' must not be null");
	}

}
