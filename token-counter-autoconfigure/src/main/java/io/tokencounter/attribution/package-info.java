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

/**
 * Whom a call belongs to: tracked methods, caller tags, and the scopes that carry them.
 * <p>
 * A {@link io.tokencounter.attribution.CallerScope} never changes. It is current on a
 * thread by {@link io.tokencounter.attribution.ThreadScopes}, from where context
 * propagation carries it to other threads and
 * {@link io.tokencounter.attribution.SubscriptionScopes} into streams, and it is in the
 * Reactor context and in the observation of a tracked method, for where Spring AI carries
 * those by itself. So it is found with observations on or off, and from clients that have
 * no registry.
 */
@NullMarked
package io.tokencounter.attribution;

import org.jspecify.annotations.NullMarked;
