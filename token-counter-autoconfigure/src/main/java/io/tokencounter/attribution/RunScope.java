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

/**
 * The scope of one run of a tracked method.
 *
 * @param scope whom calls belong to
 * @param observation the running observation, if any
 */
record RunScope(CallerScope scope, @Nullable SafeObservation observation) {

	/**
	 * Enter the scope on the current thread.
	 * @return leaves the scope, to be called on the same thread
	 */
	Runnable enter() {
		ThreadScopes.Entry entry = ThreadScopes.enter(this.scope);
		if (this.observation == null) {
			return entry::leave;
		}
		Runnable leaveObservation = this.observation.enter();
		return () -> {
			try {
				leaveObservation.run();
			}
			finally {
				entry.leave();
			}
		};
	}

	<T> Flux<T> carryInto(Flux<T> stream) {
		return Flux.<T>from((subscriber) -> ScopeSubscriber.subscribe(stream, subscriber, this::enter))
			.contextWrite(this.scope::addTo);
	}

	<T> Mono<T> carryInto(Mono<T> stream) {
		return Mono.<T>fromDirect((subscriber) -> ScopeSubscriber.subscribe(stream, subscriber, this::enter))
			.contextWrite(this.scope::addTo);
	}

	void failed(Throwable error) {
		if (this.observation != null) {
			this.observation.error(error, CallerObservation.Key.ERROR_TYPE);
		}
	}

	/**
	 * Stop the observation. Should somebody leave it current on some thread, the calls of
	 * that thread do not belong to this run.
	 */
	void stop() {
		if (this.observation != null) {
			this.observation.stop();
			this.observation.change((stopped) -> stopped.getContext().remove(CallerScope.class));
		}
	}

}
