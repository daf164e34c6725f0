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

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The one way of a call: asks the gates whether it may be made, makes one
 * {@link TokenCall} of what was seen of it, and hands that to every
 * {@link TokenCallListener}.
 *
 * @since 0.1.0
 */
public final class CallRecorder {

	private final HeardAnswers heard;

	private final CallReader reader;

	private final CallPricing pricing;

	private final Supplier<List<CallGate>> gates;

	private final Supplier<List<TokenCallListener>> listeners;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(CallRecorder.class));

	/**
	 * Create a recorder.
	 * @param heard completes what was seen of calls
	 * @param reader reads calls as their providers mean them
	 * @param pricing tells what a call cost
	 * @param gates may refuse calls; asked for on each call, not before
	 * @param listeners are told of calls; asked for on each call, not before
	 */
	public CallRecorder(HeardAnswers heard, CallReader reader, CallPricing pricing, Supplier<List<CallGate>> gates,
			Supplier<List<TokenCallListener>> listeners) {
		this.heard = heard;
		this.reader = reader;
		this.pricing = pricing;
		this.gates = gates;
		this.listeners = listeners;
	}

	/**
	 * Let a call pass, or refuse it before anything is sent. A refused call is recorded.
	 * @param request what is known of the call
	 * @throws TokenBudgetExceededException if the call must not be made
	 */
	public void admit(CallRequest request) {
		List<CallGate> gates = gates();
		for (int i = 0; i < gates.size(); i++) {
			try {
				gates.get(i).admit(request);
			}
			catch (Throwable ex) {
				throwRefusal(ex, request, gates, i);
			}
		}
	}

	/**
	 * Return whether anybody may refuse calls.
	 * @return whether there is a gate
	 */
	public boolean isGated() {
		return !gates().isEmpty();
	}

	/**
	 * Forget a call that was let pass, as others are made in its stead. Never throws.
	 * @param request what is known of the call
	 */
	public void withdraw(CallRequest request) {
		for (CallGate gate : gates()) {
			try {
				gate.withdrawn(request);
			}
			catch (Throwable ex) {
				this.faults.log(gate.getClass().getName() + " failed on a call that was not made", ex);
			}
		}
	}

	/**
	 * As {@link #admit}, for streams: on subscription, without blocking an event loop.
	 * @param request what is known of the call
	 * @return completes if the call may be made, and fails with a
	 * {@link TokenBudgetExceededException} if not
	 */
	public Mono<Void> admitLater(CallRequest request) {
		List<CallGate> gates = gates();
		Mono<Void> admitted = Mono.empty();
		for (int i = 0; i < gates.size(); i++) {
			int gate = i;
			admitted = admitted.then(Mono.defer(() -> gates.get(gate).admitLater(request))
				.onErrorResume((ex) -> Mono.fromRunnable(() -> throwRefusal(ex, request, gates, gate))));
		}
		return admitted;
	}

	/**
	 * Only a refusal gets through, and is recorded.
	 */
	private void throwRefusal(Throwable thrown, CallRequest request, List<CallGate> gates, int gate) {
		if (!(thrown instanceof TokenBudgetExceededException refusal)) {
			this.faults.log("A call is made without asking " + gates.get(gate).getClass().getName(), thrown);
			return;
		}
		record(new SeenCall(request, CallOutcome.REJECTED, null, null, null, 0, 0, 0, refusal), gates.subList(0, gate));
		throw refusal;
	}

	/**
	 * Record a call that ended, on the thread that it ended on. Never throws.
	 * @param seen what was seen of it
	 */
	public void record(SeenCall seen) {
		record(complete(seen), gates());
	}

	private SeenCall complete(SeenCall seen) {
		try {
			return this.heard.complete(seen);
		}
		catch (Throwable ex) {
			this.faults.log("What was heard of a call could not be told", ex);
			return seen;
		}
	}

	private void record(SeenCall seen, List<CallGate> admittedBy) {
		try {
			TokenCall call = toCall(seen);
			// By index, as an iterator would be one more object for each call
			for (int i = 0; i < admittedBy.size(); i++) {
				ended(admittedBy.get(i), call, seen);
			}
			notifyEach(listeners(), call);
			notifyEach(seen.request().attribution().listeners(), call);
		}
		catch (Throwable ex) {
			this.faults.log("A call to a model could not be counted", ex);
		}
	}

	private List<CallGate> gates() {
		try {
			return this.gates.get();
		}
		catch (Throwable ex) {
			this.faults.log("Calls are made without asking whether they may be", ex);
			return List.of();
		}
	}

	private List<TokenCallListener> listeners() {
		try {
			return this.listeners.get();
		}
		catch (Throwable ex) {
			this.faults.log("A call is counted for its session alone", ex);
			return List.of();
		}
	}

	private void ended(CallGate gate, TokenCall call, SeenCall seen) {
		try {
			gate.ended(call, seen);
		}
		catch (Throwable ex) {
			this.faults.log(gate.getClass().getName() + " failed on the end of a call", ex);
		}
	}

	private void notifyEach(List<TokenCallListener> listeners, TokenCall call) {
		for (int i = 0; i < listeners.size(); i++) {
			TokenCallListener listener = listeners.get(i);
			try {
				listener.onCall(call);
			}
			catch (Throwable ex) {
				this.faults.log("Listener " + listener.getClass().getName() + " failed on a counted call", ex);
			}
		}
	}

	private TokenCall toCall(SeenCall seen) {
		CallRequest request = seen.request();
		CallReading reading = this.reader.read(seen);
		Duration duration = Duration.ofNanos(seen.nanos());
		return TokenCall.builder(request.operation(), reading.provider())
			.id(request.id())
			.requestModel(request.model())
			.responseModel(reading.responseModel())
			.responseId(seen.responseId())
			.usage(reading.usage())
			.cost(cost(reading, request))
			.outcome(seen.outcome())
			.streaming(request.streaming())
			.startedAt(request.startedAt())
			.duration(duration)
			.timeToFirstToken((seen.firstTokenNanos() > 0) ? Duration.ofNanos(seen.firstTokenNanos()) : null)
			.generationTime(generationTime(seen, reading.usage(), duration))
			.feature(request.attribution().feature())
			.tags(request.attribution().tags())
			.modelBean(request.modelBean())
			.build();
	}

	private @Nullable TokenCost cost(CallReading reading, CallRequest request) {
		String model = (reading.responseModel() != null) ? reading.responseModel() : request.model();
		if (model == null || !reading.usage().reported()) {
			return null;
		}
		try {
			return this.pricing.cost(model, reading, request.startedAt());
		}
		catch (Throwable ex) {
			this.faults.log("The cost of a call could not be told", ex);
			return null;
		}
	}

	private static @Nullable Duration generationTime(SeenCall seen, TokenUsage usage, Duration duration) {
		// Embeddings are made without generating a token
		boolean nothingGenerated = usage.reported() && usage.output() == 0;
		if (seen.outcome() != CallOutcome.SUCCESS || nothingGenerated) {
			return null;
		}
		// An answer that came in one chunk was generated before that chunk
		boolean seenApart = seen.tokenChunks() > 1 && seen.firstTokenNanos() > 0;
		return seenApart ? Duration.ofNanos(seen.nanos() - seen.firstTokenNanos()) : duration;
	}

}
