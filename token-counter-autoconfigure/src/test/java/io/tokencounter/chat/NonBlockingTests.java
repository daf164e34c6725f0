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

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.tokencounter.CallTagsProvider;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.LocalRedis;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nothing that is done for a stream blocks the thread that brings it. BlockHound changes
 * the JVM, so these tests run in one of their own.
 */
@Tag("blockhound")
class NonBlockingTests {

	private static final int STREAMS = 4000;

	// Held for a moment by whoever sends a command or asks for the connection or a script
	private static final List<String> LOCKS_OF_THE_CLIENT = List.of("io.lettuce.core.protocol.SharedLock.",
			"org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory.doInLock",
			"org.springframework.data.redis.core.script.DefaultRedisScript.getSha1");

	private static final Queue<String> blocking = new ConcurrentLinkedQueue<>();

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withPropertyValues("token-counter.metrics.tags=tenant", "token-counter.pricing.models[local].input=1",
				"token-counter.pricing.models[local].output=2")
		.withBean(CallTagsProvider.class, () -> () -> Map.of("tenant", "acme"))
		.withBean("localModel", LocalChatModel.class)
		.withBean("router", Router.class)
		.withBean(Tracked.class);

	@BeforeAll
	static void install() {
		BlockHound.install((builder) -> builder.blockingMethodCallback((method) -> {
			String ours = StackWalker.getInstance().walk(NonBlockingTests::ours);
			if (!ours.isEmpty()) {
				blocking.add(method + " below " + ours);
			}
		}));
	}

	/**
	 * Return the first of our frames, without those of the tests, unless it is the client
	 * of Redis that waits for a lock of its own.
	 */
	private static String ours(Stream<StackWalker.StackFrame> stack) {
		return stack.map((frame) -> frame.getClassName() + "." + frame.getMethodName())
			.filter((frame) -> isLockOfTheClient(frame) || (frame.startsWith("io.tokencounter.")
					&& !frame.contains("Tests") && !frame.contains(".testsupport.")))
			.findFirst()
			.filter((frame) -> !isLockOfTheClient(frame))
			.orElse("");
	}

	private static boolean isLockOfTheClient(String frame) {
		return LOCKS_OF_THE_CLIENT.stream().anyMatch(frame::startsWith);
	}

	@BeforeEach
	void reset() {
		blocking.clear();
	}

	@Test
	void listenerThatBlocksIsFound() {
		this.runner.withBean("blocking", TokenCallListener.class, () -> (call) -> LockSupport.parkNanos(1))
			.run((context) -> {
				// Reads the prices, which an application that is ready has read
				streams(context, 1);
				blocking.clear();
				streams(context, 1);
				assertThat(blocking).singleElement().asString().contains("park").contains(CallRecorder.class.getName());
			});
	}

	@Test
	void streamsOnNonBlockingThreads() {
		this.runner.run((context) -> {
			streams(context, STREAMS / 10);
			blocking.clear();
			try (TokenSession session = context.getBean(TokenCounter.class).openSession("streams")) {
				session
					.carry(Flux.range(0, STREAMS)
						.flatMap((ignored) -> stream(context).subscribeOn(Schedulers.parallel()), 64))
					.blockLast();
				assertThat(session.summary().totals().calls()).isEqualTo(STREAMS);
			}
			assertThat(blocking).isEmpty();
		});
	}

	@Test
	void streamsWithABudgetInRedis() {
		try (LocalRedis redis = new LocalRedis()) {
			this.runner
				.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class,
						DataRedisReactiveAutoConfiguration.class))
				.withPropertyValues("spring.data.redis.port=" + redis.port(), "token-counter.budget-store.type=redis",
						"token-counter.budget-store.timeout=10s", "token-counter.budgets.all.max-calls=100000",
						"token-counter.budgets.tenants.max-cost=1000", "token-counter.budgets.tenants.per=tenant")
				.run((context) -> {
					streams(context, STREAMS / 10);
					blocking.clear();
					streams(context, STREAMS / 10);
					assertThat(blocking).isEmpty();
					TokenBudgets budgets = context.getBean(TokenBudgets.class);
					Conditions.await("all are charged",
							() -> budgets.status("all", null).amounts().get(0).spent().intValue() == STREAMS / 5);
				});
		}
	}

	private static void streams(ApplicationContext context, int count) {
		Flux.range(0, count).flatMap((ignored) -> stream(context).subscribeOn(Schedulers.parallel()), 64).blockLast();
	}

	private static Flux<String> stream(ApplicationContext context) {
		return Flux.defer(() -> context.getBean(Tracked.class).stream(context.getBean(Router.class)));
	}

	@Test
	void streamsOfAModelOnTheThreadsOfItsClient() {
		this.runner.run((context) -> {
			OllamaChatModel model = context.getBean(OllamaChatModel.class);
			model.stream("Hello").blockLast();
			blocking.clear();
			Flux.range(0, 50).flatMap((ignored) -> model.stream("Hello")).blockLast();
			assertThat(blocking).isEmpty();
		});
	}

	static class Tracked {

		@TrackTokens
		Flux<String> stream(ChatModel model) {
			return model.stream("Hello");
		}

	}

	static class Router implements ChatModel {

		private final ChatModel model;

		Router(LocalChatModel localModel) {
			this.model = localModel;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.model.call(prompt);
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return this.model.stream(prompt);
		}

	}

}
