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

import java.util.Map;
import java.util.TreeMap;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.BillingLedger;

/**
 * Calls and tokens of one tenant's feature.
 *
 * @param calls the number of calls
 * @param input the input tokens
 * @param output the output tokens
 */
record AttributedTokens(long calls, long input, long output) {

	/**
	 * Return what was billed. Requests tell in the name of their model whom they should
	 * belong to.
	 */
	static Map<String, AttributedTokens> billed(BillingLedger ledger) {
		Map<String, AttributedTokens> billed = new TreeMap<>();
		for (Bill bill : ledger.bills()) {
			boolean answered = bill.ending() == Bill.Ending.ANSWERED;
			add(billed, bill.requestModel(),
					new AttributedTokens(1, answered ? bill.input() : 0, answered ? bill.output() : 0));
		}
		return billed;
	}

	/**
	 * Return what the meters say.
	 */
	static Map<String, AttributedTokens> counted(MeterRegistry registry) {
		Map<String, AttributedTokens> counted = new TreeMap<>();
		for (Counter counter : registry.find("llm.calls").counters()) {
			add(counted, key(counter), new AttributedTokens((long) counter.count(), 0, 0));
		}
		for (Counter counter : registry.find("llm.tokens").tag("gen_ai.token.type", "input").counters()) {
			add(counted, key(counter), new AttributedTokens(0, (long) counter.count(), 0));
		}
		for (Counter counter : registry.find("llm.tokens").tag("gen_ai.token.type", "output").counters()) {
			add(counted, key(counter), new AttributedTokens(0, 0, (long) counter.count()));
		}
		return counted;
	}

	private static String key(Counter counter) {
		return counter.getId().getTag("tenant") + "." + counter.getId().getTag("feature");
	}

	private static void add(Map<String, AttributedTokens> all, String key, AttributedTokens tokens) {
		all.merge(key, tokens, AttributedTokens::plus);
	}

	private AttributedTokens plus(AttributedTokens other) {
		return new AttributedTokens(this.calls + other.calls, this.input + other.input, this.output + other.output);
	}

}
