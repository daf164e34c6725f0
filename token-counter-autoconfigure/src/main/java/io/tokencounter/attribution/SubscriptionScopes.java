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

import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

/**
 * Takes the scope of a thread along into what is subscribed to on it, such as a stream
 * that a tracked method waits for, as Reactor itself does where automatic context
 * propagation is on. A client without a registry carries nothing by itself, and may ask
 * its model on another thread.
 * <p>
 * It is a hook of Reactor, so there is one for all. On threads that are in no scope it
 * costs a look at a thread-local.
 *
 * @since 0.1.0
 */
public final class SubscriptionScopes implements AutoCloseable {

	private static final FaultLog faults = new FaultLog(LogFactory.getLog(SubscriptionScopes.class));

	private final String key = SubscriptionScopes.class.getName() + "@" + System.identityHashCode(this);

	/**
	 * Begin to take scopes along.
	 */
	public SubscriptionScopes() {
		Hooks.onLastOperator(this.key, SubscriptionScopes::inCurrentScope);
	}

	@Override
	public void close() {
		Hooks.resetOnLastOperator(this.key);
	}

	private static Publisher<Object> inCurrentScope(Publisher<Object> publisher) {
		try {
			CallerScope scope = ThreadScopes.current();
			if (scope == null) {
				return publisher;
			}
			if (publisher instanceof Mono<Object> mono) {
				return inScope(mono, scope);
			}
			return (publisher instanceof Flux<Object> flux) ? inScope(flux, scope) : publisher;
		}
		catch (Throwable ex) {
			faults.log("A subscription is not attributed", ex);
			return publisher;
		}
	}

	private static Flux<Object> inScope(Flux<Object> flux, CallerScope scope) {
		return Flux.deferContextual((context) -> {
			if (scope.isKnownTo(context)) {
				return flux;
			}
			Flux<Object> scoped = flux.contextWrite(scope::addToSubscriber);
			return scope.sessions().isEmpty() ? scoped
					: scoped.doOnTerminate(scope::endSeen).doOnCancel(scope::endSeen);
		});
	}

	private static Mono<Object> inScope(Mono<Object> mono, CallerScope scope) {
		return Mono.deferContextual((context) -> {
			if (scope.isKnownTo(context)) {
				return mono;
			}
			Mono<Object> scoped = mono.contextWrite(scope::addToSubscriber);
			return scope.sessions().isEmpty() ? scoped
					: scoped.doOnTerminate(scope::endSeen).doOnCancel(scope::endSeen);
		});
	}

}
