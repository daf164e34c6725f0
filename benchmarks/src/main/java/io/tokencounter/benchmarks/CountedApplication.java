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

package io.tokencounter.benchmarks;

import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A running application whose calls are counted in one of the ways to compare.
 */
class CountedApplication implements AutoCloseable {

	private final Counting counting;

	private final ConfigurableApplicationContext context;

	CountedApplication(Counting counting, int chunks, String... properties) {
		this.counting = counting;
		this.context = Application.run(counting, chunks, properties);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	ChatModel model() {
		return bean(ChatModel.class);
	}

	ChatClient client() {
		return bean(ChatClient.Builder.class).build();
	}

	Prompt prompt() {
		return new Prompt("What do pebbles do?", model().getOptions());
	}

	/**
	 * Make sure that what is measured is what the name says.
	 */
	CountedApplication check(Runnable call) {
		call.run();
		MeterRegistry registry = bean(MeterRegistry.class);
		check(this.counting.isObserved(), registry, "gen_ai.client.operation");
		check(this.counting.isSpringAi(), registry, "gen_ai.client.token.usage");
		check(this.counting.hasMeters(), registry, "llm.tokens");
		check(this.counting.hasSession(), registry, "llm.cost");
		return this;
	}

	private static void check(boolean expected, MeterRegistry registry, String meter) {
		if (expected != (registry.find(meter).meter() != null)) {
			throw new IllegalStateException("There is " + (expected ? "no" : "a") + " meter " + meter);
		}
	}

	/**
	 * Open a session on the thread that makes the calls, where everything is on.
	 * @return leaves the session
	 */
	Runnable openSession() {
		if (!this.counting.hasSession()) {
			return () -> {
			};
		}
		TokenSession session = bean(TokenCounter.class).openSession("benchmark");
		return session::close;
	}

	@Override
	public void close() {
		this.context.close();
	}

}
