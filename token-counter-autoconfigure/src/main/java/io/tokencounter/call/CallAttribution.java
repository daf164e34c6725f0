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

import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;

/**
 * Whom a call to a model belongs to, as found where the call was made.
 *
 * @param feature the feature, {@link TokenCall#NO_FEATURE} if there is none
 * @param tags the caller tags, such as a tenant
 * @param listeners who else wants to know of this call, such as the sessions around it
 * @param runs the runs of tracked methods and the sessions around the call, the outermost
 * one first
 * @since 0.1.0
 */
public record CallAttribution(String feature, Map<String, String> tags, List<TokenCallListener> listeners,
		List<CallRun> runs) {

	/**
	 * A call that belongs to nobody.
	 */
	public static final CallAttribution NONE = new CallAttribution(TokenCall.NO_FEATURE, Map.of(), List.of());

	/**
	 * Create an attribution.
	 */
	public CallAttribution {
		Objects.requireNonNull(feature, "'feature' must not be null");
		tags = Map.copyOf(tags);
		listeners = List.copyOf(listeners);
		runs = List.copyOf(runs);
	}

	/**
	 * Create an attribution of a call that is made in no run that is known.
	 * @param feature the feature, {@link TokenCall#NO_FEATURE} if there is none
	 * @param tags the caller tags, such as a tenant
	 * @param listeners who else wants to know of this call
	 */
	public CallAttribution(String feature, Map<String, String> tags, List<TokenCallListener> listeners) {
		this(feature, tags, listeners, List.of());
	}

}
