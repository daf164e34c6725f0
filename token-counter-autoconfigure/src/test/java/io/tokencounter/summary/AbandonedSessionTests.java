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

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import io.tokencounter.autoconfigure.TokenCounterAttributionAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterSessionAutoConfiguration;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.FailableChatModel;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions that are closed late, elsewhere or never harm nobody.
 */
class AbandonedSessionTests {

	private static final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ObservationAutoConfiguration.class, TokenCounterAutoConfiguration.class,
						TokenCounterAttributionAutoConfiguration.class, TokenCounterSessionAutoConfiguration.class))
		.withBean(FailableChatModel.class)
		.withBean(CapturedCalls.class)
		.withBean(Service.class)
		.withBean(RunningObservations.class);

	static Stream<ApplicationContextRunner> runners() {
		return Stream.of(runner, runner.withBean(ObservationRegistry.class, () -> ObservationRegistry.NOOP));
	}

	@ParameterizedTest
	@MethodSource("runners")
	void featureOfATrackedMethodDoesNotReachTheNextUserOfItsThread(ApplicationContextRunner runner) {
		runner.run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			TokenSession session = context.getBean(Service.class).open("acme");
			model.call("after the method returned");
			session.close();
			model.call("after the session was closed");
			assertThat(context.getBean(ObservationRegistry.class).getCurrentObservation()).isNull();
			assertThat(session.summary().totals().calls()).isOne();
			assertThat(context.getBean(CapturedCalls.class).calls()).extracting(TokenCall::feature)
				.containsOnly(TokenCall.NO_FEATURE);
			assertThat(context.getBean(CapturedCalls.class).calls())
				.allSatisfy((call) -> assertThat(call.tags()).isEmpty());
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void sessionsAreClosedInAnyOrder(ApplicationContextRunner runner) {
		runner.run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			TokenCounter counter = context.getBean(TokenCounter.class);
			TokenSession first = counter.openSession("first");
			TokenSession second = counter.openSession("second");
			TokenSession third = counter.openSession("third");
			first.close();
			model.call("call");
			third.close();
			model.call("call");
			second.close();
			model.call("call");
			assertThat(Stream.of(first, second, third).map((session) -> session.summary().totals().calls()))
				.containsExactly(0L, 2L, 1L);
			context.getBean(RunningObservations.class).awaitNone();
		});
	}

	@ParameterizedTest
	@MethodSource("runners")
	void sessionThatIsClosedElsewhereIsLeftWhereItWasOpened(ApplicationContextRunner runner) {
		runner.run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			TokenCounter counter = context.getBean(TokenCounter.class);
			ExecutorService executor = Executors.newSingleThreadExecutor();
			try {
				CountDownLatch closed = new CountDownLatch(1);
				TokenSession outer = executor.submit(() -> counter.openSession("outer")).get();
				Future<TokenSession> inner = executor.submit(() -> {
					TokenSession session = counter.openSession("inner");
					closed.await(20, TimeUnit.SECONDS);
					model.call("call");
					session.close();
					return session;
				});
				outer.close();
				closed.countDown();
				assertThat(inner.get().summary().totals().calls()).isOne();
				assertThat(outer.summary().totals().calls()).isZero();
			}
			finally {
				executor.shutdownNow();
			}
		});
	}

	@Test
	void sessionsThatNobodyClosesAreForgotten() {
		runner.run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			TokenCounter counter = context.getBean(TokenCounter.class);
			List<WeakReference<TokenSession>> abandoned = new ArrayList<>();
			for (int i = 0; i < 3000; i++) {
				abandoned.add(new WeakReference<>(counter.openSession("abandoned")));
			}
			Conditions.await("collection of abandoned sessions", () -> {
				System.gc();
				return abandoned.stream().allMatch((session) -> session.get() == null);
			});
			try (TokenSession session = counter.openSession("next")) {
				model.call("call");
				assertThat(session.summary().totals().calls()).isOne();
			}
			// The references may be told of shortly after the collection
			Conditions.await("end of their observations", () -> {
				counter.openSession("next").close();
				return context.getBean(RunningObservations.class).isNone();
			});
		});
	}

	@Test
	void goesOnAfterTheContextWasClosed() {
		List<Object> beans = new ArrayList<>();
		runner.run((context) -> {
			beans.add(context.getBean(TokenCounter.class));
			beans.add(context.getBean(FailableChatModel.class));
			context.getBean(FailableChatModel.class).call("call");
		});
		TokenCounter counter = (TokenCounter) beans.get(0);
		FailableChatModel model = (FailableChatModel) beans.get(1);
		try (TokenSession session = counter.openSession("late")) {
			assertThat(model.call("call")).isNotBlank();
			session.record(FailableChatModel.response());
			assertThat(session.summary().totals().calls()).isEqualTo(2);
		}
		assertThat(counter.summary()).isNotNull();
	}

	/**
	 * Leaves a session open.
	 */
	static class Service {

		private final TokenCounter counter;

		Service(TokenCounter counter) {
			this.counter = counter;
		}

		@TrackTokens(value = "tracked", tags = "tenant=#{#tenant}")
		TokenSession open(String tenant) {
			return this.counter.openSession("left open");
		}

	}

}
