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
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenLedger;
import io.tokencounter.UsageSummary;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.Conditions;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with everything on: meters, summary, a ledger in a file of H2, and a
 * budget that is never spent.
 */
final class SoakApplication {

	private SoakApplication() {
	}

	static ApplicationContextRunner runner(BillingProvider provider, Path folder) {
		return ChatModelContexts.countingRunner(provider)
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("token-counter.summary.max-calls=100", "token-counter.ledger.enabled=true",
					"token-counter.ledger.jdbc.initialize-schema=always",
					"token-counter.ledger.spool.directory=" + folder.resolve("spool"),
					// H2 keeps as much of the file in memory as it is allowed to
					"spring.datasource.url=jdbc:h2:file:" + folder.resolve("calls") + ";CACHE_SIZE=1024",
					"token-counter.budgets.all.max-tokens=1000000000000", "token-counter.budgets.all.window=forever");
	}

	/**
	 * Wait until the ledger has written all that was counted. It may take longer than
	 * other waits, as long as something moves.
	 */
	static void awaitWritten(ApplicationContext context) {
		TokenLedger ledger = context.getBean(TokenLedger.class);
		long counted = summary(context).calls();
		for (long written = ledger.status().written(); written < counted; written = ledger.status().written()) {
			long before = written;
			Conditions.await("written calls", () -> ledger.status().written() > before);
		}
	}

	/**
	 * Make sure that all say the same of what was spent.
	 */
	static void assertSpent(ApplicationContext context, Spent billed) {
		awaitWritten(context);
		assertThat(summary(context)).as("summary").isEqualTo(billed);
		assertThat(ledger(context)).as("ledger").isEqualTo(billed);
		assertThat(budget(context)).as("budget").isEqualTo(billed.input() + billed.output());
	}

	static Spent meters(ApplicationContext context) {
		MeterRegistry registry = context.getBean(MeterRegistry.class);
		return new Spent(sum(registry.get("llm.calls").counters()),
				sum(registry.get("llm.tokens").tag("gen_ai.token.type", "input").counters()),
				sum(registry.get("llm.tokens").tag("gen_ai.token.type", "output").counters()));
	}

	private static long sum(Iterable<Counter> counters) {
		double sum = 0;
		for (Counter counter : counters) {
			sum += counter.count();
		}
		return Math.round(sum);
	}

	private static Spent summary(ApplicationContext context) {
		UsageSummary.Totals totals = context.getBean(TokenCounter.class).summary().totals();
		return new Spent(totals.calls(), totals.input(), totals.output());
	}

	private static Spent ledger(ApplicationContext context) {
		TokenLedger ledger = context.getBean(TokenLedger.class);
		assertThat(ledger.status().failed()).isZero();
		Instant now = Instant.now();
		List<TokenHistory> all = ledger
			.history(TokenHistoryQuery.between(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1))));
		assertThat(all).hasSize(1);
		return new Spent(all.get(0).calls(), all.get(0).input(), all.get(0).output());
	}

	/**
	 * What budgets are charged with beyond it is for calls whose usage nobody told.
	 */
	private static long budget(ApplicationContext context) {
		TokenBudgets.Status status = context.getBean(TokenBudgets.class).status("all", null);
		assertThat(status).isNotNull();
		TokenBudgets.Amount tokens = status.amounts().get(0);
		assertThat(tokens.held()).isZero();
		assertThat(tokens.estimated()).isPositive();
		return tokens.spent().subtract(tokens.estimated()).longValueExact();
	}

	/**
	 * What was spent.
	 *
	 * @param calls the number of calls
	 * @param input the input tokens that somebody told
	 * @param output the output tokens that somebody told
	 */
	record Spent(long calls, long input, long output) {
	}

}
