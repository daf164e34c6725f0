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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.util.StringUtils;

/**
 * One call to a provider, from when it is made to its end. It looks at what passes and
 * keeps what counts, the last usage that says something. Whoever sees the end first
 * closes it, and then it is recorded, once.
 */
final class OpenCall {

	private static final String CHAT = "chat";

	private static final FaultLog faults = new FaultLog(LogFactory.getLog(OpenCall.class));

	private final CallRecorder recorder;

	private final long start = System.nanoTime();

	private final AtomicBoolean closed = new AtomicBoolean();

	private final CountedModel model;

	private CallRequest request;

	private volatile boolean admitted;

	// Whoever sets it to false decides whether the call is made
	private final AtomicBoolean asking = new AtomicBoolean();

	private volatile boolean givenUp;

	private volatile @Nullable CallOutcome stopped;

	private @Nullable ChatModelObservationContext observed;

	// What the answer brings, one chunk after the other by the rules of Reactor. Only a
	// cancellation may look at it meanwhile.

	private volatile @Nullable Usage usage;

	private volatile @Nullable String responseModel;

	private volatile @Nullable String responseId;

	private volatile long firstToken;

	private volatile int tokenChunks;

	private OpenCall(CallRecorder recorder, CountedModel model, CallRequest request) {
		this.recorder = recorder;
		this.model = model;
		this.request = request;
	}

	/**
	 * Open the call of a model that is about to be made.
	 */
	static OpenCall of(CallRecorder recorder, CountedModel model, @Nullable Prompt prompt, boolean streaming,
			CallAttribution attribution) {
		ChatOptions options = (prompt != null) ? prompt.getOptions() : null;
		ChatOptions defaultOptions = model.defaultOptions();
		return new OpenCall(recorder, model,
				new CallRequest(TokenCall.nextId(), CHAT, model.provider(), modelOf(options, defaultOptions), options,
						defaultOptions, prompt, streaming, Instant.now(), attribution, model.beanName()));
	}

	/**
	 * Open a call that nothing but its observation tells of.
	 */
	static OpenCall of(CallRecorder recorder, ChatModelObservationContext context, CallAttribution attribution) {
		ChatOptions options = context.getRequest().getOptions();
		OpenCall call = new OpenCall(recorder, CountedModel.UNKNOWN,
				new CallRequest(TokenCall.nextId(), CHAT, context.getOperationMetadata().provider(),
						modelOf(options, null), options, null, context.getRequest(), context.isStreaming(),
						Instant.now(), attribution, null));
		call.observed = context;
		return call;
	}

	/**
	 * Ask whether the call may be made.
	 * @throws io.tokencounter.TokenBudgetExceededException if it must not
	 */
	void admit() {
		if (this.model.counted()) {
			this.recorder.admit(this.request);
			this.admitted = true;
		}
	}

	/**
	 * Ask whether the call may be made, without blocking. If it ends before
	 * {@link #make()}, it was not made.
	 */
	Mono<Void> admitLater() {
		if (!this.model.counted()) {
			return Mono.empty();
		}
		this.asking.set(true);
		Mono<Void> asked = this.recorder.admitLater(this.request)
			// Recorded as such already
			.doOnError((ex) -> this.closed.set(true))
			.doOnSuccess((ignored) -> this.admitted = true);
		return Mono.from((subscriber) -> {
			asked.subscribe(subscriber);
			if (this.givenUp) {
				// The answer may have come after the call was withdrawn
				this.recorder.withdraw(this.request);
			}
		});
	}

	/**
	 * Called when a call that was asked for is about to be made.
	 * @return whether it is to be made, as it has not ended meanwhile
	 */
	boolean make() {
		return !this.model.counted() || this.asking.compareAndSet(true, false);
	}

	/**
	 * Take over what Spring AI's observation of this call knows better.
	 */
	void observe(ChatModelObservationContext context, CallAttribution attribution) {
		this.observed = context;
		CallRequest made = this.request;
		ChatOptions options = context.getRequest().getOptions();
		String model = modelOf(options, null);
		this.request = new CallRequest(made.id(), CHAT, context.getOperationMetadata().provider(),
				(model != null) ? model : made.model(), (options != null) ? options : made.options(),
				made.defaultOptions(), context.getRequest(), made.streaming(), made.startedAt(), attribution,
				made.modelBean());
	}

	boolean isObserved() {
		return this.observed != null;
	}

	boolean isClosed() {
		return this.closed.get();
	}

	CallAttribution attribution() {
		return this.request.attribution();
	}

	/**
	 * Called when the observation of a stream stopped whose chunks are still looked at.
	 */
	void stopped(CallOutcome outcome) {
		this.stopped = outcome;
	}

	/**
	 * Close the call if its observation failed or stopped. It stops after whoever tries
	 * again is told of the failure.
	 * @return whether the call is closed
	 */
	boolean closeStopped() {
		Throwable error = (this.observed != null) ? this.observed.getError() : null;
		CallOutcome outcome = (error != null) ? CallOutcome.ERROR : this.stopped;
		if (outcome != null) {
			close(outcome, error);
		}
		return isClosed();
	}

	/**
	 * Return the same call, to be made once more.
	 */
	OpenCall again() {
		CallRequest made = this.request;
		return new OpenCall(this.recorder, this.model,
				new CallRequest(TokenCall.nextId(), CHAT, made.provider(), made.model(), made.options(),
						made.defaultOptions(), made.input(), made.streaming(), Instant.now(), made.attribution(),
						made.modelBean()));
	}

	/**
	 * Called for the answer of a call or a chunk of a stream.
	 */
	void saw(ChatResponse response) {
		ChatResponseMetadata metadata = response.getMetadata();
		Usage usage = metadata.getUsage();
		if (this.usage == null || (saysSomething(usage) && total(usage) >= total(this.usage))) {
			this.usage = usage;
		}
		String model = metadata.getModel();
		if (StringUtils.hasLength(model) && !model.equals(this.responseModel)) {
			this.responseModel = model;
		}
		String id = metadata.getId();
		if (StringUtils.hasLength(id) && !id.equals(this.responseId)) {
			this.responseId = id;
		}
		if (this.request.streaming() && hasToken(response)) {
			this.tokenChunks = this.tokenChunks + 1;
			if (this.firstToken == 0) {
				this.firstToken = System.nanoTime();
			}
		}
	}

	/**
	 * Close the call, and record it, unless it was closed before.
	 */
	void close(CallOutcome outcome, @Nullable Throwable error) {
		long end = System.nanoTime();
		if (this.asking.compareAndSet(true, false)) {
			this.givenUp = true;
			if (this.closed.compareAndSet(false, true)) {
				this.recorder.withdraw(this.request);
			}
			return;
		}
		if (!this.closed.compareAndSet(false, true) || !this.model.counted()) {
			return;
		}
		ChatModelObservationContext observed = this.observed;
		if (observed != null && !saysSomething(this.usage) && observed.getResponse() != null) {
			// The caller asked for the text alone, which only the observation saw whole
			saw(observed.getResponse());
		}
		this.recorder.record(new SeenCall(named(this.request), outcome, this.responseModel, this.responseId, this.usage,
				end - this.start, (this.firstToken != 0) ? this.firstToken - this.start : 0, this.tokenChunks, error));
	}

	/**
	 * Ask the model for its name, if nothing else tells it. For Spring AI's own models
	 * something does.
	 */
	private CallRequest named(CallRequest made) {
		if (made.model() != null || this.responseModel != null || this.model.model() == null) {
			return made;
		}
		ChatOptions options = this.model.options();
		return new CallRequest(made.id(), CHAT, made.provider(), modelOf(options, null), made.options(), options,
				made.input(), made.streaming(), made.startedAt(), made.attribution(), made.modelBean());
	}

	/**
	 * Forget the call, as others are made in its stead.
	 */
	void discard() {
		if (this.closed.compareAndSet(false, true) && (this.admitted || this.asking.get())) {
			this.recorder.withdraw(this.request);
		}
	}

	private static @Nullable String modelOf(@Nullable ChatOptions options, @Nullable ChatOptions defaultOptions) {
		String model = modelOf(options);
		return (model != null) ? model : modelOf(defaultOptions);
	}

	private static @Nullable String modelOf(@Nullable ChatOptions options) {
		try {
			String model = (options != null) ? options.getModel() : null;
			return StringUtils.hasText(model) ? model : null;
		}
		catch (Throwable ex) {
			faults.log("The model of a request could not be told", ex);
			return null;
		}
	}

	/**
	 * Return whether a usage tells any number of tokens. Providers send zeros, or nothing
	 * that Spring AI turns into zeros, on every chunk but one.
	 */
	static boolean saysSomething(@Nullable Usage usage) {
		return usage != null && (count(usage, Usage::getPromptTokens) > 0
				|| count(usage, Usage::getCompletionTokens) > 0 || total(usage) > 0);
	}

	/**
	 * Return the sum that a usage tells: tokens that were told of cannot be unspent.
	 */
	private static int total(@Nullable Usage usage) {
		return (usage != null) ? count(usage, Usage::getTotalTokens) : 0;
	}

	private static int count(Usage usage, Function<Usage, @Nullable Integer> getter) {
		try {
			Integer count = getter.apply(usage);
			return (count != null) ? count : 0;
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			// Not worth a line for each chunk: reading such a usage reports it
			return 0;
		}
	}

	private static boolean hasToken(ChatResponse chunk) {
		Generation generation = chunk.getResult();
		if (generation == null || generation.getOutput() == null) {
			return false;
		}
		return StringUtils.hasLength(generation.getOutput().getText()) || generation.getOutput().hasToolCalls();
	}

}
