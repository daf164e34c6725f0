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

package io.tokencounter.session;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.UsageSummary.Totals;
import org.jspecify.annotations.Nullable;

/**
 * Sums that calls are added to, guarded by the lock of their part.
 */
final class RunningTotals {

	private long calls;

	private long failedCalls;

	private long rejectedCalls;

	private long cancelledCalls;

	private long unreportedCalls;

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

	// Most have one currency, for which a map would be the greater part of the work

	private @Nullable String currency;

	private BigDecimal amount = BigDecimal.ZERO;

	private @Nullable Map<String, BigDecimal> otherAmounts;

	void add(TokenCall call) {
		this.calls++;
		if (call.outcome() == CallOutcome.ERROR || call.outcome() == CallOutcome.REJECTED) {
			this.failedCalls++;
			if (call.outcome() == CallOutcome.REJECTED) {
				this.rejectedCalls++;
			}
		}
		else if (call.outcome() == CallOutcome.CANCELLED) {
			this.cancelledCalls++;
		}
		if (call.timeToFirstToken() != null) {
			this.firstTokenNanos += call.timeToFirstToken().toNanos();
			this.timedStreams++;
		}
		TokenUsage usage = call.usage();
		if (!usage.reported()) {
			this.unreportedCalls++;
			return;
		}
		this.input += usage.input();
		this.output += usage.output();
		this.cacheRead += usage.cacheRead();
		this.cacheWrite += usage.cacheWrite();
		this.reasoning += usage.reasoning();
		if (call.generationTime() != null) {
			this.generationNanos += call.generationTime().toNanos();
			this.timedOutput += usage.output();
		}
		if (call.cost() != null) {
			add(call.cost().currency(), call.cost().amount());
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
		this.unpricedCalls += totals.unpricedCalls;
		this.input += totals.input;
		this.output += totals.output;
		this.cacheRead += totals.cacheRead;
		this.cacheWrite += totals.cacheWrite;
		this.reasoning += totals.reasoning;
		this.generationNanos += totals.generationNanos;
		this.timedOutput += totals.timedOutput;
		this.firstTokenNanos += totals.firstTokenNanos;
		this.timedStreams += totals.timedStreams;
		totals.cost().forEach(this::add);
	}

	private void add(String currency, BigDecimal amount) {
		if (this.currency == null) {
			this.currency = currency;
		}
		if (this.currency.equals(currency)) {
			this.amount = this.amount.add(amount);
			return;
		}
		if (this.otherAmounts == null) {
			this.otherAmounts = new HashMap<>();
		}
		this.otherAmounts.merge(currency, amount, BigDecimal::add);
	}

	private Map<String, BigDecimal> cost() {
		Map<String, BigDecimal> cost = new HashMap<>();
		if (this.currency != null) {
			cost.put(this.currency, this.amount);
		}
		if (this.otherAmounts != null) {
			cost.putAll(this.otherAmounts);
		}
		return cost;
	}

	Totals snapshot() {
		return new Totals(this.calls, this.failedCalls, this.rejectedCalls, this.cancelledCalls, this.unreportedCalls,
				this.unpricedCalls, this.input, this.output, this.cacheRead, this.cacheWrite, this.reasoning, cost(),
				Duration.ofNanos(this.generationNanos), this.timedOutput, Duration.ofNanos(this.firstTokenNanos),
				this.timedStreams);
	}

}
