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

import java.util.List;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationView;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import reactor.util.context.Context;

import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.core.Ordered;

/**
 * Tells sessions which of their calls have begun and which are counted. It is the last
 * handler to be told of the end of a call, so after the one that counts.
 *
 * @since 0.1.0
 */
public final class OpenCallsHandler implements ObservationHandler<ChatModelObservationContext>, Ordered {

	private final Supplier<CallerScopes> scopes;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(OpenCallsHandler.class));

	/**
	 * Create a handler.
	 * @param scopes the scopes, asked for on the first call
	 */
	public OpenCallsHandler(Supplier<CallerScopes> scopes) {
		this.scopes = scopes;
	}

	@Override
	public int getOrder() {
		// The first to be told of a start is the last to be told of a stop
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof ChatModelObservationContext;
	}

	@Override
	public void onStart(ChatModelObservationContext context) {
		try {
			if (!context.isStreaming()) {
				// Counted before its answer is returned
				return;
			}
			CallerScopes scopes = this.scopes.get();
			ObservationView parent = context.getParentObservation();
			CallerScope scope = scopes.find((parent != null) ? parent : scopes.currentObservation(), Context.empty());
			List<SessionCalls> sessions = (scope != null) ? scope.sessions() : List.of();
			if (!sessions.isEmpty()) {
				sessions.forEach((session) -> session.begun(context));
				context.put(OpenCallsHandler.class, sessions);
			}
		}
		catch (Throwable ex) {
			this.faults.log("A session does not wait for a call", ex);
		}
	}

	@Override
	public void onStop(ChatModelObservationContext context) {
		try {
			List<SessionCalls> sessions = context.getOrDefault(OpenCallsHandler.class, List.of());
			sessions.forEach((session) -> session.counted(context));
		}
		catch (Throwable ex) {
			this.faults.log("A session may wait for a call that is counted", ex);
		}
	}

}
