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

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.SeenCall;
import org.jspecify.annotations.Nullable;

/**
 * What a call that ended is to be charged with.
 *
 * @param kind how sure it is
 * @param input the tokens of the input
 * @param output the tokens of the output
 * @param cost the money that is known to be spent, {@code null} if it is to be estimated
 */
record CallEnding(Kind kind, long input, long output, @Nullable TokenCost cost) {

	private static final CallEnding NOTHING = new CallEnding(Kind.NOTHING, 0, 0, null);

	/**
	 * How sure the charge is.
	 */
	enum Kind {

		/**
		 * The provider did no work.
		 */
		NOTHING,

		/**
		 * The provider told the usage.
		 */
		ACTUAL,

		/**
		 * The provider did some work, and did not tell all of it. Some bill in full
		 * whatever was received.
		 */
		ESTIMATE

	}

	static CallEnding of(TokenCall call, SeenCall seen, CallEstimate estimate, CallEstimator estimator) {
		if (call.outcome() == CallOutcome.REJECTED) {
			return NOTHING;
		}
		TokenUsage usage = call.usage();
		boolean success = call.outcome() == CallOutcome.SUCCESS;
		if (!usage.reported()) {
			return unreported(seen, success, estimate, estimator);
		}
		// What a stream tells at its beginning is not all of it
		long streamed = success ? 0 : estimator.tokensOf(seen);
		return (streamed > usage.output()) ? new CallEnding(Kind.ESTIMATE, usage.input(), streamed, null)
				: new CallEnding(Kind.ACTUAL, usage.input(), usage.output(), call.cost());
	}

	private static CallEnding unreported(SeenCall seen, boolean success, CallEstimate estimate,
			CallEstimator estimator) {
		if (!success && seen.tokenChunks() == 0 && ProviderRefusals.isRefused(seen.error())) {
			return NOTHING;
		}
		boolean streamed = seen.request().streaming() && (!success || seen.tokenChunks() > 0);
		long output = streamed ? estimator.tokensOf(seen) : estimate.likelyOutput();
		return new CallEnding(Kind.ESTIMATE, estimate.input(), output, null);
	}

	/**
	 * Return what a budget is charged with. Where the cost cannot be told, that is what
	 * the tokens cost at most.
	 */
	Amounts amounts(CallEstimate estimate, String currency) {
		if (this.cost != null && this.cost.currency().equals(currency)) {
			return new Amounts(Amounts.nanos(this.cost.amount()), this.input + this.output, 1);
		}
		return estimate.amounts(this.input, this.output, currency);
	}

}
