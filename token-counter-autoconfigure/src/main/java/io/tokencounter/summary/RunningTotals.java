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

package io.tokencounter.summary;

import java.time.Duration;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.UsageSummary.Totals;

/**
 * Sums that calls are added to, by one thread at a time.
 */
final class RunningTotals {

	private long calls;

	private long failedCalls;

	private long rejectedCalls;

	private long cancelledCalls;

	private long unreportedCalls;

	private long unreportedSuccesses;

	private long unpricedCalls;

	private long input;

	private long output;

	private long cacheRead;

	private long cacheWrite;

	private long reasoning;

	private long generationNanos;

	private long timedOutput;

	private long firstTokenNanos;

	private long timedStreams;

	private final SpentMoney cost = new SpentMoney();

	void add(TokenCall call) {
		this.calls++;
		addOutcome(call.outcome());
		if (call.timeToFirstToken() != null) {
			this.firstTokenNanos = sum(this.firstTokenNanos, nanos(call.timeToFirstToken()));
			this.timedStreams++;
		}
		TokenUsage usage = call.usage();
		if (usage.reported()) {
			addUsage(call, usage);
			return;
		}
		this.unreportedCalls++;
		if (call.outcome() == CallOutcome.SUCCESS) {
			this.unreportedSuccesses++;
		}
	}

	private void addOutcome(CallOutcome outcome) {
		switch (outcome) {
			case SUCCESS -> {
			}
			case ERROR -> this.failedCalls++;
			case REJECTED -> {
				this.failedCalls++;
				this.rejectedCalls++;
			}
			case CANCELLED -> this.cancelledCalls++;
		}
	}

	private void addUsage(TokenCall call, TokenUsage usage) {
		this.input = sum(this.input, usage.input());
		this.output = sum(this.output, usage.output());
		this.cacheRead = sum(this.cacheRead, usage.cacheRead());
		this.cacheWrite = sum(this.cacheWrite, usage.cacheWrite());
		this.reasoning = sum(this.reasoning, usage.reasoning());
		if (call.generationTime() != null) {
			this.generationNanos = sum(this.generationNanos, nanos(call.generationTime()));
			this.timedOutput = sum(this.timedOutput, usage.output());
		}
		if (call.cost() != null) {
			this.cost.add(call.cost().currency(), call.cost().amount());
		}
		else {
			this.unpricedCalls++;
		}
	}

	void add(RunningTotals totals) {
		this.calls += totals.calls;
		this.failedCalls += totals.failedCalls;
		this.rejectedCalls += totals.rejectedCalls;
		this.cancelledCalls += totals.cancelledCalls;
		this.unreportedCalls += totals.unreportedCalls;
		this.unreportedSuccesses += totals.unreportedSuccesses;
		this.unpricedCalls += totals.unpricedCalls;
		this.input = sum(this.input, totals.input);
		this.output = sum(this.output, totals.output);
		this.cacheRead = sum(this.cacheRead, totals.cacheRead);
		this.cacheWrite = sum(this.cacheWrite, totals.cacheWrite);
		this.reasoning = sum(this.reasoning, totals.reasoning);
		this.generationNanos = sum(this.generationNanos, totals.generationNanos);
		this.timedOutput = sum(this.timedOutput, totals.timedOutput);
		this.firstTokenNanos = sum(this.firstTokenNanos, totals.firstTokenNanos);
		this.timedStreams += totals.timedStreams;
		this.cost.add(totals.cost);
	}

	/**
	 * Add what is not negative. A sum that is too large is shown as such, not as a
	 * negative one.
	 */
	private static long sum(long first, long second) {
		long sum = first + second;
		return (sum < 0) ? Long.MAX_VALUE : sum;
	}

	private static long nanos(Duration duration) {
		try {
			return Math.max(0, duration.toNanos());
		}
		catch (ArithmeticException ex) {
			return Long.MAX_VALUE;
		}
	}

	Totals snapshot() {
		return new CallTotals(this.calls, this.failedCalls, this.rejectedCalls, this.cancelledCalls,
				this.unreportedCalls, this.unreportedSuccesses, this.unpricedCalls, this.input, this.output,
				this.cacheRead, this.cacheWrite, this.reasoning, this.cost.toMap(),
				Duration.ofNanos(this.generationNanos), this.timedOutput, Duration.ofNanos(this.firstTokenNanos),
				this.timedStreams);
	}

}
