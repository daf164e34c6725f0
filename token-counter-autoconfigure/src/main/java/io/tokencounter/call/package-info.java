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
 * The trunk: what was seen of one call on its way from where it is captured to all who
 * want to know of it, and what is asked of others on that way.
 * <p>
 * A capture point tells the {@link io.tokencounter.call.CallRecorder} of a
 * {@link io.tokencounter.call.CallRequest} before anything is sent, which a
 * {@link io.tokencounter.call.CallGate} may refuse, and of the
 * {@link io.tokencounter.call.SeenCall} that it became. A
 * {@link io.tokencounter.call.CallReader} and {@link io.tokencounter.call.CallPricing}
 * make tokens and money of it.
 */
@NullMarked
package io.tokencounter.call;

import org.jspecify.annotations.NullMarked;
