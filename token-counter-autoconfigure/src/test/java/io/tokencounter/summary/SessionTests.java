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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import io.tokencounter.UsageSummary;
import io.tokencounter.autoconfigure.TokenCounterAttributionAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterSessionAutoConfiguration;
import io.tokencounter.testsupport.FailableChatModel;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Sessions, each way with observations and without.
 */
class SessionTests {

	private static final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ObservationAutoConfiguration.class, TokenCounterAutoConfiguration.class,
						TokenCounterAttributionAutoConfiguration.class, TokenCounterSessionAutoConfiguration.class))
		.withBean(FailableChatModel.class)
		.withBean(RecordingService.class)
		.withBean(RunningObservations.class);

	private final ExecutorService executor = Executors.newFixedThreadPool(4);

	static Stream<ApplicationContextRunner> runners() {
		return Stream.of(runner, runner.withBean(ObservationRegistry.class, () -> ObservationRegistry.NOOP),
				runner.withPropertyValues("management.observations.enable.token.counter=false"));
	}

	@AfterEach
	void shutDown() {
		this.executor.shutdownNow();
	}

	@ParameterizedTest
	@MethodSource("runners")
	void seesTheCallsThatAreMadeWithinIt(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			model.call("before");
			TokenSession session = counter.openSession("one");
			assertThat(session.lastCall()).isNull();
			model.call("within");
			model.stream("within").blockLast();
			session.close();
			model.call("after");
			assertThat(calls(session)).isEqualTo(2);
			assertThat(session.summary().totals().input()).isEqualTo(2 * FailableChatModel.INPUT);
			assertThat(session.summary().totals().output()).isEqualTo(2 * FailableChatModel.OUTPUT);
			assertThat(counter.summary().totals().calls()).isEqualTo(4);
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void nests(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			try (TokenSession outer = counter.openSession("outer")) {
				model.call("outer");
				try (TokenSession inner = counter.openSession("inner")) {
					model.call("inner");
					assertThat(calls(inner)).isEqualTo(1);
				}
				model.call("outer");
				assertThat(calls(outer)).isEqualTo(3);
			}
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void keepsSessionsApartThatAreOpenAtOnce(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			CyclicBarrier together = new CyclicBarrier(4);
			List<Future<TokenSession>> sessions = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				int calls = i + 1;
				sessions.add(this.executor.submit(() -> {
					try (TokenSession session = counter.openSession("session " + calls)) {
						together.await(20, TimeUnit.SECONDS);
						for (int call = 0; call < calls; call++) {
							model.stream("call").blockLast();
						}
						together.await(20, TimeUnit.SECONDS);
						return session;
					}
				}));
			}
			for (int i = 0; i < 4; i++) {
				assertThat(calls(sessions.get(i).get())).isEqualTo(i + 1);
			}
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void isCarriedToOtherThreads(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			try (TokenSession session = counter.openSession("carried")) {
				this.executor.submit(session.carry((Runnable) () -> model.call("call"))).get();
				assertThat(this.executor.submit(session.carry(() -> model.call("call"))).get()).isNotBlank();
				this.executor.submit(() -> model.call("call")).get();
				assertThat(calls(session)).isEqualTo(2);
			}
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void leavesTheThreadThatATaskFailedOn(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			ExecutorService single = Executors.newSingleThreadExecutor();
			try (TokenSession session = counter.openSession("carried")) {
				Future<String> failed = single.submit(session.carry(() -> model.call(FailableChatModel.FAIL)));
				assertThatExceptionOfType(Exception.class).isThrownBy(failed::get);
				single.submit(() -> model.call("call")).get();
				assertThat(calls(session)).isEqualTo(1);
			}
			finally {
				single.shutdownNow();
			}
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void isCarriedIntoParallelStreams(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			Flux<String> calls = Flux.range(0, 50)
				.flatMap((i) -> model.stream("call " + i).subscribeOn(Schedulers.boundedElastic()), 8);
			try (TokenSession session = counter.openSession("carried")) {
				Thread reader = new Thread(() -> {
					session.carry(calls).blockLast();
					session.carry(calls.last()).block();
				});
				reader.start();
				reader.join(TimeUnit.SECONDS.toMillis(20));
				assertThat(calls(session)).isEqualTo(100);
			}
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void doesNotSeeWhatIsCalledFurtherDownACarriedStream(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			TokenSession session = counter.openSession("carried");
			Thread reader = new Thread(() -> {
				session.carry(Flux.range(0, 3).map((i) -> model.call("within")))
					.doOnNext((text) -> model.call("outside"))
					.blockLast();
				session.carry(Mono.fromCallable(() -> model.call("within")))
					.map((text) -> model.call("outside"))
					.block();
			});
			reader.start();
			reader.join(TimeUnit.SECONDS.toMillis(20));
			session.close();
			assertThat(calls(session)).isEqualTo(4);
			assertThat(counter.summary().totals().calls()).isEqualTo(8);
		});
	}

	@Test
	void goesWithTheContextThatIsPropagated() {
		run(runner, (model, counter) -> {
			ExecutorService propagating = ContextExecutorService.wrap(this.executor,
					ContextSnapshotFactory.builder().build()::captureAll);
			Hooks.enableAutomaticContextPropagation();
			try (TokenSession session = counter.openSession("propagated")) {
				propagating.submit(() -> model.call("call")).get();
				Flux.range(0, 20)
					.flatMap(
							(i) -> Mono.fromCallable(() -> model.call("call")).subscribeOn(Schedulers.boundedElastic()))
					.blockLast();
				assertThat(calls(session)).isEqualTo(21);
			}
			finally {
				Hooks.disableAutomaticContextPropagation();
			}
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void doesNotSeeCallsThatAreMadeAfterItsEnd(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			TokenSession session = counter.openSession("closed");
			Runnable task = session.carry((Runnable) () -> model.call("late"));
			Flux<String> stream = session.carry(model.stream("late"));
			session.close();
			task.run();
			stream.blockLast();
			assertThat(calls(session)).isZero();
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void sessionThatWasClosedOnAnotherThreadSeesNothingMore(ApplicationContextRunner runner) throws Exception {
		runner.run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			TokenCounter counter = context.getBean(TokenCounter.class);
			CountDownLatch closed = new CountDownLatch(1);
			CountDownLatch opened = new CountDownLatch(1);
			List<TokenSession> sessions = new ArrayList<>();
			Future<?> opener = this.executor.submit(() -> {
				sessions.add(counter.openSession("moved"));
				model.call("within");
				opened.countDown();
				closed.await(20, TimeUnit.SECONDS);
				model.call("after");
				try (TokenSession next = counter.openSession("next")) {
					model.call("next");
					assertThat(calls(next)).isEqualTo(1);
				}
				return null;
			});
			opened.await(20, TimeUnit.SECONDS);
			sessions.get(0).close();
			closed.countDown();
			opener.get(20, TimeUnit.SECONDS);
			assertThat(calls(sessions.get(0))).isEqualTo(1);
			assertThat(currentObservation(context)).isNull();
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void leavesTheThreadAfterAnException(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			List<UsageSummary> closed = new ArrayList<>();
			assertThatIllegalStateException().isThrownBy(() -> {
				try (TokenSession session = counter.openSession("failing")) {
					session.onClose(closed::add);
					model.call(FailableChatModel.FAIL);
				}
			}).withMessage("Asked to fail");
			model.call("after");
			assertThat(closed).singleElement()
				.satisfies((summary) -> assertThat(summary.totals().calls()).isEqualTo(1))
				.satisfies((summary) -> assertThat(summary.totals().failedCalls()).isEqualTo(1));
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void closesOnce(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			List<UsageSummary> closed = new ArrayList<>();
			TokenSession outer = counter.openSession("outer");
			TokenSession session = counter.openSession("closed").onClose(closed::add);
			session.close();
			session.close();
			model.call("outer");
			assertThat(closed).hasSize(1);
			assertThat(calls(outer)).isEqualTo(1);
			outer.close();
		});
	}

	@Test
	void carriesOutAllActionsOnCloseAndThrowsWhatTheFirstOneThrew() {
		run(runner, (model, counter) -> {
			List<UsageSummary> closed = new ArrayList<>();
			TokenSession session = counter.openSession("closed").onClose((summary) -> {
				throw new IllegalStateException("first");
			}).onClose(closed::add).onClose((summary) -> {
				throw new IllegalStateException("second");
			});
			assertThatIllegalStateException().isThrownBy(session::close)
				.withMessage("first")
				.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement()
					.extracting(Throwable::getMessage)
					.isEqualTo("second"));
			assertThat(closed).hasSize(1);
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void recordsResponses(ApplicationContextRunner runner) {
		run(runner, (model, counter) -> {
			try (TokenSession session = counter.openSession("recorded")) {
				this.executor.submit(() -> session.record(FailableChatModel.response())).get();
				assertThat(session.lastCall()).isNotNull();
				assertThat(session.lastCall().usage().total())
					.isEqualTo(FailableChatModel.INPUT + FailableChatModel.OUTPUT);
				assertThat(session.lastCall().model()).isEqualTo(FailableChatModel.NAME);
			}
			assertThat(counter.summary().totals().calls()).isEqualTo(1);
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void recordedResponseBelongsToTheTrackedMethodAround(ApplicationContextRunner runner) {
		runner.run((context) -> {
			try (TokenSession session = context.getBean(TokenCounter.class).openSession("recorded")) {
				context.getBean(RecordingService.class).record(session);
				assertThat(session.lastCall()).isNotNull();
				assertThat(session.lastCall().feature()).isEqualTo("recording");
				assertThat(calls(session)).isEqualTo(1);
			}
		});
	}

	@Test
	void lastCallAfterAFailedOneHasZerosAndTheModel() {
		run(runner, (model, counter) -> {
			try (TokenSession session = counter.openSession("failed")) {
				model.call("well");
				assertThatIllegalStateException().isThrownBy(() -> model.call(FailableChatModel.FAIL));
				TokenCall call = session.lastCall();
				assertThat(call).isNotNull();
				assertThat(call.outcome()).isEqualTo(CallOutcome.ERROR);
				assertThat(call.model()).isEqualTo(FailableChatModel.NAME);
				assertThat(call.usage().total()).isZero();
				assertThat(call.usage().reported()).isFalse();
			}
		});
	}

	private static void run(ApplicationContextRunner runner, Calls calls) {
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			calls.make(context.getBean(FailableChatModel.class), context.getBean(TokenCounter.class));
			assertThat(currentObservation(context)).isNull();
			TokenCounter counter = context.getBean(TokenCounter.class);
			try (TokenSession session = counter.openSession("afterwards")) {
				context.getBean(FailableChatModel.class).call("call");
				assertThat(calls(session)).isEqualTo(1);
			}
			context.getBean(RunningObservations.class).awaitNone();
		});
	}

	private static Object currentObservation(ApplicationContext context) {
		return context.getBean(ObservationRegistry.class).getCurrentObservation();
	}

	private static long calls(TokenSession session) {
		return session.summary().totals().calls();
	}

	/**
	 * Makes calls.
	 */
	interface Calls {

		void make(FailableChatModel model, TokenCounter counter) throws Exception;

	}

	/**
	 * Records in a tracked method.
	 */
	static class RecordingService {

		@TrackTokens("recording")
		void record(TokenSession session) {
			session.record(FailableChatModel.response());
		}

	}

}
