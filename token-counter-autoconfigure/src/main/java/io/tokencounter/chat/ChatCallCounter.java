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
import java.util.Collections;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallAttributions;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.util.ConcurrentReferenceHashMap.ReferenceType;
import org.springframework.util.StringUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Opens a scope around each call to a chat model and records what it saw at the end.
 *
 * @since 0.1.0
 */
public final class ChatCallCounter {

	private static final Log logger = LogFactory.getLog(ChatCallCounter.class);

	private final CallRecorder recorder;

	private final Supplier<ObservationRegistry> observationRegistry;

	private final CallAttributions attributions;

	// Open scopes of models that may call others, as long as somebody holds the stream
	private final Set<CallScope> composites = Collections
		.newSetFromMap(new ConcurrentReferenceHashMap<>(16, ReferenceType.WEAK));

	private final RecordedOutcomes recordedOutcomes = new RecordedOutcomes();

	private volatile boolean compositeSeen;

	private final FaultLog faults = new FaultLog(logger);

	/**
	 * Create a counter.
	 * @param recorder where calls are recorded
	 * @param observationRegistry the application's registry, asked for on the first call
	 * @param attributions tells whom a call belongs to, from the observation and the
	 * Reactor context that it is made in
	 */
	public ChatCallCounter(CallRecorder recorder, Supplier<ObservationRegistry> observationRegistry,
			CallAttributions attributions) {
		this.recorder = recorder;
		this.observationRegistry = SingletonSupplier.of(observationRegistry);
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
		return new CountingChatModel(this, CountedModel.of(null, model, model.getClass(), true), model);
	}

	/**
	 * Count a response of a model that is seen by no capture point, as a call that was
	 * made and ended now on this thread.
	 * @param response the response
	 */
	public void record(ChatResponse response) {
		try {
			ChatResponseMetadata metadata = response.getMetadata();
			CallAttribution attribution = attributionOf(this.observationRegistry.get().getCurrentObservation());
			CallRequest request = new CallRequest(TokenCall.nextId(), "chat", null, null, null, null, null, false,
					Instant.now(), attribution, null);
			this.recorder.record(new SeenCall(request, CallOutcome.SUCCESS, metadata.getModel(), metadata.getId(),
					metadata.getUsage(), 0, 0, 0, null));
		}
		catch (Exception | LinkageError ex) {
			fault("A response could not be counted", ex);
		}
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
		CallObservation observation = scope.observation();
		Runnable leaveObservation = (observation != null) ? observation.enter() : null;
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
		CallScope assembly = model.leaf() ? null : new CallScope(model, prompt, true, CallAttribution.NONE);
		Flux<T> stream = (assembly != null) ? makeIn(assembly, call) : call.make();
		if (stream == null) {
			return null;
		}
		return new ScopedFlux<>(stream, this, (context) -> {
			CallScope scope = open(model, prompt, true, context);
			if (scope != null && assembly != null && assembly.isInnerCallSeen()) {
				scope.innerCallSeen();
			}
			return scope;
		}, toResponse);
	}

	private static <T extends @Nullable Object, X extends Throwable> T makeIn(CallScope scope, ModelCall<T, X> call)
			throws X {
		CallScope previous = CallScope.makeCurrent(scope);
		try {
			return call.make();
		}
		finally {
			CallScope.restore(previous);
			if (previous != null && scope.isInnerCallSeen()) {
				previous.innerCallSeen();
			}
		}
	}

	private @Nullable CallScope open(CountedModel model, @Nullable Prompt prompt, boolean streaming,
			ContextView context) {
		try {
			ObservationRegistry registry = this.observationRegistry.get();
			Observation parent = context.getOrDefault(ObservationThreadLocalAccessor.KEY,
					registry.getCurrentObservation());
			CallScope outer = outer(context, parent);
			if (outer != null) {
				outer.innerScopeOpened(model);
			}
			else {
				madeOutside(model.beanName(), null);
			}
			CallScope scope = new CallScope(model, prompt, streaming, this.attributions.attributionOf(parent, context));
			if (parent != null && model.isObservedBy(parent)) {
				parent.getContext().put(CallScope.class, scope);
			}
			if (!model.leaf()) {
				this.compositeSeen = true;
				this.composites.add(scope);
				scope.observe(CallObservation.start(scope, parent, registry, this.faults));
			}
			return scope;
		}
		catch (Throwable ex) {
			fault("A call to a model could not be counted", ex);
			return null;
		}
	}

	private static @Nullable CallScope outer(ContextView context, @Nullable ObservationView parent) {
		CallScope scope = context.getOrDefault(CallScope.class, null);
		if (scope == null) {
			scope = CallScope.current();
		}
		return (scope != null) ? scope : CallScope.in(parent);
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
			fault("A response could not be read", ex);
		}
	}

	/**
	 * End a call, unless it has ended before. Never throws.
	 */
	void end(CallScope scope, CallOutcome outcome, @Nullable Throwable error) {
		if (!scope.end()) {
			return;
		}
		try {
			SeenCall ended = scope.ended(outcome, error, () -> optionsOf(scope.model()));
			if (ended != null && !isOfAnother(scope, error)) {
				record(ended, error, scope.model().model());
			}
			else if (scope.isInnerCallSeen() && outcome != CallOutcome.CANCELLED) {
				// The inner call may have been recorded with a sum of what came by here.
				// A cancelled one is not recorded yet, as cancelling goes inwards.
				this.recordedOutcomes.add(scope.usage(), null);
			}
		}
		catch (Throwable ex) {
			fault("A call to a model could not be counted", ex);
		}
		finally {
			if (!scope.isLeaf()) {
				this.composites.remove(scope);
			}
			CallObservation observation = scope.observation();
			if (observation != null) {
				observation.stop(error);
			}
		}
	}

	/**
	 * Return the model that a request asks for.
	 */
	static @Nullable String modelOf(@Nullable ChatOptions options, @Nullable ChatOptions defaultOptions) {
		String model = modelOf(options);
		return (model != null) ? model : modelOf(defaultOptions);
	}

	private static @Nullable String modelOf(@Nullable ChatOptions options) {
		try {
			String model = (options != null) ? options.getModel() : null;
			return StringUtils.hasText(model) ? model : null;
		}
		catch (Throwable ex) {
			new FaultLog(logger).log("The model of a request could not be told", ex);
			return null;
		}
	}

	private @Nullable ChatOptions optionsOf(CountedModel model) {
		try {
			return (model.model() != null) ? model.model().getOptions() : null;
		}
		catch (Throwable ex) {
			fault("The options of a model could not be read", ex);
			return null;
		}
	}

	/**
	 * Tell the open scopes of models that call others that a call is made which none of
	 * them knows of: a model may make its calls on threads to which nothing is carried.
	 * @param beanName the name of the called bean, if known
	 * @param provider the called provider, as Spring AI names it, if known
	 */
	void madeOutside(@Nullable String beanName, @Nullable String provider) {
		if (!this.compositeSeen || this.composites.isEmpty()) {
			return;
		}
		for (CallScope composite : this.composites) {
			if (composite.model().calls(beanName, provider)) {
				composite.innerCallSeen();
			}
		}
	}

	private boolean isOfAnother(CallScope scope, @Nullable Throwable error) {
		return !scope.isLeaf() && this.recordedOutcomes.isOfAnother(scope.usage(), error, scope.model().model());
	}

	/**
	 * Return whom a call belongs to that is made in the given observation.
	 */
	CallAttribution attributionOf(@Nullable ObservationView observation) {
		return this.attributions.attributionOf(observation, Context.empty());
	}

	/**
	 * Record a call.
	 * @param ended what was seen of the call
	 * @param error the exception that it ended with, if any
	 * @param model the model, if known
	 */
	void record(SeenCall ended, @Nullable Throwable error, @Nullable ChatModel model) {
		this.recorder.record(ended);
		if (this.compositeSeen) {
			this.recordedOutcomes.add(ended.usage(), model);
			this.recordedOutcomes.add(error, model);
		}
	}

	void fault(String message, Throwable fault) {
		this.faults.log(message, fault);
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
