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
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallAttributions;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.ModelOptions;
import org.springframework.util.CollectionUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Opens the calls of one application to chat models, where they are made.
 *
 * @since 0.1.0
 */
public final class ChatCallCounter {

	private final CallRecorder recorder;

	private final Supplier<List<ObservationRegistry>> observationRegistries;

	private final CallAttributions attributions;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ChatCallCounter.class));

	/**
	 * Create a counter.
	 * @param recorder where calls are recorded
	 * @param observationRegistries the application's registries, asked for on the first
	 * call
	 * @param attributions tells whom a call belongs to
	 */
	public ChatCallCounter(CallRecorder recorder, Supplier<List<ObservationRegistry>> observationRegistries,
			CallAttributions attributions) {
		this.recorder = recorder;
		this.observationRegistries = SingletonSupplier.of(observationRegistries);
		this.attributions = attributions;
	}

	/**
	 * Wrap a model that is no bean, so that its calls are counted.
	 * @param model the model
	 * @return a model that delegates to the given one, or the given one if it is counted
	 * already
	 */
	public ChatModel track(ChatModel model) {
		if (model instanceof CountingChatModel || ChatModelPostProcessor.isProxied(model)) {
			return model;
		}
		return new CountingChatModel(this, CountedModel.of(null, model, isLeaf(model)), model);
	}

	/**
	 * Count a response of a model that is seen by no capture point, as a call that was
	 * made and ended now on this thread.
	 * @param response the response
	 */
	public void record(ChatResponse response) {
		recordHere(null, null, Instant.now(), 0, response::getMetadata);
	}

	/**
	 * Count a call that was made on this thread and that no capture point sees. Never
	 * throws.
	 */
	void recordHere(@Nullable String provider, @Nullable ModelOptions options, Instant startedAt, long nanos,
			Supplier<ChatResponseMetadata> metadata) {
		try {
			CallAttribution attribution = this.attributions.attributionOf(registry().getCurrentObservation(),
					Context.empty());
			CallRequest request = new CallRequest(TokenCall.nextId(), "chat", provider, null, options, null, null,
					false, startedAt, attribution, null);
			ChatResponseMetadata told = metadata.get();
			this.recorder.record(new SeenCall(request, CallOutcome.SUCCESS, told.getModel(), told.getId(),
					told.getUsage(), nanos, 0, 0, null));
		}
		catch (Throwable ex) {
			this.faults.log("A response could not be counted", ex);
		}
	}

	/**
	 * Return whether a call that this thread is making is counted already.
	 */
	boolean isOpenHere() {
		return CallScope.isOpen(this, registry().getCurrentObservationScope());
	}

	/**
	 * Return whether a call to a model is one request to a provider: so it is for Spring
	 * AI's own classes, and for those of others that observe as these do.
	 */
	boolean isLeaf(ChatModel model) {
		try {
			return ModelClasses.isSpringAi(model.getClass()) || isOurs(ModelClasses.registryOf(model));
		}
		catch (Throwable ex) {
			this.faults.log("Whether calls to " + model.getClass().getName() + " are observed can not be told", ex);
			return false;
		}
	}

	/**
	 * Return whether our observation handler hears of what a registry observes.
	 */
	boolean isOurs(@Nullable ObservationRegistry registry) {
		return registry != null && this.observationRegistries.get().contains(registry);
	}

	boolean isGated() {
		return this.recorder.isGated();
	}

	/**
	 * Make a call within a scope.
	 */
	<T extends @Nullable Object, X extends Throwable> T call(CountedModel model, @Nullable Prompt prompt,
			ModelCall<T, X> call, Function<? super T, @Nullable ChatResponse> toResponse) throws X {
		CallScope scope = open(model, prompt, false, Context.empty());
		if (scope == null) {
			return call.make();
		}
		CallScope previous = CallScope.makeCurrent(scope);
		Runnable leaveObservation = scope.enterObservation();
		try {
			T result = call.make();
			saw(scope, toResponse.apply(result));
			end(scope, CallOutcome.SUCCESS, null);
			return result;
		}
		catch (Throwable ex) {
			end(scope, CallOutcome.ERROR, ex);
			throw ex;
		}
		finally {
			if (leaveObservation != null) {
				leaveObservation.run();
			}
			CallScope.restore(previous);
		}
	}

	/**
	 * Open a scope for each subscriber of a stream. A model that calls other models may
	 * do so before it returns the stream; then no subscriber's call is one of its own.
	 */
	<T, X extends Throwable> @Nullable Flux<T> stream(CountedModel model, @Nullable Prompt prompt,
			ModelCall<? extends @Nullable Flux<T>, X> call, Function<? super T, @Nullable ChatResponse> toResponse)
			throws X {
		CallScope assembly = model.leaf() ? null : CallScope.ofAssembly(this, model);
		CallScope previous = (assembly != null) ? CallScope.makeCurrent(assembly) : null;
		Flux<T> stream;
		try {
			stream = call.make();
		}
		finally {
			if (assembly != null) {
				CallScope.restore(previous);
			}
		}
		if (stream == null || (assembly != null && assembly.isInnerCallSeen())) {
			return stream;
		}
		return new ScopedFlux<>(isGated() ? gated(model, stream) : stream, this,
				(context) -> open(model, prompt, true, context), toResponse);
	}

	/**
	 * Ask on subscription whether a stream may be made, without blocking.
	 */
	private static <T> Flux<T> gated(CountedModel model, Flux<T> stream) {
		return Flux.deferContextual((context) -> {
			CallScope scope = context.getOrDefault(CallScope.class, null);
			return (scope != null && scope.model() == model) ? scope.admit(stream) : stream;
		});
	}

	private @Nullable CallScope open(CountedModel model, @Nullable Prompt prompt, boolean streaming,
			ContextView context) {
		try {
			Observation parent = context.getOrDefault(ObservationThreadLocalAccessor.KEY,
					registry().getCurrentObservation());
			CallScope outer = CallScope.find(this, context.getOrDefault(CallScope.class, null), parent);
			if (outer != null) {
				outer.innerScopeOpened(model);
			}
			OpenCall call = OpenCall.of(this.recorder, model, prompt, streaming,
					this.attributions.attributionOf(parent, context));
			if (!streaming) {
				call.admit();
			}
			CallScope scope = new CallScope(this, model, call);
			if (parent != null && model.isObservedBy(parent)) {
				parent.getContext().put(CallScope.class, scope);
			}
			if (!model.leaf()) {
				scope.observe(parent, registry(), this.faults);
			}
			return scope;
		}
		catch (TokenBudgetExceededException ex) {
			throw ex;
		}
		catch (Throwable ex) {
			this.faults.log("A call to a model could not be counted", ex);
			return null;
		}
	}

	/**
	 * Open the call that an observation is of.
	 * @param context the context of the observation
	 * @param asked whether to ask first if the call may be made
	 */
	void open(ChatModelObservationContext context, boolean asked) {
		ObservationView parent = context.getParentObservation();
		if (parent == null) {
			// A stream without a Reactor context sets the parent to null
			parent = registry().getCurrentObservation();
		}
		CallScope scope = CallScope.find(this, null, parent);
		boolean made = scope != null && scope.isWaiting();
		OpenCall call = (scope != null) ? scope.take(context.getOperationMetadata().provider()) : null;
		CallAttribution attribution = (call != null) ? call.attribution() : CallAttribution.NONE;
		if (attribution == CallAttribution.NONE) {
			attribution = this.attributions.attributionOf(parent, Context.empty());
		}
		if (scope != null && call != null) {
			call.observe(context, attribution);
			context.put(CallScope.class, scope);
		}
		else {
			if (scope != null) {
				scope.innerCallSeen();
			}
			call = OpenCall.of(this.recorder, context, attribution);
		}
		if (asked && !made) {
			call.admit();
		}
		context.put(OpenCall.class, call);
	}

	/**
	 * Look again whom a call belongs to, as its observation has a parent by now.
	 */
	void attribute(ChatModelObservationContext context) {
		OpenCall call = context.get(OpenCall.class);
		boolean inScope = context.get(CallScope.class) != null;
		if (call != null && (!inScope || call.attribution() == CallAttribution.NONE)) {
			call.observe(context, this.attributions.attributionOf(context.getParentObservation(), Context.empty()));
		}
	}

	/**
	 * Called for the answer of a call or a chunk of a stream. Never throws.
	 */
	void saw(CallScope scope, @Nullable ChatResponse response) {
		if (response == null) {
			return;
		}
		try {
			scope.saw(response);
		}
		catch (Throwable ex) {
			this.faults.log("A response could not be read", ex);
		}
	}

	/**
	 * End a scope, unless it has ended before. Never throws.
	 */
	void end(CallScope scope, CallOutcome outcome, @Nullable Throwable error) {
		try {
			if (scope.end(outcome, error)) {
				scope.stopObservation(error);
			}
		}
		catch (Throwable ex) {
			this.faults.log("A call to a model could not be counted", ex);
		}
	}

	private ObservationRegistry registry() {
		ObservationRegistry first = CollectionUtils.firstElement(this.observationRegistries.get());
		return (first != null) ? first : ObservationRegistry.NOOP;
	}

	/**
	 * The application's call.
	 *
	 * @param <T> the type of the answer
	 * @param <X> what it throws
	 */
	@FunctionalInterface
	interface ModelCall<T extends @Nullable Object, X extends Throwable> {

		T make() throws X;

	}

}
