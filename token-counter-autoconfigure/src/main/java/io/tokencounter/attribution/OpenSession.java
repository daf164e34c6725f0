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

import io.tokencounter.support.SafeObservation;
import io.tokencounter.support.ScopeSubscriber;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * The scope of a session: in effect on the thread that opened it until it is closed, and
 * wherever it is carried.
 *
 * @since 0.1.0
 */
public final class OpenSession {

	private final SessionCalls calls;

	private final CallerScope scope;

	private final @Nullable SafeObservation observation;

	private final ThreadScopes.Entry entry;

	OpenSession(SessionCalls calls, CallerScope scope, @Nullable SafeObservation observation) {
		this.calls = calls;
		this.scope = scope;
		this.observation = observation;
		this.entry = ThreadScopes.enter(scope);
	}

	/**
	 * Enter the session on the current thread, unless the thread is inside of it anyway,
	 * maybe in a tracked method that is to keep its calls.
	 * @return leaves the session, to be called on the same thread
	 */
	public Runnable enter() {
		CallerScope current = ThreadScopes.current();
		if (current != null && current.contains(this.scope.caller())) {
			return () -> {
			};
		}
		return ThreadScopes.enter(this.scope)::leave;
	}

	/**
	 * Carry the session into a stream, unless its subscriber is inside of it anyway.
	 * @param <T> the type of the elements
	 * @param stream the stream
	 * @return the stream, in the session
	 */
	public <T> Flux<T> carry(Flux<T> stream) {
		Flux<T> carried = Flux.<T>from((subscriber) -> ScopeSubscriber.subscribe(stream, subscriber, this::enter))
			.contextWrite((context) -> isInside(context) ? context : this.scope.addTo(context));
		return carried.doOnTerminate(this.calls::endSeen).doOnCancel(this.calls::endSeen);
	}

	/**
	 * Carry the session into a stream, unless its subscriber is inside of it anyway.
	 * @param <T> the type of the element
	 * @param stream the stream
	 * @return the stream, in the session
	 */
	public <T> Mono<T> carry(Mono<T> stream) {
		Mono<T> carried = Mono.<T>fromDirect((subscriber) -> ScopeSubscriber.subscribe(stream, subscriber, this::enter))
			.contextWrite((context) -> isInside(context) ? context : this.scope.addTo(context));
		return carried.doOnTerminate(this.calls::endSeen).doOnCancel(this.calls::endSeen);
	}

	private boolean isInside(Context context) {
		CallerScope scope = CallerScope.in(context);
		return scope != null && scope.contains(this.scope.caller());
	}

	/**
	 * Wait shortly for calls whose end was delivered and that are not counted yet.
	 */
	public void awaitCounted() {
		this.calls.awaitCounted();
	}

	/**
	 * Close the session, and leave it on the thread that opened it. Calls that are made
	 * from now on do not belong to it, even where it could not be left.
	 */
	public void close() {
		this.calls.close();
		this.entry.leave();
		if (this.observation != null) {
			this.observation.stop();
		}
	}

}
