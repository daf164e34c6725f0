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

package io.tokencounter.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.TestCalls;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ScopedFlux}, by the rules of Reactor.
 */
class ScopedFluxTests {

	private static final CountedModel LEAF = new CountedModel("leaf", null, null, true, true, false,
			(observation) -> false);

	private static final CountedModel COMPOSITE = new CountedModel("composite", null, null, false, true, false,
			(observation) -> false);

	private final CapturedCalls calls = new CapturedCalls();

	private final TestObservationRegistry observations = TestObservationRegistry.create();

	private final ChatCallCounter counter = counter(this.observations);

	private final ChatResponse chunk = LocalChatModel.response("Pebbles", new DefaultUsage(1, 2));

	private final ChatResponse other = LocalChatModel.response("gossip", new DefaultUsage(3, 4));

	@AfterEach
	void leavesNoScope() {
		assertThat(CallScope.current()).isNull();
		assertThat(this.observations.getCurrentObservation()).isNull();
	}

	@Test
	void requestsPassUnchanged() {
		List<Long> requests = new ArrayList<>();
		Flux<ChatResponse> source = Flux.just(this.chunk, this.other, this.chunk).doOnRequest(requests::add);
		StepVerifier.create(stream(LEAF, source), 0)
			.thenRequest(1)
			.expectNext(this.chunk)
			.thenRequest(2)
			.expectNext(this.other, this.chunk)
			.verifyComplete();
		assertThat(requests).containsExactly(1L, 2L);
	}

	/**
	 * A fused subscriber would take the chunks from the source itself, unseen.
	 */
	@Test
	void isNotFused() {
		StepVerifier.create(stream(LEAF, Flux.just(this.chunk, this.other)))
			.expectNoFusionSupport()
			.expectNext(this.chunk, this.other)
			.verifyComplete();
		StepVerifier.create(stream(LEAF, Flux.just(this.chunk, this.other)).publishOn(Schedulers.immediate()))
			.expectNext(this.chunk, this.other)
			.verifyComplete();
		assertThat(this.calls.calls()).extracting(TokenCall::usage)
			.containsExactly(TokenUsage.of(3, 4), TokenUsage.of(3, 4));
	}

	@Test
	void nothingIsRequestedWithoutDemand() {
		TestPublisher<ChatResponse> source = TestPublisher.create();
		StepVerifier.create(stream(LEAF, source.flux()), 0)
			.expectSubscription()
			.then(() -> source.assertMinRequested(0).assertMaxRequested(0))
			.thenCancel()
			.verify();
	}

	@Test
	void cancelPassesOnceAndEndsTheCall() {
		AtomicInteger cancels = new AtomicInteger();
		TestPublisher<ChatResponse> source = TestPublisher.create();
		StepVerifier.create(stream(LEAF, source.flux().doOnCancel(cancels::incrementAndGet)))
			.then(() -> source.next(this.chunk))
			.expectNext(this.chunk)
			.thenCancel()
			.verify();
		source.assertCancelled(1);
		assertThat(cancels).hasValue(1);
		assertThat(this.calls.calls()).singleElement().satisfies((call) -> {
			assertThat(call.outcome()).isEqualTo(CallOutcome.CANCELLED);
			assertThat(call.usage()).isEqualTo(TokenUsage.of(1, 2));
		});
	}

	@Test
	void errorAndCompletionPass() {
		IllegalStateException failure = new IllegalStateException("Broken off");
		StepVerifier.create(stream(LEAF, Flux.just(this.chunk).concatWith(Flux.error(failure))))
			.expectNext(this.chunk)
			.verifyErrorMatches((error) -> error == failure);
		StepVerifier.create(stream(LEAF, Flux.just(this.chunk, this.other)))
			.expectNext(this.chunk, this.other)
			.verifyComplete();
		StepVerifier.create(stream(LEAF, Flux.empty())).verifyComplete();
		assertThat(this.calls.calls()).extracting(TokenCall::outcome)
			.containsExactly(CallOutcome.ERROR, CallOutcome.SUCCESS, CallOutcome.SUCCESS);
		assertThat(this.calls.calls()).extracting(TokenCall::usage)
			.containsExactly(TokenUsage.of(1, 2), TokenUsage.of(3, 4), TokenUsage.unreported());
	}

	@Test
	void eachSubscriptionIsACall() {
		Flux<ChatResponse> stream = stream(LEAF, Flux.just(this.chunk));
		assertThat(this.calls.calls()).isEmpty();
		stream.blockLast();
		stream.blockLast();
		assertThat(this.calls.calls()).hasSize(2);
	}

	@Test
	void cancelAfterTheEndEndsNothingTwice() {
		Sinks.Many<ChatResponse> source = Sinks.many().unicast().onBackpressureBuffer();
		AtomicReference<Subscription> subscription = new AtomicReference<>();
		AtomicInteger stops = new AtomicInteger();
		this.observations.observationConfig().observationHandler(new StopCounter(stops));
		stream(COMPOSITE, source.asFlux()).doOnSubscribe(subscription::set).subscribe();
		source.tryEmitNext(this.chunk);
		source.tryEmitComplete();
		subscription.get().cancel();
		assertThat(this.calls.calls()).hasSize(1);
		assertThat(stops).hasValue(1);
	}

	@Test
	void scopeIsCurrentWhileTheSourceIsSubscribedToAndNoLonger() {
		AtomicReference<@Nullable CallScope> seen = new AtomicReference<>();
		Flux<ChatResponse> source = Flux.defer(() -> {
			seen.set(CallScope.current());
			return Flux.just(this.chunk);
		});
		stream(LEAF, source).blockLast();
		assertThat(seen.get()).isNotNull();
		assertThat(CallScope.current()).isNull();
	}

	@Test
	void outerScopeIsRestoredAfterTheSubscription() {
		CallScope outside = new CallScope(this.counter, LEAF, null);
		CallScope previous = CallScope.makeCurrent(outside);
		try {
			stream(LEAF, Flux.just(this.chunk)).subscribe();
			assertThat(CallScope.current()).isSameAs(outside);
			stream(LEAF, Flux.never()).subscribe().dispose();
			assertThat(CallScope.current()).isSameAs(outside);
		}
		finally {
			CallScope.restore(previous);
		}
	}

	@Test
	void sourceThatThrowsInSubscribeEndsTheCall() {
		Flux<ChatResponse> source = new Flux<>() {

			@Override
			public void subscribe(CoreSubscriber<? super ChatResponse> actual) {
				throw new NoClassDefFoundError("gone");
			}

		};
		assertThatExceptionOfType(NoClassDefFoundError.class)
			.isThrownBy(() -> stream(LEAF, source).subscribe((chunk) -> {
			}, (error) -> {
			}));
		assertThat(CallScope.current()).isNull();
		assertThat(this.calls.calls()).extracting(TokenCall::outcome).containsExactly(CallOutcome.ERROR);
	}

	@Test
	void callThatTheSubscriberMakesWhileSubscribingIsNotInside() {
		List<@Nullable CallScope> seen = new ArrayList<>();
		stream(COMPOSITE, Flux.just(this.chunk)).doOnSubscribe((subscription) -> seen.add(CallScope.current()))
			.doOnNext((chunk) -> {
				seen.add(CallScope.current());
				this.counter.call(LEAF, null, () -> this.other, (response) -> response);
			})
			.doOnComplete(() -> seen.add(CallScope.current()))
			.blockLast();
		assertThat(seen).containsExactly(null, null, null);
		assertThat(this.calls.calls()).extracting(TokenCall::modelBean).containsExactly("leaf", "composite");
	}

	@Test
	void contextHoldsTheScopeOnEachThread() {
		AtomicReference<@Nullable CallScope> seen = new AtomicReference<>();
		Flux<ChatResponse> source = Flux.deferContextual((context) -> {
			seen.set(context.get(CallScope.class));
			return Flux.just(this.chunk);
		});
		stream(LEAF, source.subscribeOn(Schedulers.parallel())).blockLast();
		assertThat(seen.get()).isNotNull();
	}

	@Test
	void innerStreamOnAnotherThreadIsCountedAndItsOuterOneIsNot() {
		Flux<ChatResponse> inner = stream(LEAF, Flux.just(this.chunk));
		stream(COMPOSITE, inner.subscribeOn(Schedulers.parallel())).blockLast();
		assertThat(this.calls.calls()).extracting(TokenCall::modelBean).containsExactly("leaf");
	}

	@Test
	void cancelledStreamOfAnUnknownModelInsideOfAnotherIsCounted() {
		CountedModel inner = new CountedModel("inner", null, null, false, true, false, (observation) -> false);
		Flux<ChatResponse> stream = stream(inner, Flux.just(this.chunk, this.other));
		stream(COMPOSITE, stream).take(1).blockLast();
		assertThat(this.calls.calls()).singleElement().satisfies((call) -> {
			assertThat(call.modelBean()).isEqualTo("inner");
			assertThat(call.outcome()).isEqualTo(CallOutcome.CANCELLED);
			assertThat(call.usage()).isEqualTo(TokenUsage.of(1, 2));
		});
	}

	@Test
	void innerStreamIsFoundWithoutAnObservationRegistryToo() {
		ChatCallCounter unobserved = counter(ObservationRegistry.NOOP);
		Flux<ChatResponse> inner = unobserved.stream(LEAF, null, () -> Flux.just(this.chunk), (chunk) -> chunk);
		unobserved.stream(COMPOSITE, null, () -> inner.subscribeOn(Schedulers.parallel()), (chunk) -> chunk)
			.blockLast();
		assertThat(this.calls.calls()).extracting(TokenCall::modelBean).containsExactly("leaf");
	}

	@Test
	void chunkThatComesWhileACancelledStreamIsRecordedIsNotMixedIn() {
		TestPublisher<ChatResponse> source = TestPublisher.create();
		List<Usage> read = new ArrayList<>();
		CallRecorder recorder = new CallRecorder((seen) -> seen, TestCalls.reader((usage) -> {
			read.add(usage);
			source.next(this.other);
			return TokenUsage.of(usage.getPromptTokens(), usage.getCompletionTokens());
		}), (model, reading, startedAt) -> null, List::of, () -> List.of(this.calls));
		ChatCallCounter racing = new ChatCallCounter(recorder, () -> List.of(this.observations),
				(observation, context) -> CallAttribution.NONE);
		racing.stream(LEAF, null, source::flux, (chunk) -> chunk).take(1).subscribe();
		source.next(this.chunk);
		Usage seen = this.chunk.getMetadata().getUsage();
		assertThat(read).hasSize(1).allSatisfy((usage) -> assertThat(usage).isSameAs(seen));
	}

	@Test
	void disposalBeforeAnySignalIsACancelledCall() {
		Disposable subscription = stream(LEAF, Flux.never()).subscribe();
		subscription.dispose();
		assertThat(this.calls.calls()).extracting(TokenCall::outcome).containsExactly(CallOutcome.CANCELLED);
	}

	@Test
	void tellsItsParentAndItsActual() {
		Sinks.Many<ChatResponse> source = Sinks.many().unicast().onBackpressureBuffer();
		AtomicReference<Scannable> scanned = new AtomicReference<>();
		stream(LEAF, source.asFlux()).doOnSubscribe((subscription) -> scanned.set(Scannable.from(subscription)))
			.subscribe()
			.dispose();
		assertThat(scanned.get().scan(Scannable.Attr.PARENT)).isNotNull();
		assertThat(scanned.get().scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
	}

	private Flux<ChatResponse> stream(CountedModel model, Flux<ChatResponse> source) {
		return this.counter.stream(model, null, () -> source, (chunk) -> chunk);
	}

	private ChatCallCounter counter(ObservationRegistry registry) {
		CallRecorder recorder = new CallRecorder((seen) -> seen,
				TestCalls.reader((usage) -> (usage.getTotalTokens() > 0)
						? TokenUsage.of(usage.getPromptTokens(), usage.getCompletionTokens()) : null),
				(model, reading, startedAt) -> null, List::of, () -> List.of(this.calls));
		return new ChatCallCounter(recorder, () -> List.of(registry), (observation, context) -> CallAttribution.NONE);
	}

	private record StopCounter(AtomicInteger stops) implements ObservationHandler<Observation.Context> {

		@Override
		public void onStop(Observation.Context context) {
			this.stops.incrementAndGet();
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
