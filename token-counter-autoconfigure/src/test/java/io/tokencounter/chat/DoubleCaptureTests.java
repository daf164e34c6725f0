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

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Models that more than one capture point sees, because the application asked for it.
 */
class DoubleCaptureTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class);

	@Test
	void tracksAProxiedBeanOnce() {
		this.runner.run((context) -> {
			ChatModel tracked = context.getBean(ChatCallCounter.class).track(context.getBean(OllamaChatModel.class));
			tracked.call("hello");
			tracked.stream("hello").blockLast();
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(2);
		});
	}

	@Test
	void tracksATrackedModelOnce() {
		this.runner.run((context) -> {
			ChatCallCounter counter = context.getBean(ChatCallCounter.class);
			ChatModel tracked = counter.track(counter.track(context.getBean(OpenAiChatModel.class)));
			tracked.call("hello");
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(1);
		});
	}

	@Test
	void countsAClientThatWasConfiguredTwiceOnce() {
		this.runner.run((context) -> {
			ChatClientBuilderConfigurer configurer = context.getBean(ChatClientBuilderConfigurer.class);
			ChatClient client = configurer
				.configure(configurer.configure(ChatClient.builder(context.getBean(OpenAiChatModel.class),
						context.getBean(ObservationRegistry.class), null, null)))
				.build();
			client.prompt("hello").stream().content().blockLast();
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(1);
		});
	}

	@Test
	void countsAClientOfATrackedModelOnce() {
		this.runner.run((context) -> {
			ChatModel tracked = context.getBean(ChatCallCounter.class).track(context.getBean(OpenAiChatModel.class));
			ChatClient client = context.getBean(ChatClientBuilderConfigurer.class)
				.configure(ChatClient.builder(tracked, context.getBean(ObservationRegistry.class), null, null))
				.build();
			client.prompt("hello").stream().content().blockLast();
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(1);
		});
	}

}
