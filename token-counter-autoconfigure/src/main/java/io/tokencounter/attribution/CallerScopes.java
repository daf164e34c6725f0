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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.CallTagsProvider;
import io.tokencounter.TokenCallListener;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallAttributions;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.util.StringUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Opens scopes that calls belong to, and finds the one that a call is made in.
 *
 * @since 0.1.0
 */
public final class CallerScopes implements CallAttributions {

	private static final Log logger = LogFactory.getLog(CallerScopes.class);

	// Of scopes without an observation
	private static final ThreadLocal<@Nullable CallAttribution> THREAD_ATTRIBUTION = new ThreadLocal<>();

	private final Supplier<ObservationRegistry> observationRegistry;

	private final Supplier<List<CallTagsProvider>> tagsProviders;

	private final FaultLog faults = new FaultLog(logger);

	/**
	 * Create scopes.
	 * @param observationRegistry the application's registry, asked for with the first
	 * scope
	 * @param tagsProviders tell caller tags, asked for on the first call
	 */
	public CallerScopes(Supplier<ObservationRegistry> observationRegistry,
			Supplier<List<CallTagsProvider>> tagsProviders) {
		this.observationRegistry = SingletonSupplier.of(observationRegistry);
		this.tagsProviders = SingletonSupplier.of(tagsProviders);
	}

	@Override
	public CallAttribution attributionOf(@Nullable ObservationView observation, ContextView context) {
		CallAttribution found = find(observation, context);
		List<TokenCallListener> listeners = SessionListener.withoutClosed(found.listeners());
		Map<String, String> tags = withProvidedTags(found.tags());
		if (tags == found.tags() && listeners == found.listeners()) {
			return found;
		}
		return new CallAttribution(found.feature(), tags, listeners);
	}

	/**
	 * Open a scope for a session, and enter it on this thread.
	 * @param name the name of the session
	 * @param listener is told of the calls in the scope
	 * @return the scope
	 */
	public OpenSession openSession(String name, TokenCallListener listener) {
		Observation parent = currentObservation();
		CallAttribution outer = find(parent, Context.empty());
		SessionListener session = new SessionListener(listener);
		CallAttribution attribution = new CallAttribution(outer.feature(), outer.tags(),
				plus(outer.listeners(), session));
		return new OpenSession(this, session, attribution,
				start("token.counter.session", "session " + name, null, attribution, parent));
	}

	/**
	 * Open a scope for one run of a tracked method.
	 * @param method the method
	 * @param tags the caller tags of the run
	 * @param listener is told of the calls in the scope
	 * @param context the Reactor context of the run
	 * @param fallbackParent the parent where neither context nor thread have one
	 */
	CallerScope openRun(TrackedMethod method, Map<String, String> tags, TokenCallListener listener, ContextView context,
			@Nullable Observation fallbackParent) {
		Observation parent = context.getOrDefault(ObservationThreadLocalAccessor.KEY, currentObservation());
		if (parent == null) {
			parent = fallbackParent;
		}
		CallAttribution attribution = attribution(method, tags, listener, context, parent);
		return new CallerScope(attribution,
				start("token.counter.track", method.feature(), method.feature(), attribution, parent));
	}

	/**
	 * Open a scope for the thread alone, without an observation.
	 */
	CallerScope openOnThread(TrackedMethod method, Map<String, String> tags, TokenCallListener listener) {
		return new CallerScope(attribution(method, tags, listener, Context.empty(), currentObservation()), null);
	}

	@Nullable Observation currentObservation() {
		return this.observationRegistry.get().getCurrentObservation();
	}

	List<TokenCallListener> currentListeners() {
		return find(currentObservation(), Context.empty()).listeners();
	}

	/**
	 * Return who is told of calls by a Reactor context, whatever the thread.
	 */
	static List<TokenCallListener> listenersIn(ContextView context) {
		Observation observation = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
		CallAttribution inContext = context.getOrDefault(CallAttribution.class, null);
		return innermost(inContext, find(observation)).listeners();
	}

	private CallAttribution attribution(TrackedMethod method, Map<String, String> tags, TokenCallListener listener,
			ContextView context, @Nullable Observation parent) {
		CallAttribution outer = find(parent, context);
		Map<String, String> merged = new HashMap<>(withProvidedTags(outer.tags()));
		merged.putAll(tags);
		return new CallAttribution(method.feature(), merged, plus(outer.listeners(), listener));
	}

	private @Nullable Observation start(String name, String contextualName, @Nullable String feature,
			CallAttribution attribution, @Nullable Observation parent) {
		Observation observation = Observation.createNotStarted(name, this.observationRegistry.get())
			.contextualName(contextualName)
			.parentObservation(parent);
		if (observation.isNoop()) {
			return null;
		}
		if (feature != null) {
			observation.lowCardinalityKeyValue("feature", feature);
		}
		observation.getContext().put(CallAttribution.class, attribution);
		return observation.start();
	}

	private static CallAttribution find(@Nullable ObservationView observation, ContextView context) {
		CallAttribution inContext = context.getOrDefault(CallAttribution.class, null);
		return innermost(THREAD_ATTRIBUTION.get(), innermost(inContext, find(observation)));
	}

	private static CallAttribution find(@Nullable ObservationView observation) {
		ObservationView current = observation;
		while (current != null) {
			Observation.ContextView context = current.getContextView();
			CallAttribution attribution = context.get(CallAttribution.class);
			if (attribution != null) {
				return attribution;
			}
			current = context.getParentObservation();
		}
		return CallAttribution.NONE;
	}

	/**
	 * A scope that was opened inside of another one has the listeners of both.
	 */
	private static CallAttribution innermost(@Nullable CallAttribution candidate, CallAttribution observed) {
		return (candidate != null && candidate.listeners().containsAll(observed.listeners())) ? candidate : observed;
	}

	/**
	 * What was found where the caller was still near stays.
	 */
	private Map<String, String> withProvidedTags(Map<String, String> found) {
		Map<String, String> tags = found;
		for (CallTagsProvider provider : tagsProviders()) {
			for (Map.Entry<String, String> tag : providedTags(provider).entrySet()) {
				if (!tags.containsKey(tag.getKey())) {
					tags = (tags == found) ? new HashMap<>(found) : tags;
					tags.put(tag.getKey(), tag.getValue());
				}
			}
		}
		return tags;
	}

	private List<CallTagsProvider> tagsProviders() {
		try {
			return this.tagsProviders.get();
		}
		catch (Exception | LinkageError ex) {
			this.faults.log("Caller tags could not be found", ex);
			return List.of();
		}
	}

	private Map<String, String> providedTags(CallTagsProvider provider) {
		try {
			Map<String, String> tags = new HashMap<>(provider.tags());
			tags.entrySet().removeIf((tag) -> tag.getKey() == null || !StringUtils.hasText(tag.getValue()));
			return tags;
		}
		catch (Exception | LinkageError ex) {
			this.faults.log("Caller tags could not be found by " + provider.getClass().getName(), ex);
			return Map.of();
		}
	}

	private static List<TokenCallListener> plus(List<TokenCallListener> listeners, TokenCallListener listener) {
		List<TokenCallListener> all = new ArrayList<>(listeners);
		all.add(listener);
		return all;
	}

	/**
	 * Replace whom the calls of this thread belong to.
	 * @return whom they belonged to before
	 */
	static @Nullable CallAttribution replaceThreadAttribution(@Nullable CallAttribution attribution) {
		CallAttribution previous = THREAD_ATTRIBUTION.get();
		if (attribution != null) {
			THREAD_ATTRIBUTION.set(attribution);
		}
		else {
			THREAD_ATTRIBUTION.remove();
		}
		return previous;
	}

	static @Nullable CallAttribution threadAttribution() {
		return THREAD_ATTRIBUTION.get();
	}

}
