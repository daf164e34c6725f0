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

import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.CallOutcome;
import io.tokencounter.chat.ModelObservationDocumentation.KeyNames;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.SafeObservation;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

import org.springframework.ai.chat.model.ChatResponse;

/**
 * Where a call to a model is made: on a thread, in a Reactor context, in an observation.
 * It holds the call, and the innermost scope counts.
 * <p>
 * The scope of a {@linkplain CountedModel#leaf() leaf} takes over the one observation
 * that starts in it. In any other scope, calls that are seen further inside are recorded
 * by themselves and the scope's own is not, unless its model
 * {@linkplain CountedModel#beside() counts beside them}.
 */
final class CallScope {

	private static final ThreadLocal<@Nullable CallScope> CURRENT = new ThreadLocal<>();

	private final ChatCallCounter counter;

	private final CountedModel model;

	// None while a stream is only assembled

	private volatile @Nullable OpenCall call;

	private volatile boolean innerCallSeen;

	private volatile boolean cancelling;

	private volatile boolean ended;

	private @Nullable SafeObservation observation;

	CallScope(ChatCallCounter counter, CountedModel model, @Nullable OpenCall call) {
		this.counter = counter;
		this.model = model;
		this.call = call;
	}

	/**
	 * Return a scope in which a stream is assembled, which makes no call.
	 */
	static CallScope ofAssembly(ChatCallCounter counter, CountedModel model) {
		return new CallScope(counter, model, null);
	}

	static @Nullable CallScope current() {
		return CURRENT.get();
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

	/**
	 * Return the scope that an observation or one of its parents was started for.
	 */
	private static @Nullable CallScope in(@Nullable ObservationView observation) {
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
	 * Return the innermost scope of an application. Those of another one in the same JVM
	 * are none of its business.
	 * @param counter the application's counter
	 * @param carried the scope that was carried to here, if any
	 * @param parent the observation that a call is made in, if any
	 */
	static @Nullable CallScope find(ChatCallCounter counter, @Nullable CallScope carried,
			@Nullable ObservationView parent) {
		if (carried != null && carried.counter == counter) {
			return carried;
		}
		CallScope current = current();
		if (current != null && current.counter == counter) {
			return current;
		}
		CallScope observed = in(parent);
		return (observed != null && observed.counter == counter) ? observed : null;
	}

	/**
	 * Return whether a call is open on this thread or in one of its observations. A no-op
	 * observation may hide the ones around it, but not their scopes.
	 */
	static boolean isOpen(ChatCallCounter counter, Observation.@Nullable Scope innermost) {
		if (find(counter, null, null) != null) {
			return true;
		}
		for (Observation.Scope scope = innermost; scope != null; scope = scope.getPreviousObservationScope()) {
			Observation observation = scope.getCurrentObservation();
			OpenCall call = observation.getContext().get(OpenCall.class);
			if ((call != null && !call.isClosed()) || find(counter, null, observation) != null) {
				return true;
			}
		}
		return false;
	}

	CountedModel model() {
		return this.model;
	}

	/**
	 * Observe the call, so that other threads find its scope.
	 * @param parent the observation that the call is made in, if any
	 * @param registry the registry
	 * @param faults where faults are logged
	 */
	void observe(@Nullable Observation parent, ObservationRegistry registry, FaultLog faults) {
		String name = Objects.requireNonNullElse(this.model.beanName(), "none");
		this.observation = SafeObservation.start(() -> ModelObservationDocumentation.MODEL.observation(registry)
			.contextualName("chat " + name)
			.lowCardinalityKeyValue(KeyNames.BEAN.withValue(name))
			.lowCardinalityKeyValue(KeyNames.ERROR_TYPE.withValue("none"))
			.parentObservation(parent), faults);
		if (this.observation != null) {
			this.observation.change((started) -> started.getContext().put(CallScope.class, this));
		}
	}

	/**
	 * Make the observation of the call the current one of this thread.
	 * @return leaves it, on the same thread, {@code null} if there is none
	 */
	@Nullable Runnable enterObservation() {
		return (this.observation != null) ? this.observation.enter() : null;
	}

	void stopObservation(@Nullable Throwable error) {
		if (this.observation == null) {
			return;
		}
		if (error != null) {
			this.observation.error(error, KeyNames.ERROR_TYPE);
		}
		this.observation.stop();
	}

	/**
	 * Make the scope, and its observation, known to what is done in a Reactor context.
	 */
	Context addTo(Context context) {
		Context added = context.put(CallScope.class, this);
		return (this.observation != null) ? added.put(ObservationThreadLocalAccessor.KEY, this.observation.get())
				: added;
	}

	/**
	 * Return the call that an observation in this scope is of. Something between the
	 * scope and the model may make a call once more, such as an advisor that retries.
	 * @param provider the provider that is called
	 * @return the call, {@code null} if it is another one's
	 */
	synchronized @Nullable OpenCall take(String provider) {
		OpenCall call = this.call;
		boolean mine = this.model.provider() == null || this.model.provider().equals(provider);
		if (call == null || !mine || !this.model.leaf() || this.ended) {
			return null;
		}
		if (!call.isObserved() && !call.isClosed()) {
			return call;
		}
		if (!call.closeStopped()) {
			return null;
		}
		OpenCall again = call.again();
		this.call = again;
		return again;
	}

	/**
	 * Return whether the call of this scope waits for its observation.
	 */
	boolean isWaiting() {
		OpenCall call = this.call;
		return call != null && this.model.leaf() && !this.ended && !call.isObserved() && !call.isClosed();
	}

	/**
	 * Ask whether the call may be made, and then make it in this scope, on whatever
	 * thread the answer comes.
	 */
	<T> Flux<T> admit(Flux<T> stream) {
		OpenCall call = this.call;
		Flux<T> inScope = Flux.from((subscriber) -> {
			if (call != null && !call.make()) {
				Flux.<T>empty().subscribe(subscriber);
				return;
			}
			CallScope previous = makeCurrent(this);
			try {
				stream.subscribe(subscriber);
			}
			finally {
				restore(previous);
			}
		});
		return (call != null) ? call.admitLater().thenMany(inScope) : stream;
	}

	/**
	 * Called before a call that is seen inside of this one and is recorded by itself.
	 */
	void innerCallSeen() {
		if (!this.model.leaf() && !this.model.beside()) {
			discard();
		}
	}

	/**
	 * Called before a scope is opened inside of this one. A leaf calls no model, but what
	 * is above it may be there twice, such as the advisor of a client that was configured
	 * twice.
	 */
	void innerScopeOpened(CountedModel inner) {
		boolean sameModel = this.model.model() != null && this.model.model() == inner.model();
		if (this.model.leaf() && sameModel && isWaiting()) {
			discard();
		}
		innerCallSeen();
	}

	private void discard() {
		this.innerCallSeen = true;
		if (this.call != null) {
			this.call.discard();
		}
	}

	boolean isInnerCallSeen() {
		return this.innerCallSeen;
	}

	void saw(ChatResponse response) {
		if (this.call != null) {
			this.call.saw(response);
		}
	}

	/**
	 * Called before a stream is cancelled. However it ends by that, it was cancelled.
	 */
	void cancelling() {
		this.cancelling = true;
	}

	boolean isCancelling() {
		return this.cancelling;
	}

	/**
	 * End the scope, and with it the call that was not seen to end before.
	 * @return whether the scope had not ended before
	 */
	boolean end(CallOutcome outcome, @Nullable Throwable error) {
		synchronized (this) {
			if (this.ended) {
				return false;
			}
			this.ended = true;
		}
		if (this.call != null && this.cancelling) {
			this.call.close(CallOutcome.CANCELLED, null);
		}
		else if (this.call != null) {
			this.call.close(outcome, error);
		}
		return true;
	}

}
