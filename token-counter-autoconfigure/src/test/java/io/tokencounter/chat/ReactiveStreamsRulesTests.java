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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import io.micrometer.observation.tck.TestObservationRegistry;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests {@link ScopedFlux} by the rules of Reactive Streams, with their own test kit.
 */
class ReactiveStreamsRulesTests {

	@TestFactory
	Stream<DynamicTest> leaf() {
		return rules(true);
	}

	@TestFactory
	Stream<DynamicTest> composite() {
		return rules(false);
	}

	private static Stream<DynamicTest> rules(boolean leaf) {
		List<Method> rules = Arrays.stream(PublisherVerification.class.getMethods())
			.filter((method) -> method.isAnnotationPresent(Test.class) && method.getName().startsWith("required_"))
			.toList();
		assertThat(rules).hasSizeGreaterThan(20);
		return rules.stream().map((rule) -> DynamicTest.dynamicTest(rule.getName(), () -> verify(leaf, rule)));
	}

	private static void verify(boolean leaf, Method rule) throws Throwable {
		Verification verification = new Verification(leaf);
		verification.setUp();
		try {
			rule.invoke(verification);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	private static final class Verification extends PublisherVerification<ChatResponse> {

		private final ChatResponse chunk = LocalChatModel.response("Pebbles", new DefaultUsage(1, 2));

		private final TestObservationRegistry observations = TestObservationRegistry.create();

		private final CountedModel model;

		private final ChatCallCounter counter;

		Verification(boolean leaf) {
			super(new TestEnvironment(1000, 50));
			this.model = new CountedModel("model", null, null, leaf, true, false, (observation) -> false);
			this.counter = new ChatCallCounter(
					new CallRecorder((seen) -> seen, TestCalls.reader((usage) -> TokenUsage.of(1, 2)),
							(model, reading, startedAt) -> null, List::of, List::of),
					() -> List.of(this.observations), (observation, context) -> CallAttribution.NONE);
		}

		@Override
		public Publisher<ChatResponse> createPublisher(long elements) {
			return stream(Flux.just(this.chunk).repeat().take(elements));
		}

		@Override
		public Publisher<ChatResponse> createFailedPublisher() {
			return stream(Flux.error(new IllegalStateException("Out of pebbles")));
		}

		private Flux<ChatResponse> stream(Flux<ChatResponse> source) {
			return this.counter.stream(this.model, null, () -> source, (chunk) -> chunk);
		}

	}

}
