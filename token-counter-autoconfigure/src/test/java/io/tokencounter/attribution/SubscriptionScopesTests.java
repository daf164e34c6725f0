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

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

class SubscriptionScopesTests {

	private final SubscriptionScopes scopes = new SubscriptionScopes();

	private final CallerScope scope = CallerScope.of(Caller.of("feature", Map.of(), null), null, null);

	@AfterEach
	void close() {
		this.scopes.close();
		assertThat(ThreadScopes.current()).isNull();
	}

	@Test
	void takesTheScopeAlongToOtherThreads() {
		ThreadScopes.Entry entry = ThreadScopes.enter(this.scope);
		try {
			assertThat(scopeIn(Mono.just(1).publishOn(Schedulers.boundedElastic()))).isSameAs(this.scope);
			assertThat(Flux.range(0, 3)
				.publishOn(Schedulers.parallel())
				.flatMap((i) -> Mono.deferContextual((context) -> Mono.justOrEmpty(CallerScope.in(context))))
				.collectList()
				.block()).containsExactly(this.scope, this.scope, this.scope);
		}
		finally {
			entry.leave();
		}
		assertThat(scopeIn(Mono.just(1))).isNull();
	}

	@Test
	void leavesAnInnerScopeOfTheSubscriberAlone() {
		CallerScope inner = CallerScope.of(Caller.of("inner", Map.of(), null), this.scope, null);
		CallerScope other = CallerScope.of(Caller.of("other", Map.of(), null), null, null);
		ThreadScopes.Entry entry = ThreadScopes.enter(this.scope);
		try {
			assertThat(scopeIn(Mono.just(1), inner)).isSameAs(inner);
			assertThat(scopeIn(Mono.just(1), other)).isSameAs(other);
		}
		finally {
			entry.leave();
		}
		entry = ThreadScopes.enter(inner);
		try {
			AtomicReference<@Nullable CallerScope> seen = new AtomicReference<>();
			Mono.deferContextual((context) -> {
				seen.set(CallerScope.in(context));
				return Mono.empty();
			}).subscribe(null, null, null, Context.of(CallerScope.KEY, this.scope));
			assertThat(seen).hasValue(inner);
		}
		finally {
			entry.leave();
		}
	}

	@Test
	void signalsAndDemandAreAsTheyWere() {
		ThreadScopes.Entry entry = ThreadScopes.enter(this.scope);
		try {
			AtomicReference<String> requests = new AtomicReference<>("");
			Flux.range(0, 10)
				.doOnRequest((n) -> requests.accumulateAndGet(n + " ", String::concat))
				.subscribe(new BaseSubscriber<>() {

					@Override
					protected void hookOnSubscribe(Subscription subscription) {
						request(3);
					}

				});
			assertThat(requests).hasValue("3 ");
			StepVerifier.create(Flux.range(0, 3).concatWith(Flux.error(new IllegalStateException("No"))))
				.expectNext(0, 1, 2)
				.verifyErrorMessage("No");
			StepVerifier.create(Flux.never()).thenCancel().verify();
			assertThat(Flux.just(1, 2).publish().autoConnect().collectList().block()).containsExactly(1, 2);
			assertThat(Flux.range(0, 100).parallel(2).runOn(Schedulers.parallel()).sequential().count().block())
				.isEqualTo(100L);
			assertThat(Mono.fromCallable(() -> 1).block()).isOne();
		}
		finally {
			entry.leave();
		}
	}

	@Test
	void isGoneOnceItIsClosed() {
		// Contexts of other tests may be there with hooks of their own
		List<Object> before = hooks();
		SubscriptionScopes further = new SubscriptionScopes();
		assertThat(hooks()).hasSize(before.size() + 1);
		further.close();
		assertThat(hooks()).isEqualTo(before);
	}

	private static List<Object> hooks() {
		Map<?, ?> hooks = ReflectionTestUtils.invokeMethod(Hooks.class, "getOnLastOperatorHooks");
		return (hooks != null) ? List.copyOf(hooks.keySet()) : List.of();
	}

	@Test
	void observationIsNotHiddenByANoopOne() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler((context) -> true);
		Observation observation = Observation.start("tracked", registry);
		Observation own = Observation.start("own", registry);
		CallerScope observed = CallerScope.of(Caller.of("feature", Map.of(), null), null, observation);
		Context context = observed.addTo(Context.of("other", 1));
		assertThat(observationIn(context)).isSameAs(observation);
		assertThat(observationIn(context.put(ObservationThreadLocalAccessor.KEY, Observation.NOOP)))
			.isSameAs(observation);
		assertThat(observationIn(context.put("a", 1).put(ObservationThreadLocalAccessor.KEY, Observation.NOOP)))
			.isSameAs(observation);
		assertThat(observationIn(context.put(ObservationThreadLocalAccessor.KEY, own))).isSameAs(own);
		assertThat(observationIn(observed.addToSubscriber(Context.of(ObservationThreadLocalAccessor.KEY, own))))
			.isSameAs(own);
		assertThat(context.delete("other").stream().map(Map.Entry::getKey).toList())
			.containsExactlyInAnyOrderElementsOf(List.of(CallerScope.KEY, ObservationThreadLocalAccessor.KEY));
		assertThat(context.size()).isEqualTo(3);
		assertThat(context.hasKey("other")).isTrue();
		assertThat(context.<Integer>get("other")).isOne();
	}

	private static @Nullable CallerScope scopeIn(Mono<Integer> start) {
		return start.flatMap((ignored) -> Mono.deferContextual((context) -> Mono.justOrEmpty(CallerScope.in(context))))
			.block();
	}

	private static @Nullable CallerScope scopeIn(Mono<Integer> start, CallerScope inContext) {
		return start.flatMap((ignored) -> Mono.deferContextual((context) -> Mono.justOrEmpty(CallerScope.in(context))))
			.contextWrite((context) -> context.put(CallerScope.KEY, inContext))
			.block();
	}

	private static @Nullable Object observationIn(Context context) {
		return context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
	}

}
