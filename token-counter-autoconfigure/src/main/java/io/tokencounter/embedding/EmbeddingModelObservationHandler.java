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

package io.tokencounter.embedding;

import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;

import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;

/**
 * Counts the calls to embedding models that Spring AI observes.
 *
 * @since 0.1.0
 */
public final class EmbeddingModelObservationHandler implements ObservationHandler<EmbeddingModelObservationContext> {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(EmbeddingModelObservationHandler.class));

	private final Supplier<EmbeddingCallCounter> counter;

	/**
	 * Create a handler.
	 * @param counter the counter, asked for on the first call
	 */
	public EmbeddingModelObservationHandler(Supplier<EmbeddingCallCounter> counter) {
		this.counter = counter;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof EmbeddingModelObservationContext;
	}

	@Override
	public void onStart(EmbeddingModelObservationContext context) {
		try {
			if (context.get(OpenEmbedding.class) == null) {
				this.counter.get().open(context, false);
			}
		}
		catch (Throwable ex) {
			this.faults.log("An observed call to an embedding model could not be counted", ex);
		}
	}

	@Override
	public void onStop(EmbeddingModelObservationContext context) {
		OpenEmbedding call = context.get(OpenEmbedding.class);
		if (call == null) {
			return;
		}
		try {
			call.close(context.getResponse(), context.getError());
		}
		catch (Throwable ex) {
			this.faults.log("An observed call to an embedding model could not be counted", ex);
		}
	}

}
