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

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import io.tokencounter.TrackTokens;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.annotation.AliasFor;
import org.springframework.scheduling.annotation.Async;

/**
 * Tracked methods of every kind, which do as they are told.
 */
class TrackedService implements TrackedContract {

	@TrackTokens(value = "plain", tags = "tenant=#{#tenant}")
	String plain(String tenant, Supplier<String> work) {
		return work.get();
	}

	@TrackTokens(value = "generic", tags = "tenant=#{#tenant}")
	<T> T generic(String tenant, Supplier<T> work) {
		return work.get();
	}

	@TrackTokens(value = "checked", tags = "tenant=#{#tenant}")
	<T> T checked(String tenant, Callable<T> work) throws Exception {
		return work.call();
	}

	@TrackTokens(value = "flux", tags = "tenant=#{#tenant}")
	Flux<String> flux(String tenant, Supplier<Flux<String>> work) {
		return work.get();
	}

	@TrackTokens(value = "mono", tags = "tenant=#{#tenant}")
	Mono<String> mono(String tenant, Supplier<Mono<String>> work) {
		return work.get();
	}

	@TrackTokens(value = "future", tags = "tenant=#{#tenant}")
	CompletableFuture<String> future(String tenant, Supplier<CompletableFuture<String>> work) {
		return work.get();
	}

	@Async
	@TrackTokens(value = "async", tags = "tenant=#{#tenant}")
	CompletableFuture<String> async(String tenant, Supplier<String> work) {
		return CompletableFuture.completedFuture(work.get());
	}

	@TrackTokens("inner")
	String inner(Supplier<String> work) {
		return work.get();
	}

	@TrackTokens("innerflux")
	Flux<String> innerFlux(Supplier<Flux<String>> work) {
		return work.get();
	}

	@Extraction(feature = "meta")
	String meta(String tenant, Supplier<String> work) {
		return work.get();
	}

	@Override
	public String declared(String tenant, Supplier<String> work) {
		return work.get();
	}

	@TrackTokens(value = "logged", log = true)
	Flux<String> logged(Supplier<Flux<String>> work) {
		return work.get();
	}

	@TrackTokens(value = "loggedplain", log = true)
	String loggedPlain(Supplier<String> work) {
		return work.get();
	}

	/**
	 * An application's own annotation.
	 */
	@Retention(RetentionPolicy.RUNTIME)
	@TrackTokens(tags = "tenant=#{#tenant}")
	@interface Extraction {

		@AliasFor(annotation = TrackTokens.class, attribute = "value")
		String feature();

	}

	/**
	 * Tracked by its type.
	 */
	@TrackTokens(value = "type", tags = "tenant=#{#tenant}")
	static class TypeLevel {

		String ofType(String tenant, Supplier<String> work) {
			return work.get();
		}

		@TrackTokens(value = "own", tags = "tenant=#{#tenant}")
		String ofMethod(String tenant, Supplier<String> work) {
			return work.get();
		}

		@Override
		public String toString() {
			return "a type";
		}

	}

}
