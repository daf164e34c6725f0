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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.util.StringUtils;

/**
 * One call to a model, from where it is made to its end. The innermost scope counts.
 * <p>
 * The scope of a {@linkplain CountedModel#leaf() leaf} takes over the one observation
 * that starts in it and is recorded in its stead, with what the scope saw. In any other
 * scope, calls that are seen further inside are recorded by themselves and the scope is
 * not; it is recorded only if nothing else saw a call.
 */
final class CallScope {

	private static final ThreadLocal<@Nullable CallScope> CURRENT = new ThreadLocal<>();

	// There is a scope for each call, so it does without an object for a flag
	private static final AtomicIntegerFieldUpdater<CallScope> ENDED = AtomicIntegerFieldUpdater
		.newUpdater(CallScope.class, "ended");

	// Written without waiting until all other threads see it

	private static final AtomicReferenceFieldUpdater<CallScope, @Nullable Usage> USAGE = AtomicReferenceFieldUpdater
		.newUpdater(CallScope.class, Usage.class, "usage");

	private static final AtomicReferenceFieldUpdater<CallScope, @Nullable String> RESPONSE_MODEL = AtomicReferenceFieldUpdater
		.newUpdater(CallScope.class, String.class, "responseModel");

	private final CountedModel model;

	private final @Nullable Prompt prompt;

	private final boolean streaming;

	private volatile int ended;

	private volatile boolean innerSeen;

	private @Nullable CallObservation observation;

	// Known when a request is made, which is before its answer can come on another thread

	private UUID id = TokenCall.nextId();

	private Instant startedAt = Instant.now();

	private long start = System.nanoTime();

	private CallAttribution attribution;

	private @Nullable ChatModelObservationContext observed;

	// What the answer brings, one chunk after the other by the rules of Reactor. Only a
	// cancellation may look at it meanwhile.

	private volatile @Nullable Usage usage;

	private volatile @Nullable String responseModel;

	private volatile @Nullable String responseId;

	private long firstToken;

	private int tokenChunks;

	CallScope(CountedModel model, @Nullable Prompt prompt, boolean streaming, CallAttribution attribution) {
		this.model = model;
		this.prompt = prompt;
		this.streaming = streaming;
		this.attribution = attribution;
	}

	static @Nullable CallScope current() {
		return CURRENT.get();
	}

	/**
	 * Return the scope that an observation or one of its parents was started for.
	 */
	static @Nullable CallScope in(@Nullable ObservationView observation) {
		ObservationView current = observation;
		while (current != null) {
			Observation.ContextView context = current.getContextView();
			CallScope scope = context.get(CallScope.class);
			if (scope != null) {
				return scope;
			}
			current = context.getParentObservation();
		}
		return null;
	}

	/**
	 * Make a scope the current one of this thread.
	 * @return the one before, to be given to {@link #restore}
	 */
	static @Nullable CallScope makeCurrent(@Nullable CallScope scope) {
		CallScope previous = CURRENT.get();
		restore(scope);
		return previous;
	}

	static void restore(@Nullable CallScope scope) {
		// Not removed, as the next call on this thread would only make the entry again
		CURRENT.set(scope);
	}

	boolean isLeaf() {
		return this.model.leaf();
	}

	/**
	 * Take over an observation, so that this scope is recorded in its stead.
	 * @return whether the scope did
	 */
	boolean claim(ChatModelObservationContext context) {
		if (!isLeaf() || this.observed != null || this.ended != 0) {
			return false;
		}
		this.observed = context;
		return true;
	}

	/**
	 * Give up a call that failed, before it is made again within this scope by something
	 * between it and the model, such as an advisor that retries.
	 * @return what there is to record of the failed call, {@code null} if none failed
	 */
	@Nullable SeenCall giveUpFailed() {
		ChatModelObservationContext failed = this.observed;
		if (!this.model.counted() || failed == null || failed.getError() == null || this.ended != 0) {
			return null;
		}
		SeenCall seen = seen(CallOutcome.ERROR, null, failed.getError(), System.nanoTime() - this.start);
		this.observed = null;
		this.usage = null;
		this.responseModel = null;
		this.responseId = null;
		this.firstToken = 0;
		this.tokenChunks = 0;
		this.startedAt = Instant.now();
		this.start = System.nanoTime();
		this.id = TokenCall.nextId();
		return seen;
	}

	boolean isAttributed() {
		return this.attribution != CallAttribution.NONE;
	}

	void attribute(CallAttribution attribution) {
		this.attribution = attribution;
	}

	CountedModel model() {
		return this.model;
	}

	@Nullable CallObservation observation() {
		return this.observation;
	}

	void observe(@Nullable CallObservation observation) {
		this.observation = observation;
	}

	/**
	 * Make the scope, and its observation, known to what is done in a Reactor context.
	 */
	Context addTo(Context context) {
		Context added = context.put(CallScope.class, this);
		return (this.observation != null) ? this.observation.addTo(added) : added;
	}

	/**
	 * Called for a call that was seen inside of this one and is recorded by itself.
	 */
	void innerCallSeen() {
		if (!isLeaf()) {
			this.innerSeen = true;
		}
	}

	/**
	 * Called when a scope is opened inside of this one. A leaf calls no model, but what
	 * is above it may be there twice, such as the advisor of a client that was configured
	 * twice.
	 */
	void innerScopeOpened(CountedModel inner) {
		boolean sameModel = this.model.model() != null && this.model.model() == inner.model();
		if (!isLeaf() || (sameModel && this.observed == null)) {
			this.innerSeen = true;
		}
	}

	boolean isInnerCallSeen() {
		return this.innerSeen;
	}

	/**
	 * Called for the answer of a call or a chunk of a stream.
	 */
	void saw(ChatResponse response) {
		ChatResponseMetadata metadata = response.getMetadata();
		Usage usage = metadata.getUsage();
		if (this.usage == null || saysSomething(usage)) {
			USAGE.lazySet(this, usage);
		}
		String model = metadata.getModel();
		if (StringUtils.hasLength(model) && !model.equals(this.responseModel)) {
			RESPONSE_MODEL.lazySet(this, model);
		}
		String id = metadata.getId();
		if (StringUtils.hasLength(id) && !id.equals(this.responseId)) {
			this.responseId = id;
		}
		if (this.streaming && hasToken(response)) {
			this.tokenChunks++;
			if (this.firstToken == 0) {
				this.firstToken = System.nanoTime();
			}
		}
	}

	/**
	 * End the call.
	 * @return whether it had not ended before
	 */
	boolean end() {
		return ENDED.compareAndSet(this, 0, 1);
	}

	/**
	 * Return what this scope saw of the call, at its end.
	 * @param outcome how the call ended
	 * @param error the exception that it ended with, if any
	 * @param defaultOptions the options of the model
	 * @return what there is to record, {@code null} if something else records the call
	 */
	@Nullable SeenCall ended(CallOutcome outcome, @Nullable Throwable error, Supplier<@Nullable ChatOptions> defaultOptions) {
		long nanos = System.nanoTime() - this.start;
		if (!this.model.counted() || this.innerSeen) {
			return null;
		}
		ChatModelObservationContext observed = this.observed;
		if (observed != null && !saysSomething(this.usage) && observed.getResponse() != null) {
			// The caller asked for the text alone, which only the observation saw whole
			saw(observed.getResponse());
		}
		ChatOptions options = options();
		// Another model than Spring AI's own is asked only if nothing else tells its name
		boolean ask = isLeaf() || (this.responseModel == null && (options == null || options.getModel() == null));
		return seen(outcome, ask ? defaultOptions.get() : null, error, nanos);
	}

	private SeenCall seen(CallOutcome outcome, @Nullable ChatOptions defaultOptions, @Nullable Throwable error,
			long nanos) {
		ChatModelObservationContext observed = this.observed;
		String provider = (observed != null) ? observed.getOperationMetadata().provider() : this.model.provider();
		CallRequest request = new CallRequest(this.id, "chat", provider,
				ChatCallCounter.modelOf(options(), defaultOptions), options(), defaultOptions, this.prompt,
				this.streaming, this.startedAt, this.attribution, this.model.beanName());
		return new SeenCall(request, outcome, this.responseModel, this.responseId, this.usage, nanos,
				(this.firstToken != 0) ? this.firstToken - this.start : 0, this.tokenChunks, error);
	}

	private @Nullable ChatOptions options() {
		ChatModelObservationContext observed = this.observed;
		ChatOptions options = (observed != null) ? observed.getRequest().getOptions() : null;
		if (options == null && this.prompt != null) {
			options = this.prompt.getOptions();
		}
		return options;
	}

	@Nullable Usage usage() {
		return this.usage;
	}

	@Nullable String modelBean() {
		return this.model.beanName();
	}

	/**
	 * Return whether a usage tells any number of tokens. Providers send zeros, or nothing
	 * that Spring AI turns into zeros, on every chunk but one.
	 */
	static boolean saysSomething(@Nullable Usage usage) {
		return usage != null && (isPositive(usage, Usage::getPromptTokens)
				|| isPositive(usage, Usage::getCompletionTokens) || isPositive(usage, Usage::getTotalTokens));
	}

	private static boolean isPositive(Usage usage, Function<Usage, @Nullable Integer> getter) {
		try {
			Integer count = getter.apply(usage);
			return count != null && count > 0;
		}
		catch (Throwable ex) {
			// Not worth a line for each chunk: reading such a usage reports it
			return false;
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
