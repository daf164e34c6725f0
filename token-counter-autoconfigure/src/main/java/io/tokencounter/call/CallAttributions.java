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

import io.micrometer.observation.ObservationView;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Tells whom a call belongs to.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface CallAttributions {

	/**
	 * Return whom a call belongs to that is made on this thread.
	 * @param observation the observation that the call is made in, if any
	 * @param context the Reactor context that the call is made in, empty if there is none
	 * @return whom it belongs to
	 */
	CallAttribution attributionOf(@Nullable ObservationView observation, ContextView context);

}
