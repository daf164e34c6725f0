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

package io.tokencounter.capture;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import io.tokencounter.CallAttribution;
import io.tokencounter.CallOutcome;
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
final class CallScope implements EndedCall {

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

	private Instant startedAt = Instant.now();

	private long start = System.nanoTime();

	private CallAttribution attribution;

	private @Nullable ChatModelObservationContext observed;

	// What the answer brings, one chunk after the other by the rules of Reactor. Only a
	// cancellation may look at it meanwhile.

	private volatile @Nullable Usage usage;

	private volatile @Nullable String responseModel;

	private long firstToken;

	private int tokenChunks;

	// Known at the end

	private CallOutcome outcome = CallOutcome.SUCCESS;

	private long nanos;

	private @Nullable ChatOptions defaultOptions;

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
	@Nullable EndedCall giveUpFailed() {
		ChatModelObservationContext failed = this.observed;
		if (!this.model.counted() || failed == null || failed.getError() == null || this.ended != 0) {
			return null;
		}
		EndedCall ended = new SeenCall(provider(), options(), null, this.responseModel, this.usage, CallOutcome.ERROR,
				this.streaming, this.startedAt, System.nanoTime() - this.start, 0, 0, this.attribution, modelBean());
		this.observed = null;
		this.usage = null;
		this.responseModel = null;
		this.firstToken = 0;
		this.tokenChunks = 0;
		this.startedAt = Instant.now();
		this.start = System.nanoTime();
		return ended;
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
	 * @param defaultOptions the options of the model
	 * @return what there is to record, {@code null} if something else records the call
	 */
	@Nullable EndedCall ended(CallOutcome outcome, Supplier<@Nullable ChatOptions> defaultOptions) {
		this.nanos = System.nanoTime() - this.start;
		this.outcome = outcome;
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
		if (isLeaf() || (this.responseModel == null && (options == null || options.getModel() == null))) {
			this.defaultOptions = defaultOptions.get();
		}
		// A stream that is cancelled may still bring a chunk
		return this.streaming ? new SeenCall(this) : this;
	}

	@Override
	public @Nullable String provider() {
		ChatModelObservationContext observed = this.observed;
		return (observed != null) ? observed.getOperationMetadata().provider() : this.model.provider();
	}

	@Override
	public @Nullable ChatOptions options() {
		ChatModelObservationContext observed = this.observed;
		ChatOptions options = (observed != null) ? observed.getRequest().getOptions() : null;
		if (options == null && this.prompt != null) {
			options = this.prompt.getOptions();
		}
		return options;
	}

	@Override
	public @Nullable ChatOptions defaultOptions() {
		return this.defaultOptions;
	}

	@Override
	public @Nullable String responseModel() {
		return this.responseModel;
	}

	@Override
	public @Nullable Usage usage() {
		return this.usage;
	}

	@Override
	public CallOutcome outcome() {
		return this.outcome;
	}

	@Override
	public boolean streaming() {
		return this.streaming;
	}

	@Override
	public Instant startedAt() {
		return this.startedAt;
	}

	@Override
	public long nanos() {
		return this.nanos;
	}

	@Override
	public long firstTokenNanos() {
		return (this.firstToken != 0) ? this.firstToken - this.start : 0;
	}

	@Override
	public int tokenChunks() {
		return this.tokenChunks;
	}

	@Override
	public CallAttribution attribution() {
		return this.attribution;
	}

	@Override
	public @Nullable String modelBean() {
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
