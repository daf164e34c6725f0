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

	private static final int UNIT_SCALE = 12;

	private static final double UNITS = 1e12;

	private static final double MAX_UNITS = 1L << 50;

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

	// Decimals make a new one for each sum, so most amounts are added up in trillionths

	private long units;

	private BigDecimal otherAmount = BigDecimal.ZERO;

	// As many decimal places as the amount with the most has
	private int scale;

	private @Nullable Map<String, BigDecimal> otherCurrencies;

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
		if (!this.currency.equals(currency)) {
			if (this.otherCurrencies == null) {
				this.otherCurrencies = new HashMap<>();
			}
			this.otherCurrencies.merge(currency, amount, BigDecimal::add);
		}
		else {
			this.scale = Math.max(this.scale, amount.scale());
			if (!addUnits(amount)) {
				this.otherAmount = this.otherAmount.add(amount);
			}
		}
	}

	/**
	 * Add an amount in units, if that is exact. Each of the two roundings of a
	 * {@code double} is off by less than a quarter of a unit here, so the nearest whole
	 * number is the amount.
	 */
	private boolean addUnits(BigDecimal amount) {
		if (amount.scale() > UNIT_SCALE || this.units > Long.MAX_VALUE / 2) {
			return false;
		}
		double units = amount.doubleValue() * UNITS;
		if (units > MAX_UNITS) {
			return false;
		}
		this.units += Math.round(units);
		return true;
	}

	private Map<String, BigDecimal> cost() {
		Map<String, BigDecimal> cost = new HashMap<>();
		if (this.currency != null) {
			cost.put(this.currency, amount());
		}
		if (this.otherCurrencies != null) {
			cost.putAll(this.otherCurrencies);
		}
		return cost;
	}

	private BigDecimal amount() {
		return BigDecimal.valueOf(this.units, UNIT_SCALE).add(this.otherAmount).setScale(this.scale);
	}

	Totals snapshot() {
		return new Totals(this.calls, this.failedCalls, this.rejectedCalls, this.cancelledCalls, this.unreportedCalls,
				this.unpricedCalls, this.input, this.output, this.cacheRead, this.cacheWrite, this.reasoning, cost(),
				Duration.ofNanos(this.generationNanos), this.timedOutput, Duration.ofNanos(this.firstTokenNanos),
				this.timedStreams);
	}

}
