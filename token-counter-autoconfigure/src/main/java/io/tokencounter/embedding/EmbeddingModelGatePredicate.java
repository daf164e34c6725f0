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
import io.micrometer.observation.ObservationPredicate;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;

import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.core.Ordered;

/**
 * Refuses calls to embedding models that are observed, before the observation is there.
 * It never switches an observation off.
 *
 * @since 0.1.0
 */
public final class EmbeddingModelGatePredicate implements ObservationPredicate, Ordered {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(EmbeddingModelGatePredicate.class));

	private final Supplier<EmbeddingCallCounter> counter;

	/**
	 * Create a predicate.
	 * @param counter the counter, asked for on the first call
	 */
	public EmbeddingModelGatePredicate(Supplier<EmbeddingCallCounter> counter) {
		this.counter = counter;
	}

	@Override
	public int getOrder() {
		// Where another one says no, the call is not observed, and must not be held
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public boolean test(String name, Observation.Context context) {
		if (context instanceof EmbeddingModelObservationContext call && call.get(OpenEmbedding.class) == null) {
			admit(call);
		}
		return true;
	}

	private void admit(EmbeddingModelObservationContext context) {
		try {
			EmbeddingCallCounter counter = this.counter.get();
			if (counter.isGated()) {
				counter.open(context, true);
			}
		}
		catch (TokenBudgetExceededException ex) {
			throw ex;
		}
		catch (Throwable ex) {
			this.faults.log("A call is made without asking whether it may be", ex);
		}
	}

}
