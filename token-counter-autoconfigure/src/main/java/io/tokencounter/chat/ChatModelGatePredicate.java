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

package io.tokencounter.chat;

import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationPredicate;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;

import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.core.Ordered;

/**
 * Refuses calls to models of final classes. It is asked before the observation of a call
 * is there, and what it throws reaches the caller, so nothing was sent and nothing is
 * left open. It never switches an observation off.
 *
 * @since 0.1.0
 */
public final class ChatModelGatePredicate implements ObservationPredicate, Ordered {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ChatModelGatePredicate.class));

	private final Supplier<ChatCallCounter> counter;

	/**
	 * Create a predicate.
	 * @param counter the counter, asked for on the first call
	 */
	public ChatModelGatePredicate(Supplier<ChatCallCounter> counter) {
		this.counter = counter;
	}

	@Override
	public int getOrder() {
		// Where another one says no, the call is not observed, and must not be held
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public boolean test(String name, Observation.Context context) {
		if (context instanceof ChatModelObservationContext call && call.get(Probe.class) == null) {
			admit(call);
		}
		return true;
	}

	private void admit(ChatModelObservationContext context) {
		try {
			ChatCallCounter counter = this.counter.get();
			if (counter.isGated() && context.get(OpenCall.class) == null) {
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

	/**
	 * Marks an observation that is of no call.
	 */
	enum Probe {

		INSTANCE

	}

}
