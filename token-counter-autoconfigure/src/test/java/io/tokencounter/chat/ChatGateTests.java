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

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.call.CallGate;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A gate refuses a call before anything is sent, on every way of making one, and is told
 * of the end of each call that it let pass.
 */
class ChatGateTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final Gate gate = new Gate();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withPropertyValues("token-counter.pricing.enabled=false")
		.withBean(CapturedCalls.class)
		.withBean(RunningObservations.class)
		.withBean(CallGate.class, () -> this.gate)
		.withBean("localModel", LocalChatModel.class);

	@Test
	void refusesBeforeAnythingIsSent() {
		this.gate.closed = true;
		this.runner.run((context) -> {
			List<Runnable> ways = ways(context);
			for (Runnable way : ways) {
				assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(way::run);
			}
			assertThat(provider.ledger().bills()).isEmpty();
			assertThat(context.getBean(LocalChatModel.class).calls()).isZero();
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(ways.size())
				.allMatch((call) -> call.outcome() == CallOutcome.REJECTED && !call.usage().reported());
			assertThat(this.gate.open).isEmpty();
			assertThat(CallScope.current()).isNull();
			context.getBean(RunningObservations.class).awaitNone();
		});
	}

	@Test
	void isToldOfTheEndOfEachCallThatItLetPass() {
		this.runner.run((context) -> {
			List<Runnable> ways = ways(context);
			ways.forEach(Runnable::run);
			context.getBean(CapturedCalls.class).await(ways.size());
			Conditions.await("no open call", this.gate.open::isEmpty);
			assertThat(this.gate.admitted).hasSize(ways.size()).doesNotHaveDuplicates();
			assertThat(context.getBean(CapturedCalls.class).calls()).extracting(TokenCall::id)
				.containsExactlyInAnyOrderElementsOf(this.gate.admitted);
		});
	}

	@Test
	void callThatTurnsOutToBeAnothersIsWithdrawnBeforeThatOneIsAskedFor() {
		this.gate.most = 1;
		this.runner
			.withBean("lookingUp", GivenModelsTests.Delegating.class,
					() -> new GivenModelsTests.Delegating(() -> new LocalChatModel()))
			.run((context) -> {
				ChatModel router = context.getBean(TokenCounter.class)
					.track((prompt) -> context.getBean("localModel", ChatModel.class).call(prompt));
				router.call("Hello");
				assertThat(this.gate.open).isEmpty();
				assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(1);
			});
	}

	@Test
	void faultOfAGateLetsTheCallPass() {
		this.gate.broken = true;
		this.runner.run((context) -> {
			List<Runnable> ways = ways(context);
			ways.forEach(Runnable::run);
			assertThat(context.getBean(CapturedCalls.class).await(ways.size())).hasSize(ways.size())
				.allMatch((call) -> call.outcome() == CallOutcome.SUCCESS);
		});
	}

	private static List<Runnable> ways(AssertableApplicationContext context) {
		List<Runnable> ways = new ArrayList<>();
		TokenCounter counter = context.getBean(TokenCounter.class);
		for (ChatModel model : List.of(context.getBean(OpenAiChatModel.class),
				context.getBean(AnthropicChatModel.class), context.getBean(OllamaChatModel.class),
				context.getBean("localModel", ChatModel.class))) {
			ways.add(() -> model.call("Hello"));
			ways.add(() -> model.stream("Hello").blockLast(Conditions.DEADLINE));
			ChatClient configured = context.getBean(ChatClientBuilderConfigurer.class)
				.configure(ChatClient.builder(model, context.getBean(ObservationRegistry.class), null, null))
				.build();
			for (ChatClient client : List.of(configured, ChatClient.create(model),
					ChatClient.create(counter.track(model)))) {
				ways.add(() -> client.prompt("Hello").call().content());
				ways.add(() -> client.prompt("Hello").stream().content().blockLast(Conditions.DEADLINE));
			}
		}
		return ways;
	}

	private static final class Gate implements CallGate {

		final Set<UUID> open = ConcurrentHashMap.newKeySet();

		final List<UUID> admitted = new ArrayList<>();

		volatile boolean closed;

		volatile boolean broken;

		volatile int most = Integer.MAX_VALUE;

		@Override
		public synchronized void admit(CallRequest request) {
			if (this.broken) {
				throw new AssertionError("Broken gate");
			}
			if (this.closed || this.open.size() >= this.most) {
				throw new TokenBudgetExceededException("test", null, "calls", BigDecimal.ZERO, BigDecimal.ZERO,
						BigDecimal.ONE, null);
			}
			this.open.add(request.id());
			this.admitted.add(request.id());
		}

		@Override
		public void ended(TokenCall call, SeenCall seen) {
			this.open.remove(call.id());
		}

		@Override
		public void withdrawn(CallRequest request) {
			this.open.remove(request.id());
		}

	}

}
