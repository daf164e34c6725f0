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

package io.tokencounter.wire;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.SeenCall;
import io.tokencounter.provider.TokenUsageReader;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.Conditions;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is heard at the end of a call of Spring AI's real models is what the provider
 * billed for just that call, however the call ends.
 */
class HeardModelsTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final TokenUsageReader reader = new TokenUsageReader(List::of);

	private final WireAnswers answers = new WireAnswers();

	private final HeardCalls calls = new HeardCalls(this.answers);

	@ParameterizedTest
	@MethodSource
	void answered(TappedModels which, String text, Function<ChatModel, @Nullable Object> call) {
		ChatModel model = which.build(provider.baseUrl(), this.answers, this.calls);
		call.apply(model);
		SeenCall seen = this.calls.awaitOne();
		assertThat(read(which, seen)).isEqualTo(billed(lastBill()));
		assertThat(seen.responseModel()).isEqualTo(lastBill().model());
		assertThat(seen.responseId()).startsWith("madeup");
	}

	static Stream<Arguments> answered() {
		return Stream.of(TappedModels.values())
			.flatMap((which) -> Stream.of("Hello", "Hello no-choices")
				.flatMap((text) -> Stream.of(
						Arguments.of(which, text, function((model) -> model.call(new Prompt(text)))),
						Arguments.of(which, text, function((model) -> model.stream(new Prompt(text)).blockLast())),
						Arguments.of(which, text,
								function((model) -> model.stream(new Prompt(text))
									.subscribeOn(Schedulers.boundedElastic())
									.publishOn(Schedulers.parallel())
									.blockLast())))));
	}

	private static Function<ChatModel, @Nullable Object> function(Function<ChatModel, @Nullable Object> function) {
		return function;
	}

	@ParameterizedTest
	@EnumSource
	void triedAgain(TappedModels which) {
		ChatModel model = which.build(provider.baseUrl(), this.answers, this.calls);
		model.call("Hello fail-once sync");
		assertThat(read(which, this.calls.awaitOne())).isEqualTo(billed(lastBill()));
		model.stream("Hello fail-once stream").blockLast();
		assertThat(read(which, this.calls.await(2).get(1))).isEqualTo(billed(lastBill()));
	}

	@ParameterizedTest
	@EnumSource
	void refused(TappedModels which) {
		ChatModel model = which.build(provider.baseUrl(), this.answers, this.calls);
		model.call("An answer before");
		assertThatException().isThrownBy(() -> model.call("Hello fail-500"));
		assertThatException().isThrownBy(() -> model.stream("Hello fail-500").blockLast());
		assertThat(this.calls.await(3).subList(1, 3)).allSatisfy((seen) -> assertNothingHeard(which, seen));
	}

	@ParameterizedTest
	@MethodSource
	void endedBeforeTheEnd(TappedModels which, String how, String text, Consumer<Flux<ChatResponse>> end) {
		ChatModel model = which.build(provider.baseUrl(), this.answers, this.calls);
		end.accept(model.stream(new Prompt(text)));
		SeenCall seen = this.calls.awaitOne();
		provider.releaseStreams();
		provider.awaitIdle();
		if (which == TappedModels.OPENAI) {
			assertNothingHeard(which, seen);
		}
		else {
			assertInputIsBilled(which, seen, lastBill());
		}
		boolean failed = "dropped".equals(how) || "error event".equals(how);
		assertThat(seen.outcome()).isEqualTo(failed ? CallOutcome.ERROR : CallOutcome.CANCELLED);
	}

	static Stream<Arguments> endedBeforeTheEnd() {
		// Never where nothing more comes: the clients close a body only when they have
		// read
		// what they wait for
		return Stream.of(TappedModels.values())
			.flatMap((which) -> Stream.of(
					Arguments.of(which, "take", "endless", ending((stream) -> stream.take(3).blockLast())),
					Arguments.of(which, "first", "endless", ending(Flux::blockFirst)),
					Arguments.of(which, "timeout", "endless",
							ending((stream) -> assertThatException().isThrownBy(
									() -> stream.timeout(Mono.never(), (chunk) -> Mono.just(chunk)).blockLast()))),
					Arguments.of(which, "dispose", "endless", ending(HeardModelsTests::disposeAfterFirst)),
					Arguments.of(which, "dropped", "fail-midway",
							ending((stream) -> assertThatException().isThrownBy(stream::blockLast))),
					Arguments.of(which, "error event", "error-event",
							ending((stream) -> assertThatException().isThrownBy(stream::blockLast)))));
	}

	private static Consumer<Flux<ChatResponse>> ending(Consumer<Flux<ChatResponse>> ending) {
		return ending;
	}

	private static void disposeAfterFirst(Flux<ChatResponse> stream) {
		CountDownLatch first = new CountDownLatch(1);
		Disposable subscription = stream.subscribe((chunk) -> first.countDown());
		Conditions.await("first chunk", () -> first.getCount() == 0);
		subscription.dispose();
	}

	@ParameterizedTest
	@EnumSource
	void disposedAtOnce(TappedModels which) {
		ChatModel model = which.build(provider.baseUrl(), this.answers, this.calls);
		model.stream("Hello slow-stream").subscribe().dispose();
		assertNothingHeard(which, this.calls.awaitOne());
	}

	@ParameterizedTest
	@EnumSource
	void firstTokenAndDemandAreAsWithoutUs(TappedModels which) {
		ChatModel tapped = which.build(provider.baseUrl(), this.answers, this.calls);
		ChatModel plain = which.build(provider.baseUrl(), 1, ObservationRegistry.create(), List.of());
		assertThat(arrivals(tapped)).isEqualTo(arrivals(plain));
		assertThat(read(which, this.calls.awaitOne()).reported()).isTrue();
	}

	/**
	 * Ask for one chunk and then for all that come, while the provider waits after the
	 * first text, and then for the rest.
	 */
	private static List<String> arrivals(ChatModel model) {
		List<String> arrivals = new CopyOnWriteArrayList<>();
		BaseSubscriber<ChatResponse> subscriber = new BaseSubscriber<>() {

			@Override
			protected void hookOnSubscribe(Subscription subscription) {
				arrivals.add("subscribed");
			}

			@Override
			protected void hookOnNext(ChatResponse chunk) {
				Generation generation = chunk.getResult();
				arrivals.add("chunk " + ((generation != null) ? generation.getOutput().getText() : null));
			}

			@Override
			protected void hookFinally(SignalType type) {
				arrivals.add(type.name());
			}

		};
		model.stream(new Prompt("Hello slow-stream")).subscribe(subscriber);
		subscriber.request(1);
		provider.awaitHeldStreams(1);
		Conditions.await("the one chunk", () -> arrivals.size() == 2);
		subscriber.requestUnbounded();
		Conditions.await("first text", () -> arrivals.contains("chunk Pebbles gossip."));
		arrivals.add("held");
		provider.releaseStreams();
		Conditions.await("the end", () -> arrivals.contains(SignalType.ON_COMPLETE.name()));
		return arrivals;
	}

	@ParameterizedTest
	@EnumSource
	void interceptorsAroundOursKeepTheirPlaces(TappedModels which) {
		List<String> passed = new CopyOnWriteArrayList<>();
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(this.calls);
		ChatModel model = which.build(provider.baseUrl(), 1, registry, List.of(passing("before", passed),
				new UsageInterceptor(this.answers, () -> null), passing("after", passed)));
		model.call("Hello");
		model.stream("Hello").blockLast();
		List<String> once = List.of("before", "after", "after RealResponseBody", "before TappedBody");
		assertThat(passed).containsExactlyElementsOf(Stream.of(once, once).flatMap(List::stream).toList());
		assertThat(this.calls.await(2)).extracting((seen) -> read(which, seen))
			.containsExactlyElementsOf(provider.ledger().bills().stream().map(HeardModelsTests::billed).toList());
	}

	private static Interceptor passing(String name, List<String> passed) {
		return (chain) -> {
			passed.add(name);
			Response response = chain.proceed(chain.request());
			passed.add(name + " " + response.body().getClass().getSimpleName());
			return response;
		};
	}

	@ParameterizedTest
	@EnumSource
	void crowdOfWhichHalfIsCancelled(TappedModels which) throws InterruptedException {
		int size = 200;
		ChatModel model = which.build(provider.baseUrl(), this.answers, this.calls);
		CountDownLatch ended = new CountDownLatch(size);
		for (int i = 0; i < size; i++) {
			boolean cancelled = i % 2 == 1;
			Prompt prompt = new Prompt("Hello", which.options((cancelled ? "cancelled-" : "whole-") + i + "-"));
			Flux<ChatResponse> stream = model.stream(prompt);
			(cancelled ? stream.take(1 + i % 3) : stream).subscribeOn(Schedulers.boundedElastic())
				.doFinally((signal) -> ended.countDown())
				.subscribe();
		}
		assertThat(ended.await(Conditions.DEADLINE.toSeconds() * 3, TimeUnit.SECONDS)).isTrue();
		List<SeenCall> calls = this.calls.await(size);
		provider.awaitIdle();
		Map<String, Bill> bills = provider.ledger()
			.bills()
			.stream()
			.collect(Collectors.toMap(Bill::requestModel, Function.identity()));
		assertThat(calls).hasSize(size).allSatisfy((seen) -> {
			Bill bill = bills.get(seen.request().model());
			if (seen.outcome() == CallOutcome.SUCCESS) {
				assertThat(read(which, seen)).isEqualTo(billed(bill));
			}
			else if (read(which, seen).reported()) {
				assertInputIsBilled(which, seen, bill);
			}
		});
		assertThat(calls).extracting(SeenCall::outcome).doesNotContain(CallOutcome.ERROR);
	}

	private void assertNothingHeard(TappedModels which, SeenCall seen) {
		assertThat(read(which, seen)).isEqualTo(TokenUsage.unreported());
	}

	private void assertInputIsBilled(TappedModels which, SeenCall seen, Bill bill) {
		TokenUsage usage = read(which, seen);
		assertThat(usage.input()).isEqualTo(bill.input());
		assertThat(usage.cacheRead()).isEqualTo(bill.cacheRead());
		assertThat(usage.cacheWrite()).isEqualTo(bill.cacheWrite());
		assertThat(usage.output()).isBetween(1L, Long.valueOf(bill.output()));
	}

	private TokenUsage read(TappedModels which, SeenCall seen) {
		return this.reader.read(seen.usage(), which.provider());
	}

	private static TokenUsage billed(Bill bill) {
		return new TokenUsage(bill.input(), bill.output(), bill.cacheRead(), bill.cacheWrite(), bill.reasoning(), true);
	}

	private static Bill lastBill() {
		List<Bill> bills = provider.ledger().bills();
		return bills.get(bills.size() - 1);
	}

}
