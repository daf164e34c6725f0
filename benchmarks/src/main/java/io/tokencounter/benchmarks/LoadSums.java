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

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenLedger;
import io.tokencounter.UsageSummary;
import io.tokencounter.wire.WireAnswers;

import org.springframework.context.ApplicationContext;

/**
 * What somebody says was spent.
 *
 * @param calls the number of calls
 * @param tokens the tokens of input and output
 */
record LoadSums(long calls, long tokens) {

	/**
	 * Return what all agree on.
	 */
	static LoadSums agreed(ApplicationContext context, TokenLedger ledger) throws IOException {
		// What is read on the wire is the same as in the answer, so its part must be
		// there
		context.getBean(WireAnswers.class);
		LoadSums billed = provider(context.getEnvironment().getRequiredProperty("load.books"));
		Map<String, LoadSums> counted = new LinkedHashMap<>();
		counted.put("meters", meters(context.getBean(MeterRegistry.class)));
		counted.put("summary", summary(context.getBean(TokenCounter.class).summary().totals()));
		counted.put("ledger", ledger(ledger));
		counted.put("budget", budget(context.getBean(TokenBudgets.class)));
		if (!counted.values().stream().allMatch(billed::equals)) {
			throw new IllegalStateException("Billed were %s, and counted %s".formatted(billed, counted));
		}
		return billed;
	}

	private static LoadSums provider(String url) throws IOException {
		try (InputStream books = URI.create(url).toURL().openStream()) {
			String[] sums = new String(books.readAllBytes(), StandardCharsets.US_ASCII).split(" ");
			return new LoadSums(Long.parseLong(sums[0]), Long.parseLong(sums[1]) + Long.parseLong(sums[2]));
		}
	}

	private static LoadSums meters(MeterRegistry registry) {
		if (sum(registry, "llm.cost") == 0) {
			throw new IllegalStateException("There is no price");
		}
		return new LoadSums(Math.round(sum(registry, "llm.calls")), Math.round(sum(registry, "llm.tokens")));
	}

	private static double sum(MeterRegistry registry, String name) {
		return registry.get(name).counters().stream().mapToDouble(Counter::count).sum();
	}

	private static LoadSums summary(UsageSummary.Totals totals) {
		return new LoadSums(totals.calls(), totals.input() + totals.output());
	}

	private static LoadSums ledger(TokenLedger ledger) {
		Instant now = Instant.now();
		TokenHistory all = ledger
			.history(TokenHistoryQuery.between(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1))))
			.get(0);
		return new LoadSums(all.calls(), all.total());
	}

	private static LoadSums budget(TokenBudgets budgets) {
		return new LoadSums(spent(budgets, "calls"), spent(budgets, "tokens"));
	}

	private static long spent(TokenBudgets budgets, String unit) {
		return budgets.statuses()
			.stream()
			.flatMap((status) -> status.amounts().stream())
			.filter((amount) -> amount.unit().equals(unit))
			.mapToLong((amount) -> amount.spent().longValueExact())
			.sum();
	}

}
