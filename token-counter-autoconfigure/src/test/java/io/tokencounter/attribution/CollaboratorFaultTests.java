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

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallTagsProvider;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import io.tokencounter.autoconfigure.TokenCounterAttributionAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterSessionAutoConfiguration;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.FailableChatModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Whatever the application's collaborators throw, its calls go on and no scope stays
 * open.
 */
@ExtendWith(OutputCaptureExtension.class)
class CollaboratorFaultTests {

	private static final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ObservationAutoConfiguration.class, TokenCounterAutoConfiguration.class,
						TokenCounterAttributionAutoConfiguration.class, TokenCounterSessionAutoConfiguration.class))
		.withBean(FailableChatModel.class)
		.withBean(CapturedCalls.class)
		.withBean(Service.class);

	static Stream<Throwable> faults() {
		return Stream.of(new AssertionError("error"), new StackOverflowError("error"),
				new NoClassDefFoundError("error"), new Mute());
	}

	@ParameterizedTest
	@MethodSource("faults")
	void tagsProvider(Throwable fault) {
		verify(runner.withBean(CallTagsProvider.class, () -> () -> {
			throw rethrown(fault);
		}));
	}

	@ParameterizedTest
	@MethodSource("faults")
	void listener(Throwable fault) {
		verify(runner.withBean("failing", TokenCallListener.class, () -> (call) -> {
			throw rethrown(fault);
		}));
	}

	@ParameterizedTest
	@MethodSource("faults")
	void predicate(Throwable fault) {
		verify(runner.withBean(ObservationPredicate.class, () -> (name, context) -> {
			throw rethrown(fault);
		}));
	}

	@ParameterizedTest
	@EnumSource(TrackTokensTests.Event.class)
	void handler(TrackTokensTests.Event event) {
		for (Throwable fault : faults().toList()) {
			verify(runner.withBean(ObservationHandler.class, () -> new FailingHandler(event, fault)));
		}
	}

	@Test
	void providerThatCannotBeCreatedIsNamedAndTheOthersAreAsked(CapturedOutput output) {
		runner.withBean("lazyProvider", CallTagsProvider.class, () -> {
			throw new IllegalStateException("Not to be created");
		}, CollaboratorFaultTests::lazy)
			.withBean("working", CallTagsProvider.class, () -> () -> Map.of("region", "eu"))
			.run((context) -> {
				context.getBean(FailableChatModel.class).call("call");
				context.getBean(FailableChatModel.class).call("call");
				assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(2)
					.allSatisfy((call) -> assertThat(call.tags()).containsEntry("region", "eu"));
			});
		assertThat(output.getOut().split("CallTagsProvider 'lazyProvider' cannot be created", -1)).hasSize(2);
	}

	@Test
	void listenerThatCannotBeCreatedIsNamedAndTheOthersAreTold(CapturedOutput output) {
		runner.withBean("lazyListener", TokenCallListener.class, () -> {
			throw new IllegalStateException("Not to be created");
		}, CollaboratorFaultTests::lazy).run((context) -> {
			context.getBean(FailableChatModel.class).call("call");
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(1);
		});
		assertThat(output.getOut().split("TokenCallListener 'lazyListener' cannot be created", -1)).hasSize(2);
	}

	@Test
	void providerThatCallsAModelIsAskedOnce() {
		AtomicInteger asked = new AtomicInteger();
		runner.withBean(CallTagsProvider.class, () -> () -> {
			asked.incrementAndGet();
			return Map.of("tenant", Holder.model.call("who is it"));
		}).run((context) -> {
			Holder.model = context.getBean(FailableChatModel.class);
			Holder.model.call("call");
			assertThat(asked).hasValue(1);
			assertThat(context.getBean(CapturedCalls.class).calls()).extracting(TokenCall::tags)
				.containsExactly(Map.of(), Map.of("tenant", "Pebbles gossip."));
		});
	}

	@Test
	void providerThatCallsAModelWhileItIsCreatedIsAskedFromThenOn() {
		runner.withBean(CallTagsProvider.class, () -> {
			Holder.model.call("while it is created");
			return () -> Map.of("region", "eu");
		}, CollaboratorFaultTests::lazy).run((context) -> {
			Holder.model = context.getBean(FailableChatModel.class);
			context.getBean(CallTagsProvider.class);
			context.getBean(FailableChatModel.class).call("call");
			List<TokenCall> calls = context.getBean(CapturedCalls.class).calls();
			assertThat(calls.get(calls.size() - 1).tags()).containsEntry("region", "eu");
		});
	}

	@Test
	void interruptionOfAProviderIsNotLost() {
		runner.withBean(CallTagsProvider.class, () -> () -> {
			throw rethrown(new InterruptedException());
		}).run((context) -> {
			context.getBean(FailableChatModel.class).call("call");
			assertThat(Thread.interrupted()).isTrue();
		});
	}

	@Test
	void textThatCannotBeReadIsNoTag() {
		runner.run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			assertThat(context.getBean(Service.class).text(new Unreadable(), () -> model.call("call"))).isNotBlank();
			assertThat(context.getBean(CapturedCalls.class).awaitOne().tags()).isEmpty();
		});
	}

	@Test
	void stageThatDoesNotTellItsEndIsReturnedAsItIs() {
		runner.run((context) -> {
			CompletionStage<String> stage = new Silent<>();
			assertThat(context.getBean(Service.class).stage(() -> stage)).isSameAs(stage);
			assertThat(ThreadScopes.current()).isNull();
		});
	}

	@Test
	void exceptionsReachTracingWithoutTheirText() {
		Map<String, Throwable> seen = new HashMap<>();
		runner.withBean(ObservationHandler.class, () -> new ErrorHandler(seen)).run((context) -> {
			IllegalStateException cause = new IllegalStateException("400: my secret prompt");
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Service.class).plain(() -> {
				throw cause;
			})).isSameAs(cause);
		});
		assertThat(seen).containsOnlyKeys("token.counter.track");
		Throwable error = seen.get("token.counter.track");
		assertThat(error).hasNoCause().hasMessage("java.lang.IllegalStateException").hasNoSuppressedExceptions();
		assertThat(error.getStackTrace()).isEmpty();
	}

	@Test
	void errorOfACloseActionDoesNotStopTheNext() {
		runner.run((context) -> {
			AtomicInteger closed = new AtomicInteger();
			TokenSession session = context.getBean(TokenCounter.class).openSession("closed").onClose((summary) -> {
				throw new AssertionError("first");
			}).onClose((summary) -> closed.incrementAndGet());
			assertThatExceptionOfType(AssertionError.class).isThrownBy(session::close).withMessage("first");
			assertThat(closed).hasValue(1);
		});
	}

	private static void verify(ApplicationContextRunner runner) {
		runner.run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			Service service = context.getBean(Service.class);
			try (TokenSession session = context.getBean(TokenCounter.class).openSession("faults")) {
				assertThat(service.plain(() -> model.call("call"))).isNotBlank();
				assertThat(service.plain(() -> model.stream("call").blockLast())).isNotBlank();
				assertThat(service.stage(() -> CompletableFuture.completedFuture(model.call("call")))).isCompleted();
				assertThat(session.summary().totals().calls()).isEqualTo(3);
			}
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(3)
				.allSatisfy((call) -> assertThat(call.feature()).isNotEqualTo(TokenCall.NO_FEATURE));
			assertThat(ThreadScopes.current()).isNull();
			assertThat(currentObservation(context)).isNull();
		});
	}

	private static Object currentObservation(ApplicationContext context) {
		return context.getBean(ObservationRegistry.class).getCurrentObservation();
	}

	private static void lazy(BeanDefinition definition) {
		definition.setLazyInit(true);
	}

	@SuppressWarnings("unchecked")
	private static <X extends Throwable> RuntimeException rethrown(Throwable fault) throws X {
		throw (X) fault;
	}

	/**
	 * Has what a supplier cannot get.
	 */
	static final class Holder {

		static FailableChatModel model;

		private Holder() {
		}

	}

	/**
	 * An exception that does not tell its message.
	 */
	@SuppressWarnings("serial")
	static final class Mute extends RuntimeException {

		@Override
		public String getMessage() {
			throw new IllegalStateException("No message");
		}

	}

	/**
	 * A text that cannot be read.
	 */
	static final class Unreadable implements CharSequence {

		@Override
		public int length() {
			return 1;
		}

		@Override
		public char charAt(int index) {
			return 'x';
		}

		@Override
		public CharSequence subSequence(int start, int end) {
			return this;
		}

		@Override
		public String toString() {
			throw new AssertionError("Not to be read");
		}

	}

	/**
	 * A future that supports nothing.
	 *
	 * @param <T> the type of the result
	 */
	static final class Silent<T> extends CompletableFuture<T> {

		@Override
		public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> action) {
			throw new UnsupportedOperationException("Not supported");
		}

	}

	/**
	 * Tracked methods.
	 */
	static class Service {

		@TrackTokens
		String plain(Supplier<String> work) {
			return work.get();
		}

		@TrackTokens
		CompletionStage<String> stage(Supplier<CompletionStage<String>> work) {
			return work.get();
		}

		@TrackTokens(tags = "tenant=#{#text}")
		String text(CharSequence text, Supplier<String> work) {
			return work.get();
		}

	}

	/**
	 * Fails with each observation of ours.
	 *
	 * @param event when to fail
	 * @param fault what to fail with
	 */
	record FailingHandler(TrackTokensTests.Event event,
			Throwable fault) implements ObservationHandler<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return String.valueOf(context.getName()).startsWith("token.counter.");
		}

		@Override
		public void onStart(Observation.Context context) {
			failOn(TrackTokensTests.Event.START);
		}

		@Override
		public void onScopeOpened(Observation.Context context) {
			failOn(TrackTokensTests.Event.SCOPE_OPENED);
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			failOn(TrackTokensTests.Event.SCOPE_CLOSED);
		}

		@Override
		public void onStop(Observation.Context context) {
			failOn(TrackTokensTests.Event.STOP);
		}

		private void failOn(TrackTokensTests.Event event) {
			if (this.event == event) {
				throw rethrown(this.fault);
			}
		}

	}

	/**
	 * Keeps the errors of observations.
	 *
	 * @param seen where to, by the names of the observations
	 */
	record ErrorHandler(Map<String, Throwable> seen) implements ObservationHandler<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

		@Override
		public void onError(Observation.Context context) {
			this.seen.put(context.getName(), context.getError());
		}

	}

}
