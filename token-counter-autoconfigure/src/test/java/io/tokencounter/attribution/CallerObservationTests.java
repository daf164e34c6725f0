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
import java.util.function.Supplier;

import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.ConcreteContextObservationHandlerCompatibilityKit;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.tokencounter.TokenCallListener;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.util.context.Context;

import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.observation.ChatClientObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThat;

class CallerObservationTests {

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final CallerScopes scopes = new CallerScopes(() -> this.registry, List::of);

	private final TokenCallListener session = (call) -> {
	};

	@Test
	void nameOfASessionIsNotTheNameOfItsSpan() {
		this.scopes.openSession("import of 12 June", this.session).close();
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo("token.counter.session")
			.that()
			.hasContextualNameEqualTo("session")
			.hasHighCardinalityKeyValue("token.counter.session.name", "import of 12 June")
			.hasOnlyKeys("token.counter.session.name")
			.hasBeenStopped();
	}

	@Test
	void sessionIsNotTheCurrentObservation() {
		OpenSession open = this.scopes.openSession("open", this.session);
		assertThat(this.registry.getCurrentObservation()).isNull();
		open.close();
	}

	@Test
	void runHasTheSameKeysWhetherItFailsOrNot() throws Exception {
		TrackedMethod method = TrackedMethod.of(TrackedService.class.getDeclaredMethod("inner", Supplier.class),
				TrackedService.class);
		assertThat(method).isNotNull();
		RunScope well = this.scopes.openRun(method, Map.of(), this.session, Context.empty(), null);
		well.stop();
		RunScope failed = this.scopes.openRun(method, Map.of(), this.session, Context.empty(), null);
		failed.failed(new IllegalStateException("a prompt"));
		failed.stop();
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasNumberOfObservationsWithNameEqualTo("token.counter.track", 2)
			.hasAnObservation((observation) -> observation.hasOnlyKeys("feature", "error.type")
				.hasLowCardinalityKeyValue("error.type", "none"))
			.hasAnObservation((observation) -> observation.hasOnlyKeys("feature", "error.type")
				.hasLowCardinalityKeyValue("error.type", "java.lang.IllegalStateException"));
		assertThat(CallerObservation.TRACK.getLowCardinalityKeyNames()).extracting(Object::toString)
			.containsExactly("FEATURE", "ERROR_TYPE");
	}

	@Test
	void scopeOfARunThatEndedIsNotFoundByItsObservation() throws Exception {
		TrackedMethod method = TrackedMethod.of(TrackedService.class.getDeclaredMethod("inner", Supplier.class),
				TrackedService.class);
		assertThat(method).isNotNull();
		RunScope run = this.scopes.openRun(method, Map.of(), this.session, Context.empty(), null);
		assertThat(run.observation()).isNotNull();
		assertThat(CallerScope.in(run.observation().get())).isSameAs(run.scope());
		run.stop();
		assertThat(CallerScope.in(run.observation().get())).isNull();
	}

	@Nested
	class CallerObservationHandlerTests
			extends ConcreteContextObservationHandlerCompatibilityKit<ChatClientObservationContext> {

		@Override
		@SuppressWarnings({ "unchecked", "rawtypes" })
		public ObservationHandler<ChatClientObservationContext> handler() {
			return (ObservationHandler) new CallerObservationHandler(ChatClientObservationContext.class,
					() -> new CallerScopes(() -> ObservationRegistry.NOOP, List::of));
		}

		@Override
		public ChatClientObservationContext context() {
			return ChatClientObservationContext.builder()
				.request(ChatClientRequest.builder().prompt(new Prompt("Hello")).build())
				.build();
		}

	}

	@Nested
	class OpenCallsHandlerTests extends ConcreteContextObservationHandlerCompatibilityKit<ChatModelObservationContext> {

		@Override
		public ObservationHandler<ChatModelObservationContext> handler() {
			return new OpenCallsHandler(() -> new CallerScopes(() -> ObservationRegistry.NOOP, List::of));
		}

		@Override
		public ChatModelObservationContext context() {
			return ChatModelObservationContext.builder().prompt(new Prompt("Hello")).provider("madeup").build();
		}

	}

}
