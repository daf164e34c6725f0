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

import java.util.concurrent.CountDownLatch;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.BillingProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

class HeardModelsTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final WireAnswers answers = new WireAnswers();

	private final HeardCalls calls = new HeardCalls(this.answers);

	enum Model {

		OPENAI, ANTHROPIC

	}

	@ParameterizedTest
	@EnumSource
	void explore(Model which) throws Exception {
		ChatModel model = model(which);
		show("sync", () -> model.call("Hello"));
		show("sync no-choices", () -> model.call("Hello no-choices"));
		show("sync 500", () -> model.call("Hello fail-500"));
		show("stream", () -> model.stream("Hello").blockLast());
		show("stream no-choices", () -> model.stream("Hello no-choices").blockLast());
		show("stream no-usage", () -> model.stream("Hello no-usage").blockLast());
		show("stream fail-midway", () -> model.stream("Hello fail-midway").blockLast());
		show("stream fail-500", () -> model.stream("Hello fail-500").blockLast());
		show("stream take 1", () -> model.stream("Hello endless").take(1).blockLast());
		show("stream blockFirst", () -> model.stream("Hello endless").blockFirst());
		show("stream blockFirst slow", () -> model.stream("Hello slow-stream").blockFirst());
		show("timeout", () -> model.stream("Hello slow-stream").timeout(java.time.Duration.ofMillis(300)).blockLast());
		show("dispose", () -> {
			CountDownLatch latch = new CountDownLatch(1);
			Disposable d = model.stream("Hello slow-stream").subscribe((c) -> latch.countDown());
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
			}
			d.dispose();
		});
		show("dispose at once", () -> model.stream("Hello slow-stream").subscribe().dispose());
	}

	private int count;

	private void show(String what, Runnable action) {
		try {
			action.run();
		}
		catch (Throwable ex) {
			System.err.println("   ex " + ex);
		}
		HeardCalls.Call call = this.calls.await(++this.count).get(this.count - 1);
		provider.releaseStreams();
		provider.awaitIdle();
		java.util.List<Bill> bills = provider.ledger().bills();
		System.err.println("== " + what + " answered=" + call.answered() + " error=" + call.error() + "\n  heard="
				+ call.heard() + "\n  bill " + (bills.isEmpty() ? null : bills.get(bills.size() - 1)));
	}

	private ChatModel model(Model model) {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(this.calls);
		UsageInterceptor interceptor = new UsageInterceptor(this.answers);
		return switch (model) {
			case OPENAI -> OpenAiChatModel.builder()
				.options(OpenAiChatOptions.builder()
					.baseUrl(provider.openAiBaseUrl())
					.apiKey("none")
					.model("gpt-madeup")
					.maxRetries(0)
					.build())
				.httpClientBuilderCustomizer((client) -> client.interceptor(interceptor))
				.observationRegistry(registry)
				.build();
			case ANTHROPIC -> AnthropicChatModel.builder()
				.options(AnthropicChatOptions.builder()
					.baseUrl(provider.baseUrl())
					.apiKey("none")
					.model("claude-madeup")
					.maxTokens(1000)
					.maxRetries(0)
					.build())
				.httpClientBuilderCustomizer((client) -> client.interceptor(interceptor))
				.observationRegistry(registry)
				.build();
		};
	}

}
