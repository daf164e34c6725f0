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

import java.util.List;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallAttributions;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.util.CollectionUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Opens the calls of one application to embedding models, where they are made. The
 * innermost thing that sees a call counts it.
 *
 * @since 0.1.0
 */
public final class EmbeddingCallCounter {

	private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

	private final CallRecorder recorder;

	private final Supplier<List<ObservationRegistry>> observationRegistries;

	private final CallAttributions attributions;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(EmbeddingCallCounter.class));

	/**
	 * Create a counter.
	 * @param recorder where calls are recorded
	 * @param observationRegistries the application's registries, asked for on the first
	 * call
	 * @param attributions tells whom a call belongs to
	 */
	public EmbeddingCallCounter(CallRecorder recorder, Supplier<List<ObservationRegistry>> observationRegistries,
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
	public EmbeddingModel track(EmbeddingModel model) {
		if (model instanceof CountingEmbeddingModel || EmbeddingModelPostProcessor.isProxied(model)
				|| isObserved(model)) {
			return model;
		}
		return new CountingEmbeddingModel(this, null, model);
	}

	private boolean isObserved(EmbeddingModel model) {
		try {
			return this.observationRegistries.get().contains(ModelClasses.registryOf(model));
		}
		catch (Throwable ex) {
			this.faults.log("Whether calls to " + model.getClass().getName() + " are observed can not be told", ex);
			return false;
		}
	}

	/**
	 * Make a call that nothing else sees, unless others are seen inside of it.
	 */
	<T extends @Nullable Object, X extends Throwable> T call(EmbeddingModel model, @Nullable String beanName,
			@Nullable EmbeddingRequest request, ModelCall<T, X> call) throws X {
		Scope outer = CURRENT.get();
		Scope scope = open(model, beanName, request);
		if (scope == null) {
			return call.make();
		}
		CURRENT.set(scope);
		try {
			T result = call.make();
			scope.close((result instanceof EmbeddingResponse response) ? response : null, null);
			return result;
		}
		catch (Throwable ex) {
			scope.close(null, ex);
			throw ex;
		}
		finally {
			CURRENT.set(outer);
		}
	}

	/**
	 * Make a call that is not to be counted, whatever sees it.
	 */
	<T extends @Nullable Object, X extends Throwable> T ignore(ModelCall<T, X> call) throws X {
		Scope outer = CURRENT.get();
		CURRENT.set(new Scope(this, null));
		try {
			return call.make();
		}
		finally {
			CURRENT.set(outer);
		}
	}

	private @Nullable Scope open(EmbeddingModel model, @Nullable String beanName, @Nullable EmbeddingRequest request) {
		try {
			OpenEmbedding call = new OpenEmbedding(this.recorder, ModelClasses.providerOf(model), request,
					attribution(null), beanName);
			leaveOuter();
			call.admit();
			return new Scope(this, call);
		}
		catch (TokenBudgetExceededException ex) {
			throw ex;
		}
		catch (Throwable ex) {
			this.faults.log("A call to an embedding model could not be counted", ex);
			return null;
		}
	}

	/**
	 * Open the call that an observation is of.
	 * @param context the context of the observation
	 * @param asked whether to ask first if the call may be made
	 */
	void open(EmbeddingModelObservationContext context, boolean asked) {
		Scope outer = CURRENT.get();
		if (outer != null && outer.counter() == this && outer.call() == null) {
			return;
		}
		OpenEmbedding call = new OpenEmbedding(this.recorder, context.getOperationMetadata().provider(),
				context.getRequest(), attribution(context.getParentObservation()), null);
		leaveOuter();
		if (asked) {
			call.admit();
		}
		context.put(OpenEmbedding.class, call);
	}

	boolean isGated() {
		return this.recorder.isGated();
	}

	private void leaveOuter() {
		Scope outer = CURRENT.get();
		if (outer != null && outer.counter() == this && outer.call() != null) {
			outer.call().discard();
		}
	}

	private CallAttribution attribution(@Nullable ObservationView parent) {
		ObservationRegistry registry = CollectionUtils.firstElement(this.observationRegistries.get());
		ObservationView current = (parent == null && registry != null) ? registry.getCurrentObservation() : parent;
		return this.attributions.attributionOf(current, Context.empty());
	}

	/**
	 * A call that is being made on a thread.
	 *
	 * @param counter the counter of the application that makes it
	 * @param call the call, {@code null} if it is not to be counted
	 */
	private record Scope(EmbeddingCallCounter counter, @Nullable OpenEmbedding call) {

		void close(@Nullable EmbeddingResponse response, @Nullable Throwable error) {
			if (this.call != null) {
				this.call.close(response, error);
			}
		}

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
