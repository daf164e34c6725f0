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

package io.tokencounter;

import java.util.Map;

/**
 * Tells caller tags of the current call, such as the tenant or the user, from the
 * security context or a header. Declare a bean of this type to have them on every call
 * without an annotation.
 * <p>
 * It is asked on the thread that makes a call, before the call is made: when a tracked
 * method is entered, when a {@code ChatClient} starts and when a model is called. What
 * was found first stays, and tags of {@link TrackTokens} win.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface CallTagsProvider {

	/**
	 * Return the caller tags.
	 * @return the tags by their keys, empty if there are none on this thread
	 */
	Map<String, String> tags();

}
