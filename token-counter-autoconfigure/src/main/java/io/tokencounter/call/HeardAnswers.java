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

/**
 * Knows what was heard of answers below the clients that made the calls.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface HeardAnswers {

	/**
	 * Complete what was seen of a call by what was heard of its answer. To be called once
	 * for each call, on the thread that it ended on, right then: no answer is told twice.
	 * @param seen what was seen of the call
	 * @return the same with the usage, the names and the service tier that were heard, or
	 * just what was seen if nothing was heard or if it may be of another call
	 */
	SeenCall complete(SeenCall seen);

}
