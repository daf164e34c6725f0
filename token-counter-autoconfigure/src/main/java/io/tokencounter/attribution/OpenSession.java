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
import io.tokencounter.call.CallAttribution;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The scope of a session: in effect on the thread that opened it until it is closed, and
 * wherever it is carried.
 *
 * @since 0.1.0
 */
public final class OpenSession extends CallerScope {

	private final CallerScopes scopes;

	private final SessionListener listener;

	private final Thread openedBy = Thread.currentThread();

	private final Runnable leave;

	OpenSession(CallerScopes scopes, SessionListener listener, CallAttribution attribution,
			@Nullable Observation observation) {
		super(attribution, observation);
		this.scopes = scopes;
		this.listener = listener;
		this.leave = open();
	}

	/**
	 * Enter the session on the current thread, unless the thread is inside of it anyway,
	 * maybe in a tracked method that is to keep its calls.
	 * @return leaves the session, to be called on the same thread
	 */
	public Runnable enter() {
		return this.scopes.currentListeners().contains(this.listener) ? () -> {
		} : open();
	}

	/**
	 * Carry the session into a stream, unless its subscriber is inside of it anyway.
	 * @param <T> the type of the elements
	 * @param stream the stream
	 * @return the stream, in the session
	 */
	public <T> Flux<T> carry(Flux<T> stream) {
		Flux<T> carried = carryInto(stream);
		return Flux
			.deferContextual((context) -> CallerScopes.listenersIn(context).contains(this.listener) ? stream : carried);
	}

	/**
	 * Carry the session into a stream, unless its subscriber is inside of it anyway.
	 * @param <T> the type of the element
	 * @param stream the stream
	 * @return the stream, in the session
	 */
	public <T> Mono<T> carry(Mono<T> stream) {
		Mono<T> carried = carryInto(stream);
		return Mono
			.deferContextual((context) -> CallerScopes.listenersIn(context).contains(this.listener) ? stream : carried);
	}

	/**
	 * Close the session, and leave it on the thread that opened it. Calls that are made
	 * from now on do not belong to it, even where it could not be left.
	 */
	public void close() {
		this.listener.close();
		// On another thread there is nothing to leave
		if (this.openedBy == Thread.currentThread()) {
			this.leave.run();
		}
		stop();
	}

}
