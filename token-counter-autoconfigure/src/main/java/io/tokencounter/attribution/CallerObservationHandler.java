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
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import reactor.util.context.Context;

/**
 * Keeps whom calls belong to in observations that Spring AI starts on the thread of the
 * caller without a parent: that of a {@code ChatClient} whose stream has no Reactor
 * context and leaves the thread before it reaches the model, and that of a tool.
 *
 * @since 0.1.0
 */
public final class CallerObservationHandler implements ObservationHandler<Observation.Context> {

	private static final Log logger = LogFactory.getLog(CallerObservationHandler.class);

	private final Class<? extends Observation.Context> contextType;

	private final Supplier<CallerScopes> scopes;

	private final FaultLog faults = new FaultLog(logger);

	/**
	 * Create a handler.
	 * @param contextType the type of the observations
	 * @param scopes the scopes, asked for on the first call
	 */
	public CallerObservationHandler(Class<? extends Observation.Context> contextType, Supplier<CallerScopes> scopes) {
		this.contextType = contextType;
		this.scopes = scopes;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return this.contextType.isInstance(context);
	}

	@Override
	public void onStart(Observation.Context context) {
		try {
			CallerScopes scopes = this.scopes.get();
			ObservationView parent = context.getParentObservation();
			CallerScope scope = scopes.find((parent != null) ? parent : scopes.currentObservation(), Context.empty());
			CallerScope withTags = scopes.withProvidedTags(scope);
			if (withTags != null) {
				context.put(CallerScope.class, withTags);
			}
		}
		catch (Throwable ex) {
			this.faults.log("The caller of a model is not known", ex);
		}
	}

}
