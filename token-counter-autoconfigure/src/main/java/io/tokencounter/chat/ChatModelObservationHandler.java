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
import io.micrometer.observation.ObservationHandler;
import io.tokencounter.CallOutcome;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;

import org.springframework.ai.chat.observation.ChatModelObservationContext;

/**
 * Counts the calls that Spring AI observes. In a scope they are the scope's; else, for
 * models of final classes and models that are no beans, nothing but the observation tells
 * of them.
 * <p>
 * All state is kept in the observation's context, since an observation may stop on
 * another thread, or never.
 *
 * @since 0.1.0
 */
public final class ChatModelObservationHandler implements ObservationHandler<ChatModelObservationContext> {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ChatModelObservationHandler.class));

	private final Supplier<ChatCallCounter> counter;

	/**
	 * Create a handler.
	 * @param counter the counter, asked for on the first call
	 */
	public ChatModelObservationHandler(Supplier<ChatCallCounter> counter) {
		this.counter = counter;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof ChatModelObservationContext;
	}

	@Override
	public void onStart(ChatModelObservationContext context) {
		try {
			if (context.get(OpenCall.class) == null) {
				this.counter.get().open(context, false);
			}
			else {
				this.counter.get().attribute(context);
			}
		}
		catch (Throwable ex) {
			this.faults.log("An observed call to a model could not be counted", ex);
		}
	}

	/**
	 * A stream fails on the thread that read its answer, where it is known what was heard
	 * of it. Its scope may hear of the failure on another thread.
	 */
	@Override
	public void onError(ChatModelObservationContext context) {
		OpenCall call = context.get(OpenCall.class);
		CallScope scope = context.get(CallScope.class);
		if (call == null || scope == null || !context.isStreaming() || scope.isCancelling()) {
			return;
		}
		try {
			call.close(CallOutcome.ERROR, context.getError());
		}
		catch (Throwable ex) {
			this.faults.log("An observed call to a model could not be counted", ex);
		}
	}

	@Override
	public void onStop(ChatModelObservationContext context) {
		OpenCall call = context.get(OpenCall.class);
		if (call == null) {
			return;
		}
		try {
			CallOutcome outcome = outcome(context);
			boolean inScope = context.get(CallScope.class) != null;
			if (inScope && context.isStreaming()) {
				// The scope saw each chunk, and may see the last one yet
				call.stopped(outcome);
			}
			else if (!inScope || context.getResponse() != null || outcome == CallOutcome.ERROR) {
				call.close(outcome, context.getError());
			}
		}
		catch (Throwable ex) {
			this.faults.log("An observed call to a model could not be counted", ex);
		}
	}

	private static CallOutcome outcome(ChatModelObservationContext context) {
		if (context.getError() != null) {
			return CallOutcome.ERROR;
		}
		// A cancelled stream stops without a response, a call without choices too
		boolean answered = context.getResponse() != null;
		return (context.isStreaming() && !answered) ? CallOutcome.CANCELLED : CallOutcome.SUCCESS;
	}

}
