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

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.budget.Amounts;
import io.tokencounter.budget.Budget;
import io.tokencounter.budget.BudgetGate;
import io.tokencounter.budget.BudgetMatch;
import io.tokencounter.budget.BudgetWatch;
import io.tokencounter.budget.BudgetWindow;
import io.tokencounter.budget.BudgetedCalls;
import io.tokencounter.budget.CallEstimator;
import io.tokencounter.budget.MemoryBudgetStore;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallRates;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.provider.ProviderCallReader;
import io.tokencounter.provider.TokenUsageReader;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * What a budget in memory takes of a call, from its admission to its charge.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BudgetBenchmark {

	private static final Budget MONTHLY = new Budget("monthly",
			new Amounts(Amounts.MAX, Amounts.UNLIMITED, Amounts.UNLIMITED), "USD", BudgetWindow.MONTH, ZoneOffset.UTC,
			"tenant", BudgetMatch.ALL, Map.of(), true, 0.8, false);

	private final BudgetGate gate = gate();

	private final ChatOptions options = ChatOptions.builder().model("model").maxTokens(500).build();

	private final Prompt prompt = new Prompt("Extract the skills. ".repeat(100), this.options);

	private final CallAttribution attribution = new CallAttribution("cv-extraction", Map.of("tenant", "acme"),
			List.of());

	private final Instant startedAt = Instant.now();

	private final TokenUsage usage = TokenUsage.of(500, 80);

	private final TokenCost cost = new TokenCost(new BigDecimal("0.0013"), "USD");

	/**
	 * What is there without any budget: the request, and the call that ended.
	 * @return the call
	 */
	@Benchmark
	public Object withoutBudget() {
		return ended(seen(request()));
	}

	/**
	 * One thread.
	 * @return the call
	 */
	@Benchmark
	public Object oneThread() {
		return call();
	}

	/**
	 * Two threads that share a budget.
	 * @return the call
	 */
	@Benchmark
	@Threads(2)
	public Object twoThreads() {
		return call();
	}

	private Object call() {
		CallRequest request = request();
		this.gate.admit(request);
		SeenCall seen = seen(request);
		TokenCall call = ended(seen);
		this.gate.ended(call, seen);
		return call;
	}

	private CallRequest request() {
		return new CallRequest(TokenCall.nextId(), "chat", "openai", "model", this.options, null, this.prompt, false,
				this.startedAt, this.attribution, null);
	}

	private static SeenCall seen(CallRequest request) {
		return new SeenCall(request, CallOutcome.SUCCESS, null, null, null, 1000, 0, 0, null);
	}

	private TokenCall ended(SeenCall seen) {
		return TokenCall.builder("chat", "openai")
			.id(seen.request().id())
			.usage(this.usage)
			.cost(this.cost)
			.startedAt(this.startedAt)
			.build();
	}

	private static BudgetGate gate() {
		MemoryBudgetStore store = new MemoryBudgetStore(Duration.ofMinutes(10), InstantSource.system());
		CallRates rates = new CallRates(new BigDecimal("0.15"), new BigDecimal("0.60"), "USD");
		CallPricing pricing = new CallPricing() {

			@Override
			public @Nullable TokenCost cost(String model, CallReading reading, Instant startedAt) {
				return null;
			}

			@Override
			public CallRates dearestRates(String model, CallReading asked, long input, Instant startedAt) {
				return rates;
			}

		};
		BudgetedCalls calls = new BudgetedCalls(List.of(MONTHLY), new CallEstimator(pricing, null),
				new ProviderCallReader(new TokenUsageReader(List::of)), List.of());
		return new BudgetGate(calls, store, Runnable::run, new BudgetWatch(List.of(), store, Runnable::run, (event) -> {
		}), false);
	}

}
