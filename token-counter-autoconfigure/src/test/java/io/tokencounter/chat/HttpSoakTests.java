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

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.chat.SoakApplication.Spent;
import io.tokencounter.testsupport.BillingLedger.Totals;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Many calls over HTTP on many threads, with errors, cancellations and timeouts among
 * them. With {@code -Dsoak=full} there are 20,000, else as many as an ordinary build has
 * time for.
 */
class HttpSoakTests {

	private static final int CALLS = "full".equals(System.getProperty("soak")) ? 20_000 : 1000;

	private static final int THREADS = 16;

	private static final String SPRING_AI = "org.springframework.ai";

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	@BeforeAll
	static void leaveOutWhatSpringAiLogsOfErrors() {
		LoggingSystem.get(HttpSoakTests.class.getClassLoader()).setLogLevel(SPRING_AI, LogLevel.OFF);
	}

	@AfterAll
	static void logAsBefore() {
		LoggingSystem.get(HttpSoakTests.class.getClassLoader()).setLogLevel(SPRING_AI, null);
	}

	@Test
	void allAgreeWithTheBooksOfTheProvider(@TempDir Path folder) {
		SoakApplication.runner(provider, folder)
			.withBean(CapturedCalls.class)
			.withBean(RunningObservations.class)
			.run(HttpSoakTests::soak);
	}

	private static void soak(ApplicationContext context) throws Exception {
		List<Runnable> kinds = kinds(context);
		AtomicInteger made = new AtomicInteger();
		ExecutorService executor = Executors.newFixedThreadPool(THREADS);
		try {
			List<Future<?>> threads = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				Random random = new Random(i);
				threads.add(executor.submit(() -> {
					while (made.getAndIncrement() < CALLS) {
						kinds.get(random.nextInt(kinds.size())).run();
					}
				}));
			}
			for (Future<?> thread : threads) {
				thread.get(20, TimeUnit.MINUTES);
			}
		}
		finally {
			executor.shutdownNow();
		}
		provider.awaitIdle();
		context.getBean(CapturedCalls.class).await(CALLS);
		context.getBean(RunningObservations.class).awaitNone();
		Totals billed = provider.ledger().totals();
		assertThat(billed.failed()).isPositive();
		assertThat(billed.interrupted()).isPositive();
		assertThat(billed.unreported()).isPositive();
		Spent spent = new Spent(CALLS, billed.input(), billed.output());
		assertThat(billed.requests()).isEqualTo(CALLS);
		assertThat(SoakApplication.meters(context)).isEqualTo(spent);
		SoakApplication.assertSpent(context, spent);
	}

	private static List<Runnable> kinds(ApplicationContext context) {
		List<Runnable> kinds = new ArrayList<>();
		List<ChatModel> models = List.of(context.getBean(OpenAiChatModel.class),
				context.getBean(AnthropicChatModel.class), context.getBean(OllamaChatModel.class));
		for (ChatModel model : models) {
			ChatClient client = ChatClient.create(model, context.getBean(ObservationRegistry.class));
			kinds.add(() -> model.call("Hello"));
			kinds.add(() -> model.stream("Hello").blockLast());
			kinds.add(() -> client.prompt("Hello").call().content());
			kinds.add(() -> client.prompt("Hello").stream().content().blockLast());
			kinds.add(failing(() -> model.call("Hello, fail-429")));
			kinds.add(failing(() -> client.prompt("Hello, fail-500").stream().content().blockLast()));
			// Anthropic tells at the start of a stream what it will never finish
			if (!(model instanceof AnthropicChatModel)) {
				kinds.add(failing(() -> model.stream("Hello, fail-midway").blockLast()));
				kinds.add(() -> model.call("Hello, no-usage"));
			}
		}
		// Whose client goes away at once when it is told to
		ChatModel ollama = models.get(2);
		kinds.add(() -> ollama.stream("Hello, endless").take(1).blockLast());
		kinds.add(() -> ollama.stream(new Prompt("Hello, endless"))
			.timeout(Mono.never(), (chunk) -> Mono.just(chunk))
			.onErrorComplete(TimeoutException.class)
			.blockLast());
		return kinds;
	}

	private static Runnable failing(Runnable call) {
		return () -> assertThatException().isThrownBy(call::run);
	}

}
