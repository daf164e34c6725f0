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

import java.time.Instant;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;

/**
 * Counts the calls that Spring AI observes and that no scope takes over: those to models
 * of final classes and to models that are no beans.
 * <p>
 * All state is kept in the observation's context, since an observation may stop on
 * another thread, or never.
 *
 * @since 0.1.0
 */
public final class ChatModelObservationHandler implements ObservationHandler<ChatModelObservationContext> {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ChatModelObservationHandler.class));

	private final Supplier<ChatCallCounter> counter;

	private final Supplier<ObservationRegistry> observationRegistry;

	/**
	 * Create a handler.
	 * @param counter the counter, asked for on the first call
	 * @param observationRegistry the application's registry, asked for on the first call
	 */
	public ChatModelObservationHandler(Supplier<ChatCallCounter> counter,
			Supplier<ObservationRegistry> observationRegistry) {
		this.counter = counter;
		this.observationRegistry = observationRegistry;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof ChatModelObservationContext;
	}

	@Override
	public void onStart(ChatModelObservationContext context) {
		try {
			start(context, this.counter.get());
		}
		catch (Throwable ex) {
			this.faults.log("An observed call to a model could not be counted", ex);
		}
	}

	private void start(ChatModelObservationContext context, ChatCallCounter counter) {
		ObservationView parent = context.getParentObservation();
		if (parent == null) {
			// A stream without a Reactor context sets the parent to null
			parent = this.observationRegistry.get().getCurrentObservation();
		}
		CallScope scope = CallScope.current();
		if (scope == null) {
			scope = CallScope.in(parent);
		}
		SeenCall failed = (scope != null) ? scope.giveUpFailed() : null;
		if (failed != null) {
			counter.record(failed, null, null);
		}
		if (scope != null && scope.claim(context)) {
			if (!scope.isAttributed()) {
				scope.attribute(counter.attributionOf(parent));
			}
			return;
		}
		if (scope != null) {
			scope.innerCallSeen();
		}
		else {
			counter.madeOutside(null, context.getOperationMetadata().provider());
		}
		context.put(ObservedCall.class,
				new ObservedCall(Instant.now(), System.nanoTime(), counter.attributionOf(parent)));
	}

	@Override
	public void onStop(ChatModelObservationContext context) {
		ObservedCall call = context.get(ObservedCall.class);
		if (call == null) {
			return;
		}
		try {
			this.counter.get().record(call.ended(context), context.getError(), null);
		}
		catch (Throwable ex) {
			this.faults.log("An observed call to a model could not be counted", ex);
		}
	}

	/**
	 * What was known when the call was made.
	 *
	 * @param startedAt when that was
	 * @param start the same, in nanoseconds of the JVM's clock
	 * @param attribution whom the call belongs to
	 */
	private record ObservedCall(Instant startedAt, long start, CallAttribution attribution) {

		SeenCall ended(ChatModelObservationContext context) {
			ChatResponse response = context.getResponse();
			ChatResponseMetadata metadata = (response != null) ? response.getMetadata() : null;
			CallRequest request = new CallRequest(TokenCall.nextId(), "chat", context.getOperationMetadata().provider(),
					ChatCallCounter.modelOf(context.getRequest().getOptions(), null), context.getRequest().getOptions(),
					null, context.getRequest(), context.isStreaming(), this.startedAt, this.attribution, null);
			return new SeenCall(request, outcome(context), (metadata != null) ? metadata.getModel() : null,
					(metadata != null) ? metadata.getId() : null, (metadata != null) ? metadata.getUsage() : null,
					System.nanoTime() - this.start, 0, 0, context.getError());
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

}
