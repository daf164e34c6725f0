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

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import io.tokencounter.chat.CaptureFaultTests.BrokenCountersRegistry;
import io.tokencounter.chat.SoakApplication.Spent;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many calls of all kinds, with faults all along. With {@code -Dsoak=full} there are a
 * million of them, else as many as an ordinary build has time for.
 */
class SoakTests {

	private static final int CALLS = "full".equals(System.getProperty("soak")) ? 500_000 : 15_000;

	private static final int THREADS = 4;

	/**
	 * Some scopes or calls that are not let go would come to more in the shorter run, and
	 * a few bytes a call in the longer one. A part of it is H2's cache.
	 */
	private static final long HEAP_GROWTH = 4 << 20;

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	@ParameterizedTest
	@ValueSource(classes = { SimpleMeterRegistry.class, BrokenCountersRegistry.class })
	void totalsEqualTheBooksAndNothingIsLeft(Class<? extends MeterRegistry> registryType, @TempDir Path folder) {
		SoakApplication.runner(provider, folder)
			.withPropertyValues("spring.ai.model.chat=none", "token-counter.pricing.models[local].input=1",
					"token-counter.pricing.models[local].output=2")
			.withBean(MeterRegistry.class, () -> create(registryType))
			.withBean(Books.class)
			.withBean(Heard.class)
			.withBean(RunningObservations.class)
			.withBean("broken", TokenCallListener.class, () -> new Broken())
			.withBean("model", BilledModel.class)
			.withBean("otherModel", BilledModel.class)
			.withBean("router", Router.class)
			.withBean(Tracked.class)
			.run(SoakTests::soak);
	}

	private static void soak(ApplicationContext context) throws Exception {
		run(context, CALLS / 10);
		SoakApplication.awaitWritten(context);
		long heap = usedHeap(context);
		int threads = Thread.activeCount();
		run(context, CALLS);
		context.getBean(RunningObservations.class).awaitNone();
		SoakApplication.awaitWritten(context);
		Conditions.await("flat heap", () -> usedHeap(context) - heap < HEAP_GROWTH);
		Conditions.await("end of threads", () -> Thread.activeCount() <= threads);
		assertNothingIsLeft(context.getBean(ObservationRegistry.class));
		assertTotals(context);
	}

	private static void run(ApplicationContext context, int calls) throws Exception {
		Kinds kinds = new Kinds(context);
		ObservationRegistry observations = context.getBean(ObservationRegistry.class);
		ExecutorService executor = Executors.newFixedThreadPool(THREADS);
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				futures.add(executor.submit(() -> {
					for (int call = 0; call < calls / THREADS; call++) {
						kinds.runOne();
						assertNothingIsLeft(observations);
					}
				}));
			}
			for (Future<?> future : futures) {
				future.get(10, TimeUnit.MINUTES);
			}
		}
		finally {
			executor.shutdown();
			assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		}
	}

	private static void assertNothingIsLeft(ObservationRegistry observations) {
		assertThat(CallScope.current()).isNull();
		assertThat(observations.getCurrentObservation()).isNull();
	}

	private static void assertTotals(ApplicationContext context) {
		Books books = context.getBean(Books.class);
		Heard heard = context.getBean(Heard.class);
		long calls = books.answered.sum() + books.failed.sum() + books.cancelled.sum();
		assertThat(calls).isGreaterThan(CALLS);
		assertThat(heard.calls.sum()).isEqualTo(calls);
		assertThat(heard.input.sum()).isEqualTo(books.input.sum());
		assertThat(heard.output.sum()).isEqualTo(books.output.sum());
		assertThat(heard.failed.sum()).isEqualTo(books.failed.sum());
		assertThat(heard.cancelled.sum()).isEqualTo(books.cancelled.sum());
		Spent spent = new Spent(calls, books.input.sum(), books.output.sum());
		SoakApplication.assertSpent(context, spent);
		if (!(context.getBean(MeterRegistry.class) instanceof BrokenCountersRegistry)) {
			assertThat(SoakApplication.meters(context)).isEqualTo(spent);
		}
	}

	private static long usedHeap(ApplicationContext context) {
		// What is held weakly is let go of with the next call after a collection
		System.gc();
		try {
			context.getBean("router", ChatModel.class).call(new Prompt("Hello"));
		}
		catch (NoAnswerException ex) {
			// Counted and billed like the others
		}
		System.gc();
		return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
	}

	private static MeterRegistry create(Class<? extends MeterRegistry> type) {
		return (type == BrokenCountersRegistry.class) ? new BrokenCountersRegistry() : new SimpleMeterRegistry();
	}

	/**
	 * The ways that a call is made in.
	 */
	private static final class Kinds {

		private final ChatModel model;

		private final ChatModel router;

		private final ChatModel noBean;

		private final ChatClient client;

		private final Tracked tracked;

		private final TokenCounter tokenCounter;

		Kinds(ApplicationContext context) {
			this.model = context.getBean("model", ChatModel.class);
			this.router = context.getBean("router", ChatModel.class);
			this.tokenCounter = context.getBean(TokenCounter.class);
			this.noBean = this.tokenCounter.track(new BilledModel(context.getBean(Books.class)));
			this.client = ChatClient.builder(this.model, context.getBean(ObservationRegistry.class), null, null)
				.build();
			this.tracked = context.getBean(Tracked.class);
		}

		void runOne() {
			try {
				run(ThreadLocalRandom.current().nextInt(14));
			}
			catch (NoAnswerException ex) {
				// Some do not answer
			}
		}

		private void run(int kind) {
			Prompt prompt = new Prompt("Hello");
			switch (kind) {
				case 0 -> this.model.call(prompt);
				case 1 -> this.model.stream(prompt).blockLast();
				case 2 -> this.model.stream(prompt).take(1).blockLast();
				case 3 -> this.model.stream(prompt).publishOn(Schedulers.parallel()).blockLast();
				case 4 -> this.router.call(prompt);
				case 5 -> this.router.stream(prompt).blockLast();
				case 6 -> this.router.stream(prompt).take(1).blockLast();
				case 7 -> this.noBean.call("Hello");
				case 8 -> this.noBean.stream(prompt).blockLast();
				case 9 -> this.client.prompt("Hello").call().content();
				case 10 -> this.tracked.call(this.model);
				case 11 -> this.tracked.stream(this.router).blockLast();
				case 12 -> this.model.stream(new Prompt(BilledModel.ENDLESS))
					.timeout(Duration.ofNanos(ThreadLocalRandom.current().nextInt(1_000_000)))
					.onErrorComplete(TimeoutException.class)
					.blockLast();
				default -> inSession(prompt);
			}
		}

		private void inSession(Prompt prompt) {
			try (TokenSession session = this.tokenCounter.openSession("soak")) {
				session.carry(this.model.stream(prompt)).blockLast();
				this.router.call(prompt);
				assertThat(session.summary().totals().calls()).isBetween(2L, 3L);
			}
		}

	}

	static class Tracked {

		@TrackTokens("soak-call")
		String call(ChatModel model) {
			return model.call("Hello");
		}

		@TrackTokens("soak-stream")
		Flux<String> stream(ChatModel model) {
			return model.stream("Hello");
		}

	}

	/**
	 * What models answered.
	 */
	static class Books {

		private final LongAdder answered = new LongAdder();

		private final LongAdder failed = new LongAdder();

		private final LongAdder cancelled = new LongAdder();

		private final LongAdder input = new LongAdder();

		private final LongAdder output = new LongAdder();

		DefaultUsage bill() {
			int input = ThreadLocalRandom.current().nextInt(1, 100);
			int output = ThreadLocalRandom.current().nextInt(1, 100);
			this.answered.increment();
			this.input.add(input);
			this.output.add(output);
			return new DefaultUsage(input, output);
		}

	}

	/**
	 * What was counted.
	 */
	static class Heard implements TokenCallListener {

		private final LongAdder calls = new LongAdder();

		private final LongAdder failed = new LongAdder();

		private final LongAdder cancelled = new LongAdder();

		private final LongAdder input = new LongAdder();

		private final LongAdder output = new LongAdder();

		@Override
		public void onCall(TokenCall call) {
			this.calls.increment();
			if (call.outcome() == CallOutcome.ERROR) {
				this.failed.increment();
			}
			if (call.outcome() == CallOutcome.CANCELLED) {
				this.cancelled.increment();
			}
			this.input.add(call.usage().input());
			this.output.add(call.usage().output());
		}

	}

	static class Broken implements TokenCallListener {

		@Override
		public void onCall(TokenCall call) {
			if (ThreadLocalRandom.current().nextInt(10) == 0) {
				throw new IllegalStateException("Broken listener");
			}
		}

	}

	@SuppressWarnings("serial")
	static class NoAnswerException extends RuntimeException {

		NoAnswerException() {
			super("No answer");
		}

	}

	/**
	 * Fails now and then, before a stream or in the middle.
	 */
	static class BilledModel implements ChatModel {

		/**
		 * Text that is answered without an end.
		 */
		private static final String ENDLESS = "Never stop";

		private final Books books;

		BilledModel(Books books) {
			this.books = books;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			failSometimes();
			return LocalChatModel.response("Pebbles gossip.", this.books.bill());
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return Flux
				.concat(Flux.just(LocalChatModel.response("Pebbles", null), LocalChatModel.response(" gossip", null)),
						prompt.getContents().equals(ENDLESS) ? Flux.never() : Flux.defer(() -> {
							failSometimes();
							return Flux.just(LocalChatModel.response(".", this.books.bill()));
						}))
				.doFinally((signal) -> {
					if (signal == SignalType.CANCEL) {
						this.books.cancelled.increment();
					}
				});
		}

		private void failSometimes() {
			if (ThreadLocalRandom.current().nextInt(20) == 0) {
				this.books.failed.increment();
				throw new NoAnswerException();
			}
		}

	}

	/**
	 * Asks one model and, if that fails, the other one.
	 */
	static class Router implements ChatModel {

		private final ChatModel model;

		private final ChatModel otherModel;

		Router(BilledModel model, BilledModel otherModel) {
			this.model = model;
			this.otherModel = otherModel;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			try {
				return this.model.call(prompt);
			}
			catch (NoAnswerException ex) {
				return this.otherModel.call(prompt);
			}
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return this.model.stream(prompt).onErrorResume((ex) -> this.otherModel.stream(prompt));
		}

	}

}
