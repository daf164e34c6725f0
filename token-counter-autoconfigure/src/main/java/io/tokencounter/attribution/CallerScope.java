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

import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tokencounter.CallAttribution;
import io.tokencounter.attribution.CallerScopes.ThreadScope;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Something that calls belong to, and can be carried to where they are made.
 *
 * @since 0.1.0
 */
public final class CallerScope {

	private final CallAttribution attribution;

	private final @Nullable Observation observation;

	private final @Nullable Observation parent;

	private @Nullable Runnable leave;

	private @Nullable Thread enteredBy;

	CallerScope(CallAttribution attribution, @Nullable Observation observation, @Nullable Observation parent) {
		this.attribution = attribution;
		this.observation = observation;
		this.parent = parent;
	}

	@Nullable Observation observation() {
		return this.observation;
	}

	/**
	 * Enter the scope on the current thread.
	 * @return leaves the scope, to be called on the same thread
	 */
	public Runnable enter() {
		if (this.observation != null) {
			return this.observation.openScope()::close;
		}
		ThreadScope previous = CallerScopes.currentThreadScope();
		CallerScopes.setThreadScope(new ThreadScope(this.attribution, this.parent));
		return () -> CallerScopes.setThreadScope(previous);
	}

	void enterUntilClosed() {
		this.leave = enter();
		this.enteredBy = Thread.currentThread();
	}

	/**
	 * Carry the scope into a stream.
	 * @param <T> the type of the elements
	 * @param stream the stream
	 * @return the stream, in the scope
	 */
	public <T> Flux<T> carry(Flux<T> stream) {
		return Flux.<T>from((subscriber) -> CallerScopeSubscriber.subscribe(stream, subscriber, this))
			.contextWrite(this::addTo);
	}

	/**
	 * Carry the scope into a stream.
	 * @param <T> the type of the element
	 * @param stream the stream
	 * @return the stream, in the scope
	 */
	public <T> Mono<T> carry(Mono<T> stream) {
		return Mono.<T>fromDirect((subscriber) -> CallerScopeSubscriber.subscribe(stream, subscriber, this))
			.contextWrite(this::addTo);
	}

	private Context addTo(Context context) {
		Context added = context.put(CallAttribution.class, this.attribution);
		return (this.observation != null) ? added.put(ObservationThreadLocalAccessor.KEY, this.observation) : added;
	}

	/**
	 * End the scope, and leave it on the thread that opened it.
	 */
	public void close() {
		// On another thread there is nothing to leave
		if (this.leave != null && this.enteredBy == Thread.currentThread()) {
			this.leave.run();
		}
		if (this.observation != null) {
			this.observation.stop();
		}
	}

}
