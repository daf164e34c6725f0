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

package io.tokencounter.attribution;

import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationView;
import io.tokencounter.CallAttribution;

import org.springframework.ai.chat.client.observation.ChatClientObservationContext;

/**
 * Keeps whom a call of a {@code ChatClient} belongs to where the call starts. A stream
 * without a Reactor context is started on the thread of the caller without a parent, and
 * has left that thread when it reaches the model.
 *
 * @since 0.1.0
 */
public final class ChatClientAttributionHandler implements ObservationHandler<ChatClientObservationContext> {

	private final Supplier<CallerScopes> scopes;

	/**
	 * Create a handler.
	 * @param scopes the scopes, asked for on the first call
	 */
	public ChatClientAttributionHandler(Supplier<CallerScopes> scopes) {
		this.scopes = scopes;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof ChatClientObservationContext;
	}

	@Override
	public void onStart(ChatClientObservationContext context) {
		CallerScopes scopes = this.scopes.get();
		ObservationView parent = context.getParentObservation();
		CallAttribution attribution = scopes.attributionOf((parent != null) ? parent : scopes.currentObservation());
		if (attribution != CallAttribution.NONE) {
			context.put(CallAttribution.class, attribution);
		}
	}

}
