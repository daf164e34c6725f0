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

package io.tokencounter.support;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

import static org.assertj.core.api.Assertions.assertThat;

class ScopeSubscriberTests {

	private static final ThreadLocal<@Nullable String> CURRENT = new ThreadLocal<>();

	private static <T> Flux<T> carryInto(Flux<T> source) {
		return Flux.from((subscriber) -> ScopeSubscriber.subscribe(source, subscriber, ScopeSubscriberTests::enter));
	}

	private static Runnable enter() {
		String previous = CURRENT.get();
		CURRENT.set("scope");
		return () -> CURRENT.set(previous);
	}

	@Test
	void threadsThatRequestAtOnceAreEachInTheScopeAndLeaveIt() throws Exception {
		CountDownLatch bothInside = new CountDownLatch(2);
		Map<Thread, Object> inside = new ConcurrentHashMap<>();
		Flux<String> source = new Flux<>() {

			@Override
			public void subscribe(CoreSubscriber<? super String> actual) {
				actual.onSubscribe(new Subscription() {

					@Override
					public void request(long n) {
						bothInside.countDown();
						await(bothInside);
						inside.put(Thread.currentThread(), String.valueOf(CURRENT.get()));
					}

					@Override
					public void cancel() {
					}

				});
			}

		};
		AtomicReference<@Nullable Subscription> subscription = new AtomicReference<>();
		carryInto(source).subscribe(new BaseSubscriber<>() {

			@Override
			protected void hookOnSubscribe(Subscription upstream) {
				subscription.set(upstream);
			}

		});
		ExecutorService executor = Executors.newFixedThreadPool(2);
		try {
			List<Future<?>> requests = List.of(executor.submit(() -> subscription.get().request(1)),
					executor.submit(() -> subscription.get().request(1)));
			for (Future<?> request : requests) {
				request.get(20, TimeUnit.SECONDS);
			}
			assertThat(inside).hasSize(2);
			assertThat(inside.values()).containsOnly("scope");
			CountDownLatch bothOutside = new CountDownLatch(2);
			List<Future<@Nullable String>> after = List.of(executor.submit(() -> after(bothOutside)),
					executor.submit(() -> after(bothOutside)));
			for (Future<@Nullable String> left : after) {
				assertThat(left.get(20, TimeUnit.SECONDS)).isNull();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void requestsNoMoreThanAskedFor() {
		AtomicReference<String> requests = new AtomicReference<>("");
		carryInto(Flux.range(0, 100).doOnRequest((n) -> requests.accumulateAndGet(n + " ", String::concat)))
			.subscribe(new BaseSubscriber<>() {

				@Override
				protected void hookOnSubscribe(Subscription upstream) {
					upstream.request(3);
				}

				@Override
				protected void hookOnNext(Integer value) {
					if (value == 2) {
						request(2);
					}
				}

			});
		assertThat(requests).hasValue("3 2 ");
		assertThat(CURRENT.get()).isNull();
	}

	@Test
	void leavesTheThreadIfTheSourceThrows() {
		Flux<String> source = new Flux<>() {

			@Override
			public void subscribe(CoreSubscriber<? super String> actual) {
				throw new IllegalStateException("No subscription");
			}

		};
		try {
			carryInto(source).subscribe();
		}
		catch (IllegalStateException ex) {
			assertThat(ex).hasMessage("No subscription");
		}
		assertThat(CURRENT.get()).isNull();
	}

	private static @Nullable String after(CountDownLatch both) {
		both.countDown();
		await(both);
		return CURRENT.get();
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
