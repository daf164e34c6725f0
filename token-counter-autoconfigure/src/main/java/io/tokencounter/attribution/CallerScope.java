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

package io.tokencounter.attribution;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.TokenCallListener;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRun;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Whom the calls belong to that are made in some place: the innermost caller and those
 * around it. It never changes, so it can be handed to other threads and into streams.
 */
final class CallerScope {

	/**
	 * Key of the scope in Reactor contexts and snapshots.
	 */
	static final String KEY = "io.tokencounter.caller";

	/**
	 * Number of callers that are told of one call. More are open inside of each other
	 * only where sessions are not closed.
	 */
	static final int MAX_DEPTH = 100;

	private final Caller caller;

	private final @Nullable CallerScope outer;

	private final @Nullable Observation observation;

	private final int depth;

	// Of all callers, so no longer right when one of them is over
	private volatile @Nullable CallAttribution attribution;

	private CallerScope(Caller caller, @Nullable CallerScope outer, @Nullable Observation observation) {
		this.caller = caller;
		this.outer = outer;
		this.observation = observation;
		this.depth = (outer != null) ? outer.depth + 1 : 1;
	}

	/**
	 * Create a scope.
	 * @param caller whom calls belong to
	 * @param outer what is around it
	 * @param observation the observation of the caller, if it has one of its own
	 */
	static CallerScope of(Caller caller, @Nullable CallerScope outer, @Nullable Observation observation) {
		CallerScope around = (outer != null) ? outer.withoutSomeOver() : null;
		return new CallerScope(caller, around, observation);
	}

	private @Nullable CallerScope withoutSomeOver() {
		if (this.depth < MAX_DEPTH && !this.caller.isOver()) {
			return this;
		}
		List<CallerScope> open = list((scope) -> !scope.caller.isOver());
		return (open.size() < MAX_DEPTH) ? chain(open) : chain(open.subList(0, MAX_DEPTH - 1));
	}

	/**
	 * Return what is left of the scope once a caller is gone.
	 */
	@Nullable CallerScope without(Caller gone) {
		return contains(gone) ? chain(list((scope) -> scope.caller != gone)) : this;
	}

	boolean contains(Caller caller) {
		for (CallerScope scope = this; scope != null; scope = scope.outer) {
			if (scope.caller == caller) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Return what is left of a scope without the sessions that were closed.
	 */
	static @Nullable CallerScope open(@Nullable CallerScope scope) {
		CallerScope open = scope;
		while (open != null && open.caller.isOver()) {
			open = open.outer;
		}
		return open;
	}

	/**
	 * Return the inner one of two scopes, the second if none is inside of the other.
	 */
	static @Nullable CallerScope innermost(@Nullable CallerScope candidate, @Nullable CallerScope other) {
		CallerScope first = open(candidate);
		CallerScope second = open(other);
		boolean inside = first != null && (second == null || first.contains(second.caller));
		return inside ? first : second;
	}

	/**
	 * Return the scope that a Reactor context has.
	 */
	static @Nullable CallerScope in(ContextView context) {
		CallerScope scope = context.getOrDefault(KEY, null);
		ObservationView observation = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
		return innermost(scope, in(observation));
	}

	/**
	 * Return the scope that an observation or one of its parents has.
	 */
	static @Nullable CallerScope in(@Nullable ObservationView observation) {
		for (ObservationView current = observation; current != null;) {
			Observation.ContextView context = current.getContextView();
			CallerScope scope = context.get(CallerScope.class);
			if (scope != null) {
				return scope;
			}
			current = context.getParentObservation();
		}
		return null;
	}

	Caller caller() {
		return this.caller;
	}

	int depth() {
		return this.depth;
	}

	/**
	 * Return whom a call belongs to that is made in this scope.
	 */
	CallAttribution attribution() {
		for (CallerScope scope = this; scope != null; scope = scope.outer) {
			if (scope.caller.isOver()) {
				return attributionOfOpen();
			}
		}
		CallAttribution attribution = this.attribution;
		if (attribution == null) {
			attribution = attributionOfOpen();
			this.attribution = attribution;
		}
		return attribution;
	}

	private CallAttribution attributionOfOpen() {
		Caller attributed = null;
		List<TokenCallListener> listeners = new ArrayList<>(this.depth);
		List<CallRun> runs = new ArrayList<>(this.depth);
		for (CallerScope scope = this; scope != null; scope = scope.outer) {
			Caller caller = scope.caller;
			if (caller.listener() != null && !caller.isOver()) {
				listeners.add(caller.listener());
				if (caller.run() != null) {
					runs.add(caller.run());
				}
			}
			if (attributed == null && caller.feature() != null) {
				attributed = caller;
			}
		}
		Collections.reverse(listeners);
		Collections.reverse(runs);
		if (attributed == null || attributed.feature() == null) {
			return new CallAttribution(CallAttribution.NONE.feature(), CallAttribution.NONE.tags(), listeners, runs);
		}
		return new CallAttribution(attributed.feature(), attributed.tags(), listeners, runs);
	}

	/**
	 * Return the open sessions that a call belongs to.
	 */
	List<SessionCalls> sessions() {
		List<SessionCalls> sessions = new ArrayList<>();
		for (CallerScope scope = this; scope != null; scope = scope.outer) {
			SessionCalls session = scope.caller.session();
			if (session != null && !session.isOver()) {
				sessions.add(session);
			}
		}
		return sessions;
	}

	/**
	 * Put the scope into a Reactor context, in the stead of any other.
	 */
	Context addTo(Context context) {
		Context added = context.put(KEY, this);
		Observation observation = observation();
		return (observation != null) ? KeptObservationContext.of(added, observation) : added;
	}

	/**
	 * Return whether a Reactor context has this scope, or another that is not around it.
	 */
	boolean isKnownTo(ContextView context) {
		CallerScope known = open(context.getOrDefault(KEY, null));
		return known != null && (known.caller == this.caller || !contains(known.caller));
	}

	/**
	 * Put the scope into the Reactor context of who subscribes on a thread in the scope,
	 * whose own observation stays.
	 */
	Context addToSubscriber(Context context) {
		Observation existing = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
		Context added = addTo(context);
		return (existing != null && !existing.isNoop()) ? added.put(ObservationThreadLocalAccessor.KEY, existing)
				: added;
	}

	/**
	 * Called when the end of a stream is delivered that was subscribed to in this scope.
	 */
	void endSeen() {
		sessions().forEach(SessionCalls::endSeen);
	}

	private @Nullable Observation observation() {
		for (CallerScope scope = this; scope != null; scope = scope.outer) {
			if (scope.observation != null) {
				return scope.observation;
			}
		}
		return null;
	}

	private List<CallerScope> list(Predicate<CallerScope> filter) {
		List<CallerScope> scopes = new ArrayList<>(this.depth);
		for (CallerScope scope = this; scope != null; scope = scope.outer) {
			if (filter.test(scope)) {
				scopes.add(scope);
			}
		}
		return scopes;
	}

	private static @Nullable CallerScope chain(List<CallerScope> scopes) {
		CallerScope chain = null;
		for (int i = scopes.size() - 1; i >= 0; i--) {
			chain = new CallerScope(scopes.get(i).caller, chain, scopes.get(i).observation);
		}
		return chain;
	}

}
