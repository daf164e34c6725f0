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

package io.tokencounter.budget;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

import io.tokencounter.BudgetLimits;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetEvent;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallRates;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.CallRun;
import io.tokencounter.call.SeenCall;
import io.tokencounter.provider.ProviderCallReader;
import io.tokencounter.provider.TokenUsageReader;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * Budgets, and calls that are made under them.
 */
final class BudgetTestCalls {

	static final Amounts UNLIMITED = new Amounts(Amounts.UNLIMITED, Amounts.UNLIMITED, Amounts.UNLIMITED);

	/**
	 * Has a price: $1 per million tokens of the input, $10 per million of the output.
	 */
	static final String PRICED = "priced-model";

	private static final CallRates RATES = new CallRates(BigDecimal.ONE, BigDecimal.TEN, "USD");

	final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-25T12:00:00Z"));

	final List<TokenBudgetEvent> events = Collections.synchronizedList(new ArrayList<>());

	final List<String> decisions = Collections.synchronizedList(new ArrayList<>());

	final List<TokenCall> counted = Collections.synchronizedList(new ArrayList<>());

	final BudgetStore store;

	final BudgetGate gate;

	final CallRecorder recorder;

	final TokenBudgets budgets;

	BudgetTestCalls(Budget... budgets) {
		this(null, Runnable::run, false, List.of(), budgets);
	}

	BudgetTestCalls(BudgetStore store, Executor charging, boolean refuseIfUnavailable, List<BudgetLimits> limits,
			Budget... budgets) {
		this.store = (store != null) ? store : new MemoryBudgetStore(Duration.ofMinutes(10), this.now::get);
		ProviderCallReader reader = new ProviderCallReader(new TokenUsageReader(List::of));
		TestPricing pricing = new TestPricing();
		BudgetedCalls calls = new BudgetedCalls(Arrays.asList(budgets), new CallEstimator(pricing, null), reader,
				limits);
		BudgetWatch watch = new BudgetWatch(List.of(new Decisions()), this.store, Runnable::run, this.events::add);
		this.gate = new BudgetGate(calls, this.store, charging, watch, refuseIfUnavailable);
		this.recorder = new CallRecorder((seen) -> seen, reader, pricing, () -> List.of(this.gate),
				() -> List.of(this.counted::add));
		this.budgets = new DefaultTokenBudgets(calls, this.store, this.now::get);
	}

	static Budget budget(String name, Amounts limits) {
		return budget(name, limits, BudgetWindow.MONTH, null);
	}

	static Budget budget(String name, Amounts limits, BudgetWindow window, String per) {
		return new Budget(name, limits, "USD", window, ZoneOffset.UTC, per, BudgetMatch.ALL, Map.of(), true, 0.8,
				false);
	}

	static Budget in(Budget budget, ZoneId zone) {
		return new Budget(budget.name(), budget.limits(), budget.currency(), budget.window(), zone, budget.per(),
				budget.match(), budget.overrides(), budget.enforced(), budget.warnAt(), budget.refuseUnpriced());
	}

	static Budget matching(Budget budget, BudgetMatch match) {
		return new Budget(budget.name(), budget.limits(), budget.currency(), budget.window(), budget.zone(),
				budget.per(), match, budget.overrides(), budget.enforced(), budget.warnAt(), budget.refuseUnpriced());
	}

	static Budget with(Budget budget, boolean enforced, boolean refuseUnpriced, Map<String, Amounts> overrides) {
		return new Budget(budget.name(), budget.limits(), budget.currency(), budget.window(), budget.zone(),
				budget.per(), budget.match(), overrides, enforced, budget.warnAt(), refuseUnpriced);
	}

	static Amounts cost(String dollars) {
		return new Amounts(Amounts.nanos(new BigDecimal(dollars)), Amounts.UNLIMITED, Amounts.UNLIMITED);
	}

	static Amounts tokens(long tokens) {
		return new Amounts(Amounts.UNLIMITED, tokens, Amounts.UNLIMITED);
	}

	static Amounts calls(long calls) {
		return new Amounts(Amounts.UNLIMITED, Amounts.UNLIMITED, calls);
	}

	/**
	 * A request of 24 tokens, 20 of text and 4 of overhead, that asks for 100 at the
	 * most.
	 */
	CallRequest request() {
		return request(PRICED, "feature", Map.of());
	}

	CallRequest request(String model, String feature, Map<String, String> tags, CallRun... runs) {
		return request(model, new CallAttribution(feature, tags, List.of(), List.of(runs)), false, 100);
	}

	CallRequest request(String model, CallAttribution attribution, boolean streaming, Integer maxTokens) {
		ChatOptions options = ChatOptions.builder().model(model).maxTokens(maxTokens).build();
		return new CallRequest(TokenCall.nextId(), "chat", "test", model, options, null,
				new Prompt("t".repeat(80), options), streaming, this.now.get(), attribution, null);
	}

	CallRequest stream() {
		return request(PRICED, CallAttribution.NONE, true, 100);
	}

	CallRequest admit(CallRequest request) {
		this.recorder.admit(request);
		return request;
	}

	void succeed(CallRequest request, int input, int output) {
		end(request, CallOutcome.SUCCESS, input, output, 0, null);
	}

	void end(CallRequest request, CallOutcome outcome, int input, int output, int chunks, Throwable error) {
		this.recorder.record(
				new SeenCall(request, outcome, null, null, new DefaultUsage(input, output), 1000, 0, chunks, error));
	}

	void endWithoutUsage(CallRequest request, CallOutcome outcome, int chunks, Throwable error) {
		this.recorder.record(new SeenCall(request, outcome, null, null, null, 1000, 0, chunks, error));
	}

	void call(int input, int output) {
		succeed(admit(request()), input, output);
	}

	BudgetWindowState state(Budget budget) {
		return state(budget, null);
	}

	BudgetWindowState state(Budget budget, String subject) {
		BudgetWindow.Span window = budget.windowAt(this.now.get());
		return this.store.read(List.of(new BudgetKey(budget.name(), subject, window.key(), window.end()))).get(0);
	}

	private static final class TestPricing implements CallPricing {

		@Override
		public TokenCost cost(String model, CallReading reading, Instant startedAt) {
			if (!PRICED.equals(model)) {
				return null;
			}
			BigDecimal millionths = BigDecimal.valueOf(reading.usage().input() + 10 * reading.usage().output());
			return new TokenCost(millionths.movePointLeft(6), "USD");
		}

		@Override
		public CallRates dearestRates(String model, CallReading asked, long input, Instant startedAt) {
			return PRICED.equals(model) ? RATES : null;
		}

	}

	private final class Decisions implements BudgetListener {

		@Override
		public void refused(Budget budget) {
			BudgetTestCalls.this.decisions.add("refused " + budget.name());
		}

		@Override
		public void observed(Budget budget) {
			BudgetTestCalls.this.decisions.add("observed " + budget.name());
		}

		@Override
		public void unavailable(Budget budget) {
			BudgetTestCalls.this.decisions.add("unavailable " + budget.name());
		}

	}

}
