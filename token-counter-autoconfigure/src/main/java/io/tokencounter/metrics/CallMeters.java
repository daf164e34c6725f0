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

package io.tokencounter.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.metrics.TokenMeterDocumentation.Tags;
import io.tokencounter.support.FaultLog;

import org.springframework.util.Assert;
import org.springframework.util.function.SingletonSupplier;

/**
 * The meters of one set of common tags. Each is looked up in the registry when it is
 * first needed, so that what never happened has no meter, and kept from then on.
 */
final class CallMeters {

	private static final String INPUT = "input";

	private static final String OUTPUT = "output";

	private final MeterRegistry registry;

	private final io.micrometer.core.instrument.Tags tags;

	private final Supplier<Counter> input = once(() -> counter(TokenMeterDocumentation.TOKENS, Tags.TOKEN_TYPE, INPUT));

	private final Supplier<Counter> output = once(
			() -> counter(TokenMeterDocumentation.TOKENS, Tags.TOKEN_TYPE, OUTPUT));

	private final Supplier<Counter> cacheRead = once(() -> counter(TokenMeterDocumentation.CACHE_READ));

	private final Supplier<Counter> cacheWrite = once(() -> counter(TokenMeterDocumentation.CACHE_WRITE));

	private final Supplier<Counter> reasoning = once(() -> counter(TokenMeterDocumentation.REASONING));

	private final Supplier<Counter> unpricedInput = once(
			() -> counter(TokenMeterDocumentation.UNPRICED, Tags.TOKEN_TYPE, INPUT));

	private final Supplier<Counter> unpricedOutput = once(
			() -> counter(TokenMeterDocumentation.UNPRICED, Tags.TOKEN_TYPE, OUTPUT));

	private final Supplier<Timer> timeToFirstToken = once(this::createTimeToFirstToken);

	private final Supplier<DistributionSummary> outputRate = once(this::createOutputRate);

	private final Map<CallOutcome, Supplier<Timer>> durations = new EnumMap<>(CallOutcome.class);

	private final Map<CallOutcome, Supplier<Counter>> reportedCalls = new EnumMap<>(CallOutcome.class);

	private final Map<CallOutcome, Supplier<Counter>> unreportedCalls = new EnumMap<>(CallOutcome.class);

	private final Map<String, Counter> costs = new ConcurrentHashMap<>();

	private final FaultLog faults;

	CallMeters(MeterRegistry registry, io.micrometer.core.instrument.Tags tags, FaultLog faults) {
		this.registry = registry;
		this.tags = tags;
		this.faults = faults;
		for (CallOutcome outcome : CallOutcome.values()) {
			this.durations.put(outcome, once(() -> createDuration(outcome)));
			this.reportedCalls.put(outcome, once(() -> createCalls(outcome, "reported")));
			this.unreportedCalls.put(outcome, once(() -> createCalls(outcome, "unreported")));
		}
	}

	/**
	 * Count a call on each meter by itself: one that cannot be registered, say because
	 * the application has another meter of its name, takes nothing from the others.
	 * @param call the call
	 * @param priced whether calls are priced
	 */
	void count(TokenCall call, boolean priced) {
		TokenUsage usage = call.usage();
		Map<CallOutcome, Supplier<Counter>> calls = usage.reported() ? this.reportedCalls : this.unreportedCalls;
		safely(() -> of(call.outcome(), calls).increment());
		safely(() -> of(call.outcome(), this.durations).record(call.duration()));
		Duration timeToFirstToken = call.timeToFirstToken();
		if (timeToFirstToken != null) {
			safely(() -> this.timeToFirstToken.get().record(timeToFirstToken));
		}
		if (usage.reported()) {
			countTokens(usage);
			countRate(call);
			countCost(call, priced);
		}
	}

	private static <T> T of(CallOutcome outcome, Map<CallOutcome, Supplier<T>> meters) {
		Supplier<T> meter = meters.get(outcome);
		Assert.state(meter != null, "There is a meter for each outcome");
		return meter.get();
	}

	private void countTokens(TokenUsage usage) {
		safely(() -> this.input.get().increment(usage.input()));
		safely(() -> this.output.get().increment(usage.output()));
		increment(this.cacheRead, usage.cacheRead());
		increment(this.cacheWrite, usage.cacheWrite());
		increment(this.reasoning, usage.reasoning());
	}

	private void countRate(TokenCall call) {
		Duration generation = call.generationTime();
		long output = call.usage().output();
		if (generation != null && generation.toNanos() > 0 && output > 0) {
			safely(() -> this.outputRate.get().record(output * 1e9 / generation.toNanos()));
		}
	}

	private void countCost(TokenCall call, boolean priced) {
		TokenCost cost = call.cost();
		if (cost != null) {
			safely(() -> cost(cost.currency()).increment(cost.amount().doubleValue()));
		}
		else if (priced) {
			increment(this.unpricedInput, call.usage().input());
			increment(this.unpricedOutput, call.usage().output());
		}
	}

	private Counter cost(String currency) {
		Counter cost = this.costs.get(currency);
		return (cost != null) ? cost : this.costs.computeIfAbsent(currency,
				(code) -> counter(TokenMeterDocumentation.COST, Tags.CURRENCY, code));
	}

	private void increment(Supplier<Counter> counter, long amount) {
		if (amount > 0) {
			safely(() -> counter.get().increment(amount));
		}
	}

	private void safely(Runnable count) {
		try {
			count.run();
		}
		catch (Throwable ex) {
			// One kind of fault for all meters: where one fails, most do
			this.faults.log("A meter of counted calls cannot be counted, the others are", ex);
		}
	}

	private Counter createCalls(CallOutcome outcome, String usage) {
		return builder(TokenMeterDocumentation.CALLS).tag(Tags.OUTCOME.asString(), outcome.value())
			.tag(Tags.USAGE.asString(), usage)
			.register(this.registry);
	}

	private Timer createDuration(CallOutcome outcome) {
		TokenMeterDocumentation meter = TokenMeterDocumentation.CALL_DURATION;
		return Timer.builder(meter.getName())
			.description(meter.getDescription())
			.tags(this.tags)
			.tag(Tags.OUTCOME.asString(), outcome.value())
			.register(this.registry);
	}

	private Timer createTimeToFirstToken() {
		TokenMeterDocumentation meter = TokenMeterDocumentation.TIME_TO_FIRST_TOKEN;
		return Timer.builder(meter.getName())
			.description(meter.getDescription())
			.tags(this.tags)
			.register(this.registry);
	}

	private DistributionSummary createOutputRate() {
		TokenMeterDocumentation meter = TokenMeterDocumentation.OUTPUT_RATE;
		return DistributionSummary.builder(meter.getName())
			.description(meter.getDescription())
			.baseUnit(meter.getBaseUnit())
			.tags(this.tags)
			.register(this.registry);
	}

	private Counter counter(TokenMeterDocumentation meter) {
		return builder(meter).register(this.registry);
	}

	private Counter counter(TokenMeterDocumentation meter, KeyName key, String value) {
		return builder(meter).tag(key.asString(), value).register(this.registry);
	}

	private Counter.Builder builder(TokenMeterDocumentation meter) {
		return Counter.builder(meter.getName())
			.description(meter.getDescription())
			.baseUnit(meter.getBaseUnit())
			.tags(this.tags);
	}

	private static <T> Supplier<T> once(Supplier<T> supplier) {
		return SingletonSupplier.of(supplier);
	}

}
