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

package io.tokencounter.attribution;

import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

import io.micrometer.observation.Observation;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TrackTokens;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.SafeObservation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * One run of a tracked method: adds up its calls for the span and for the log.
 */
final class TrackedRun {

	private static final Log logger = LogFactory.getLog(TrackTokens.class);

	private static final FaultLog faults = new FaultLog(LogFactory.getLog(TrackedRun.class));

	private final TrackedMethod method;

	private final RunScope scope;

	private int calls;

	private int unreportedCalls;

	private int unpricedCalls;

	private long input;

	private long output;

	private final Map<String, BigDecimal> cost = new TreeMap<>();

	private final Set<String> models = new LinkedHashSet<>();

	private boolean ended;

	/**
	 * Start a run.
	 * @param method the method
	 * @param opener opens the scope of the run, given who is told of its calls
	 */
	TrackedRun(TrackedMethod method, Function<TokenCallListener, RunScope> opener) {
		this.method = method;
		this.scope = opener.apply(this::add);
	}

	RunScope scope() {
		return this.scope;
	}

	private synchronized void add(TokenCall call) {
		this.calls++;
		this.input += call.usage().input();
		this.output += call.usage().output();
		if (!call.usage().reported()) {
			this.unreportedCalls++;
		}
		if (call.cost() != null) {
			this.cost.merge(call.cost().currency(), call.cost().amount(), BigDecimal::add);
		}
		else {
			this.unpricedCalls++;
		}
		this.models.add(call.provider() + "/" + call.model());
		if (this.ended) {
			// The model of a stream can end shortly after whoever reads it
			log();
		}
	}

	void failed(Throwable error) {
		this.scope.failed(error);
	}

	synchronized void end() {
		if (this.ended) {
			return;
		}
		this.ended = true;
		SafeObservation observation = this.scope.observation();
		if (observation != null) {
			observation.change(this::tell);
		}
		this.scope.stop();
		if (this.calls > 0) {
			log();
		}
	}

	private void tell(Observation observation) {
		this.scope.scope()
			.attribution()
			.tags()
			.forEach((key, value) -> observation.highCardinalityKeyValue(CallerObservation.Key.TAG.asString() + key,
					value));
		if (this.calls > this.unreportedCalls) {
			observation
				.highCardinalityKeyValue(CallerObservation.Key.INPUT_TOKENS.withValue(String.valueOf(this.input)))
				.highCardinalityKeyValue(CallerObservation.Key.OUTPUT_TOKENS.withValue(String.valueOf(this.output)));
		}
		if (this.unpricedCalls == 0 && this.cost.size() == 1) {
			this.cost.forEach((currency, amount) -> observation
				.highCardinalityKeyValue(CallerObservation.Key.COST.withValue(amount.toPlainString()))
				.highCardinalityKeyValue(CallerObservation.Key.CURRENCY.withValue(currency)));
		}
	}

	private void log() {
		if (!this.method.isLogged()) {
			return;
		}
		StringBuilder text = new StringBuilder(this.method.feature());
		text.append(": ")
			.append(String.join(", ", this.models))
			.append(" input=")
			.append(this.input)
			.append(" output=")
			.append(this.output)
			.append(" total=")
			.append(this.input + this.output)
			.append(" calls=")
			.append(this.calls);
		if (this.unreportedCalls > 0) {
			text.append(" unreported=").append(this.unreportedCalls);
		}
		this.cost.forEach((currency,
				amount) -> text.append(" cost=").append(amount.toPlainString()).append(' ').append(currency));
		try {
			logger.info(text);
		}
		catch (Throwable ex) {
			faults.log("The tokens of a tracked method could not be logged", ex);
		}
	}

}
