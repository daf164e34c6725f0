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
import io.tokencounter.CallAttribution;
import io.tokencounter.CallTagsProvider;
import io.tokencounter.TokenCallListener;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.util.function.SingletonSupplier;

/**
 * Opens scopes that calls belong to, and finds the one that a call is made in.
 *
 * @since 0.1.0
 */
public final class CallerScopes {

	private static final Log logger = LogFactory.getLog(CallerScopes.class);

	private static final ThreadLocal<@Nullable ThreadScope> THREAD_SCOPE = new ThreadLocal<>();

	private final Supplier<ObservationRegistry> observationRegistry;

	private final Supplier<List<CallTagsProvider>> tagsProviders;

	private volatile boolean warned;

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

	/**
	 * Return whom a call belongs to that is made on this thread.
	 * @param observation the observation that the call is made in, if any
	 * @return whom it belongs to
	 */
	public CallAttribution attributionOf(@Nullable ObservationView observation) {
		CallAttribution attribution = find(observation);
		Map<String, String> provided = providedTags();
		if (provided.isEmpty() || attribution.tags().keySet().containsAll(provided.keySet())) {
			return attribution;
		}
		// What was found where the caller was still near stays
		provided.putAll(attribution.tags());
		return new CallAttribution(attribution.feature(), provided, attribution.listeners());
	}

	/**
	 * Open a scope for a session, and enter it on this thread.
	 * @param name the name of the session
	 * @param listener is told of the calls in the scope
	 * @return the scope
	 */
	public CallerScope openSession(String name, TokenCallListener listener) {
		Observation parent = parent(Context.empty());
		CallAttribution outer = find(parent);
		CallAttribution attribution = new CallAttribution(outer.feature(), outer.tags(),
				plus(outer.listeners(), listener));
		CallerScope scope = scope("token.counter.session", "session " + name, null, attribution, parent);
		scope.enterUntilClosed();
		return scope;
	}

	/**
	 * Open a scope for one run of a tracked method.
	 */
	CallerScope openRun(String feature, Map<String, String> tags, TokenCallListener run, ContextView context,
			@Nullable Observation fallbackParent) {
		Observation parent = parent(context);
		if (parent == null) {
			parent = fallbackParent;
		}
		return scope("token.counter.track", feature, feature, attribution(feature, tags, run, context, parent), parent);
	}

	/**
	 * Create a scope for this thread alone, without an observation.
	 */
	CallerScope threadScope(String feature, Map<String, String> tags, TokenCallListener run) {
		Observation parent = parent(Context.empty());
		return new CallerScope(attribution(feature, tags, run, Context.empty(), parent), null, parent);
	}

	@Nullable Observation currentObservation() {
		return this.observationRegistry.get().getCurrentObservation();
	}

	private CallAttribution attribution(String feature, Map<String, String> tags, TokenCallListener run,
			ContextView context, @Nullable Observation parent) {
		CallAttribution outer = attributionOf(parent);
		if (outer == CallAttribution.NONE) {
			outer = context.getOrDefault(CallAttribution.class, CallAttribution.NONE);
		}
		Map<String, String> merged = new HashMap<>(outer.tags());
		merged.putAll(tags);
		return new CallAttribution(feature, merged, plus(outer.listeners(), run));
	}

	private CallerScope scope(String observationName, String contextualName, @Nullable String feature,
			CallAttribution attribution, @Nullable Observation parent) {
		ObservationRegistry registry = this.observationRegistry.get();
		Observation observation = Observation.createNotStarted(observationName, registry)
			.contextualName(contextualName)
			.parentObservation(parent);
		if (feature != null) {
			observation.lowCardinalityKeyValue("feature", feature);
		}
		if (observation.isNoop()) {
			return new CallerScope(attribution, null, parent);
		}
		observation.getContext().put(CallAttribution.class, attribution);
		return new CallerScope(attribution, observation.start(), parent);
	}

	private @Nullable Observation parent(ContextView context) {
		return context.getOrDefault(ObservationThreadLocalAccessor.KEY, currentObservation());
	}

	/**
	 * The nearest scope among an observation and its parents, where a scope of this
	 * thread stands right inside of the observation that it was opened in.
	 */
	private static CallAttribution find(@Nullable ObservationView observation) {
		ThreadScope threadScope = THREAD_SCOPE.get();
		ObservationView current = observation;
		while (current != null) {
			if (threadScope != null && threadScope.parent() == current) {
				return threadScope.attribution();
			}
			Observation.ContextView context = current.getContextView();
			CallAttribution attribution = context.get(CallAttribution.class);
			if (attribution != null) {
				return attribution;
			}
			current = context.getParentObservation();
		}
		return (threadScope != null && threadScope.parent() == null) ? threadScope.attribution() : CallAttribution.NONE;
	}

	private Map<String, String> providedTags() {
		Map<String, String> tags = new HashMap<>();
		try {
			for (CallTagsProvider provider : this.tagsProviders.get()) {
				provider.tags().forEach(tags::putIfAbsent);
			}
		}
		catch (Exception | LinkageError ex) {
			if (!this.warned) {
				this.warned = true;
				logger.warn("Caller tags could not be found. Further faults are logged at debug level.", ex);
			}
			logger.debug("Caller tags could not be found", ex);
		}
		return tags;
	}

	private static List<TokenCallListener> plus(List<TokenCallListener> listeners, TokenCallListener listener) {
		List<TokenCallListener> all = new ArrayList<>(listeners);
		all.add(listener);
		return all;
	}

	static @Nullable ThreadScope currentThreadScope() {
		return THREAD_SCOPE.get();
	}

	static void setThreadScope(@Nullable ThreadScope scope) {
		if (scope != null) {
			THREAD_SCOPE.set(scope);
		}
		else {
			THREAD_SCOPE.remove();
		}
	}

	/**
	 * A scope of a thread, where there is no observation to carry it.
	 *
	 * @param attribution whom calls belong to
	 * @param parent the observation that it was opened in
	 */
	record ThreadScope(CallAttribution attribution, @Nullable ObservationView parent) {

	}

}
