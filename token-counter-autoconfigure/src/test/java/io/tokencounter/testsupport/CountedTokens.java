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

package io.tokencounter.testsupport;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.LongBinaryOperator;
import java.util.function.UnaryOperator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Tokens and calls as the meters have them, or as they should have them by the bills.
 *
 * @param input the sum of {@code llm.tokens} of type {@code input}
 * @param output the sum of {@code llm.tokens} of type {@code output}
 * @param cacheRead the sum of {@code llm.tokens.cache.read}
 * @param cacheWrite the sum of {@code llm.tokens.cache.write}
 * @param reasoning the sum of {@code llm.tokens.reasoning}
 * @param calls {@code llm.calls} by {@code outcome/usage}, without those that are zero
 */
public record CountedTokens(long input, long output, long cacheRead, long cacheWrite, long reasoning,
		Map<String, Long> calls) {

	/**
	 * Nothing at all.
	 */
	public static final CountedTokens NONE = new CountedTokens(0, 0, 0, 0, 0, Map.of());

	private static final String MODEL = "gen_ai.response.model";

	/**
	 * Create sums.
	 */
	public CountedTokens {
		calls = new TreeMap<>(calls);
		calls.values().removeIf((count) -> count == 0);
	}

	/**
	 * Read all meters.
	 * @param registry the registry with the meters
	 * @return sums by the name of the model
	 */
	public static Map<String, CountedTokens> counted(MeterRegistry registry) {
		Map<String, CountedTokens> byModel = new TreeMap<>();
		add(byModel, registry, "llm.tokens", (counter, count) -> {
			boolean input = "input".equals(counter.getId().getTag("gen_ai.token.type"));
			return input ? tokens(count, 0, 0, 0, 0) : tokens(0, count, 0, 0, 0);
		});
		add(byModel, registry, "llm.tokens.cache.read", (counter, count) -> tokens(0, 0, count, 0, 0));
		add(byModel, registry, "llm.tokens.cache.write", (counter, count) -> tokens(0, 0, 0, count, 0));
		add(byModel, registry, "llm.tokens.reasoning", (counter, count) -> tokens(0, 0, 0, 0, count));
		add(byModel, registry, "llm.calls", (counter,
				count) -> calls(counter.getId().getTag("outcome") + "/" + counter.getId().getTag("usage"), count));
		return byModel;
	}

	/**
	 * Return what the meters should have.
	 * @param bills the bills
	 * @param seeing what can be seen of each bill
	 * @return sums by the name of the model
	 */
	public static Map<String, CountedTokens> billed(Collection<Bill> bills, Seeing seeing) {
		Map<String, CountedTokens> byModel = new TreeMap<>();
		for (Bill bill : bills) {
			byModel.merge(bill.model(), seeing.see(bill), CountedTokens::plus);
		}
		return byModel;
	}

	/**
	 * Return what was added between two readings.
	 * @param before the first reading
	 * @param after the second reading
	 * @return the differences that are not nothing
	 */
	public static Map<String, CountedTokens> added(Map<String, CountedTokens> before,
			Map<String, CountedTokens> after) {
		Map<String, CountedTokens> added = new TreeMap<>();
		after.forEach((model, tokens) -> {
			CountedTokens difference = tokens.combine(before.getOrDefault(model, NONE), (a, b) -> a - b);
			if (!difference.equals(NONE)) {
				added.put(model, difference);
			}
		});
		return added;
	}

	/**
	 * Return the same sums by other names.
	 * @param byModel sums by the name of the model
	 * @param naming the other name of each model
	 * @return sums by the other names
	 */
	public static Map<String, CountedTokens> renamed(Map<String, CountedTokens> byModel, UnaryOperator<String> naming) {
		Map<String, CountedTokens> renamed = new TreeMap<>();
		byModel.forEach((model, tokens) -> renamed.merge(naming.apply(model), tokens, CountedTokens::plus));
		return renamed;
	}

	private CountedTokens plus(CountedTokens other) {
		return combine(other, Long::sum);
	}

	private CountedTokens combine(CountedTokens other, LongBinaryOperator operator) {
		Map<String, Long> calls = new TreeMap<>();
		this.calls.forEach((key, count) -> calls.put(key, operator.applyAsLong(count, 0)));
		other.calls
			.forEach((key, count) -> calls.put(key, operator.applyAsLong(this.calls.getOrDefault(key, 0L), count)));
		return new CountedTokens(operator.applyAsLong(this.input, other.input),
				operator.applyAsLong(this.output, other.output), operator.applyAsLong(this.cacheRead, other.cacheRead),
				operator.applyAsLong(this.cacheWrite, other.cacheWrite),
				operator.applyAsLong(this.reasoning, other.reasoning), calls);
	}

	private static void add(Map<String, CountedTokens> byModel, MeterRegistry registry, String meter,
			BiFunction<Counter, Long, CountedTokens> reading) {
		for (Counter counter : registry.find(meter).counters()) {
			byModel.merge(String.valueOf(counter.getId().getTag(MODEL)),
					reading.apply(counter, Math.round(counter.count())), CountedTokens::plus);
		}
	}

	private static CountedTokens tokens(long input, long output, long cacheRead, long cacheWrite, long reasoning) {
		return new CountedTokens(input, output, cacheRead, cacheWrite, reasoning, Map.of());
	}

	private static CountedTokens calls(String outcomeAndUsage, long count) {
		return new CountedTokens(0, 0, 0, 0, 0, Map.of(outcomeAndUsage, count));
	}

	/**
	 * How much of a bill can be seen where a call is counted.
	 */
	public enum Seeing {

		/**
		 * Everything that the provider told.
		 */
		ALL {

			@Override
			CountedTokens seeAnswered(Bill bill) {
				return new CountedTokens(bill.input(), bill.output(), bill.cacheRead(), bill.cacheWrite(),
						bill.reasoning(), Map.of("success/reported", 1L));
			}

		},

		/**
		 * What Spring AI's aggregate leaves of a stream: the parts are lost, and with
		 * them the part of Anthropic's input that its {@code input_tokens} leave out.
		 */
		AGGREGATE {

			@Override
			CountedTokens seeAnswered(Bill bill) {
				if (!bill.streaming()) {
					return ALL.seeAnswered(bill);
				}
				long unseen = bill.provider().equals("anthropic") ? bill.cacheRead() + bill.cacheWrite() : 0;
				return new CountedTokens(bill.input() - unseen, bill.output(), 0, 0, 0, Map.of("success/reported", 1L));
			}

		},

		/**
		 * That there was an answer.
		 */
		NO_USAGE {

			@Override
			CountedTokens seeAnswered(Bill bill) {
				return calls("success/unreported", 1);
			}

		},

		/**
		 * That there was an answer, to which nobody listened to its end, and what its
		 * start told.
		 */
		CANCELLED {

			@Override
			CountedTokens see(Bill bill) {
				return seeStart(bill, "cancelled");
			}

			@Override
			CountedTokens seeAnswered(Bill bill) {
				return see(bill);
			}

		};

		CountedTokens see(Bill bill) {
			return switch (bill.ending()) {
				case ANSWERED -> bill.reported() ? seeAnswered(bill) : NO_USAGE.seeAnswered(bill);
				case FAILED -> seeStart(bill, "error");
				case INTERRUPTED -> calls("cancelled/unreported", 1);
			};
		}

		/**
		 * Anthropic's streams tell the input at their start, and that there is some
		 * output.
		 */
		private static CountedTokens seeStart(Bill bill, String outcome) {
			if (!bill.provider().equals("anthropic") || bill.input() == 0) {
				return calls(outcome + "/unreported", 1);
			}
			return new CountedTokens(bill.input(), 1, bill.cacheRead(), bill.cacheWrite(), 0,
					Map.of(outcome + "/reported", 1L));
		}

		abstract CountedTokens seeAnswered(Bill bill);

	}

}
