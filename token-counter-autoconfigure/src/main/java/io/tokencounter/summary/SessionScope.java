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

package io.tokencounter.summary;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where a session is in effect: on the thread that opened it until it is closed, and
 * wherever it is carried.
 *
 * @since 0.1.0
 */
public interface SessionScope {

	/**
	 * Enter the scope on the current thread.
	 * @return leaves the scope, to be called on the same thread
	 */
	Runnable enter();

	/**
	 * Carry the scope into a stream.
	 * @param <T> the type of the elements
	 * @param stream the stream
	 * @return the stream, in the scope
	 */
	<T> Flux<T> carry(Flux<T> stream);

	/**
	 * Carry the scope into a stream.
	 * @param <T> the type of the element
	 * @param stream the stream
	 * @return the stream, in the scope
	 */
	<T> Mono<T> carry(Mono<T> stream);

	/**
	 * Wait shortly for calls whose end was delivered and that are not counted yet.
	 */
	void awaitCounted();

	/**
	 * End the scope, and leave it on the thread that opened it.
	 */
	void close();

}
