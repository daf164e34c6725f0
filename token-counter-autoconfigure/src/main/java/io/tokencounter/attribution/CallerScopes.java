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

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.CallTagsProvider;
import io.tokencounter.TokenCallListener;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallAttributions;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.SafeObservation;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.util.function.SingletonSupplier;

/**
 * Opens scopes that calls belong to, and finds the one that a call is made in. It may be
 * known by the thread, by the Reactor context, and by the observation that the call is
 * made in; the innermost of them is right.
 *
 * @since 0.1.0
 */
public final class CallerScopes implements CallAttributions {

	private final Supplier<ObservationRegistry> observationRegistry;

	private final CallerTags tags;

	private final AbandonedSessions abandonedSessions = new AbandonedSessions();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(CallerScopes.class));

	/**
	 * Create scopes.
	 * @param observationRegistry the application's registry, asked for with the first
	 * scope
	 * @param tagsProviders tell caller tags, asked for on each call
	 */
	public CallerScopes(Supplier<ObservationRegistry> observationRegistry,
			Supplier<List<CallTagsProvider>> tagsProviders) {
		this.observationRegistry = SingletonSupplier.of(observationRegistry);
		this.tags = new CallerTags(tagsProviders);
	}

	@Override
	public CallAttribution attributionOf(@Nullable ObservationView observation, ContextView context) {
		CallAttribution found = attributionOf(find(observation, context));
		Map<String, String> tags = this.tags.addTo(found.tags());
		return (tags == found.tags()) ? found
				: new CallAttribution(found.feature(), tags, found.listeners(), found.runs());
	}

	/**
	 * Open a scope for a session, and enter it on this thread. Never throws.
	 * @param name the name of the session
	 * @param listener is told of the calls in the scope as long as somebody else holds it
	 * @return the scope
	 */
	public OpenSession openSession(String name, TokenCallListener listener) {
		Observation parent = currentObservation();
		SafeObservation observation = start(CallerObservation.SESSION, parent,
				(started) -> started.contextualName("session")
					.highCardinalityKeyValue(CallerObservation.Key.SESSION_NAME.withValue(TrackedMethod.clean(name))));
		SessionCalls calls = new SessionCalls(listener);
		CallerScope scope = CallerScope.of(Caller.of(calls, name), find(parent, Context.empty()), get(observation));
		put(scope, observation);
		this.abandonedSessions.stop();
		this.abandonedSessions.watch(calls, listener, observation);
		return new OpenSession(calls, scope, observation);
	}

	/**
	 * Open a scope for one run of a tracked method. Never throws.
	 * @param method the method
	 * @param tags the caller tags of the run
	 * @param listener is told of the calls in the scope
	 * @param context the Reactor context of the run
	 * @param invokedIn where the method was invoked, if the run is not found to be
	 * anywhere else
	 */
	RunScope openRun(TrackedMethod method, Map<String, String> tags, TokenCallListener listener, ContextView context,
			@Nullable Place invokedIn) {
		Observation parent = context.getOrDefault(ObservationThreadLocalAccessor.KEY, currentObservation());
		CallerScope outer = find(parent, context);
		if (invokedIn != null) {
			parent = (parent != null) ? parent : invokedIn.observation();
			outer = (outer != null) ? outer : CallerScope.open(invokedIn.scope());
		}
		SafeObservation observation = start(CallerObservation.TRACK, parent,
				(started) -> started.contextualName(method.feature())
					.lowCardinalityKeyValue(CallerObservation.Key.FEATURE.withValue(method.feature()))
					.lowCardinalityKeyValue(CallerObservation.Key.ERROR_TYPE.withValue("none")));
		CallerScope scope = CallerScope.of(runCaller(method, tags, listener, outer), outer, get(observation));
		put(scope, observation);
		return new RunScope(scope, observation);
	}

	/**
	 * Open a scope for the thread alone, without an observation.
	 */
	RunScope openOnThread(TrackedMethod method, Map<String, String> tags, TokenCallListener listener) {
		CallerScope outer = find(currentObservation(), Context.empty());
		return new RunScope(CallerScope.of(runCaller(method, tags, listener, outer), outer, null), null);
	}

	/**
	 * Return where this thread is.
	 */
	Place place() {
		Observation observation = currentObservation();
		return new Place(observation, find(observation, Context.empty()));
	}

	/**
	 * Return the scope that is known on the thread of the caller, with the tags that are
	 * provided there.
	 */
	@Nullable CallerScope withProvidedTags(@Nullable CallerScope scope) {
		CallAttribution found = attributionOf(scope);
		Map<String, String> tags = this.tags.addTo(found.tags());
		return (tags == found.tags()) ? scope : CallerScope.of(Caller.of(found.feature(), tags, null), scope, null);
	}

	/**
	 * Return the current observation, and not that of a client without a registry, behind
	 * which the one that things are made in is hidden.
	 */
	@Nullable Observation currentObservation() {
		try {
			Observation.Scope scope = this.observationRegistry.get().getCurrentObservationScope();
			while (scope != null && scope.getCurrentObservation() != null && scope.getCurrentObservation().isNoop()) {
				scope = scope.getPreviousObservationScope();
			}
			return (scope != null) ? scope.getCurrentObservation() : null;
		}
		catch (Throwable ex) {
			this.faults.log("The current observation could not be found", ex);
			return null;
		}
	}

	@Nullable CallerScope find(@Nullable ObservationView observation, ContextView context) {
		CallerScope known = CallerScope.innermost(CallerScope.in(context), CallerScope.in(observation));
		return CallerScope.innermost(ThreadScopes.current(), known);
	}

	private static CallAttribution attributionOf(@Nullable CallerScope scope) {
		return (scope != null) ? scope.attribution() : CallAttribution.NONE;
	}

	private Caller runCaller(TrackedMethod method, Map<String, String> tags, TokenCallListener listener,
			@Nullable CallerScope outer) {
		Map<String, String> merged = new HashMap<>(this.tags.addTo(attributionOf(outer).tags()));
		merged.putAll(tags);
		return Caller.of(method.feature(), merged, listener);
	}

	private @Nullable SafeObservation start(CallerObservation documentation, @Nullable Observation parent,
			UnaryOperator<Observation> customizer) {
		return SafeObservation.start(
				() -> customizer
					.apply(documentation.observation(this.observationRegistry.get()).parentObservation(parent)),
				this.faults);
	}

	private static @Nullable Observation get(@Nullable SafeObservation observation) {
		return (observation != null) ? observation.get() : null;
	}

	private static void put(CallerScope scope, @Nullable SafeObservation observation) {
		if (observation != null) {
			observation.change((started) -> started.getContext().put(CallerScope.class, scope));
		}
	}

	/**
	 * Where something is done.
	 *
	 * @param observation the observation that it is done in, if any
	 * @param scope the scope that it is done in, if any
	 */
	record Place(@Nullable Observation observation, @Nullable CallerScope scope) {

	}

}
