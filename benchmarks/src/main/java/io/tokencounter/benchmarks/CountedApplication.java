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

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenLedger;
import io.tokencounter.TokenSession;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * A running application whose calls are counted in one of the ways to compare.
 */
class CountedApplication implements AutoCloseable {

	private final Counting counting;

	private final Stores stores;

	private final ConfigurableApplicationContext context;

	CountedApplication(Counting counting, int chunks, String... properties) {
		this.counting = counting;
		this.stores = new Stores(counting.extent());
		String[] all = Stream.concat(Stream.of(properties), this.stores.properties().stream()).toArray(String[]::new);
		this.context = Application.run(counting, chunks, all);
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
		Extent extent = this.counting.extent();
		check(isHeardInSession(call), extent.hasSession(), "session");
		MeterRegistry registry = bean(MeterRegistry.class);
		check(hasMeter(registry, "gen_ai.client.operation"), this.counting.isObserved(), "observation");
		check(hasMeter(registry, "gen_ai.client.token.usage"), this.counting.isSpringAi(), "handler of Spring AI");
		check(hasMeter(registry, "llm.tokens"), extent.hasMeters(), "meter of ours");
		check(hasMeter(registry, "llm.cost"), extent.hasPrice(), "price");
		check(TokenCounter.class, (counter) -> counter.summary().totals().calls() > 0, extent.hasSummary(), "summary");
		check(TokenLedger.class, (ledger) -> ledger.status().written() > 0, extent.hasLedger(), "ledger");
		check(TokenBudgets.class, CountedApplication::isSpent, extent.hasBudget(), "budget");
		check(this.stores.hasRedis() && !bean(StringRedisTemplate.class).keys("token-counter:*").isEmpty(),
				extent == Extent.REDIS, "budget in Redis");
		return this;
	}

	private boolean isHeardInSession(Runnable call) {
		if (!this.counting.extent().hasSession()) {
			call.run();
			return false;
		}
		try (TokenSession session = bean(TokenCounter.class).openSession("check")) {
			call.run();
			return session.lastCall() != null;
		}
	}

	private static boolean hasMeter(MeterRegistry registry, String name) {
		return registry.find(name).meter() != null;
	}

	/**
	 * Some are told of a call only after it, and only those that are to be told are
	 * waited for.
	 */
	private <T> void check(Class<T> type, Predicate<T> told, boolean expected, String what) {
		T bean = this.context.getBeanProvider(type).getIfAvailable();
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (expected && bean != null && !told.test(bean) && System.nanoTime() < deadline) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
		}
		check(bean != null && told.test(bean), expected, what);
	}

	private static boolean isSpent(TokenBudgets budgets) {
		return budgets.statuses()
			.stream()
			.flatMap((status) -> status.amounts().stream())
			.anyMatch((amount) -> amount.spent().signum() > 0);
	}

	private static void check(boolean actual, boolean expected, String what) {
		if (actual != expected) {
			throw new IllegalStateException("There is " + (expected ? "no " : "a ") + what);
		}
	}

	/**
	 * Open a session on the thread that makes the calls, where calls are to be in one.
	 * @return leaves the session
	 */
	Runnable openSession() {
		if (!this.counting.extent().hasSession()) {
			return () -> {
			};
		}
		TokenSession session = bean(TokenCounter.class).openSession("benchmark");
		return session::close;
	}

	@Override
	public void close() {
		this.context.close();
		this.stores.close();
	}

}
