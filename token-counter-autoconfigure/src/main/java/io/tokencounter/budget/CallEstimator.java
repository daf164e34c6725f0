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

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.tokenizer.TokenCountEstimator;

/**
 * Estimates what calls need, and learns from what they needed.
 *
 * @since 0.1.0
 */
public final class CallEstimator {

	private static final int MAX_KINDS = 1_000;

	private static final long UNKNOWN_OUTPUT = 1_000;

	private static final long UNKNOWN_LIKELY_OUTPUT = 500;

	private static final double ENOUGH_UNITS = 20;

	private static final double MAX_RATIO = 10;

	private final CallPricing pricing;

	private final @Nullable TokenCountEstimator tokenCountEstimator;

	// Actual tokens of the input for each estimated one, by the model
	private final Map<String, Learned> ratios = new ConcurrentHashMap<>();

	// By the model
	private final Map<String, Learned> tokensOfChunks = new ConcurrentHashMap<>();

	// By model and feature
	private final Map<Kind, Learned> outputs = new ConcurrentHashMap<>();

	/**
	 * Create an estimator.
	 * @param pricing tells the dearest rates of models
	 * @param tokenCountEstimator counts the tokens of a text, {@code null} to estimate
	 * them by its characters
	 */
	public CallEstimator(CallPricing pricing, @Nullable TokenCountEstimator tokenCountEstimator) {
		this.pricing = pricing;
		this.tokenCountEstimator = tokenCountEstimator;
	}

	CallEstimate estimate(CallRequest request, CallReading asked) {
		String model = modelOf(request);
		InputSize size = InputSize.of(request.input(), request.options(), this.tokenCountEstimator);
		long input = Math.round(Math.ceil(size.tokens() * known(this.ratios, model).average(1)));
		Learned output = known(this.outputs, new Kind(model, request.attribution().feature()));
		long maxOutput = hasOutput(request) ? maxOutput(request, output) : 0;
		long likely = Math.min(maxOutput, Math.round(output.average(UNKNOWN_LIKELY_OUTPUT)));
		return new CallEstimate(size.tokens(), size.plainText(), input, maxOutput, likely,
				(request.model() != null) ? this.pricing.dearestRates(model, asked, input, request.startedAt()) : null);
	}

	private static long maxOutput(CallRequest request, Learned output) {
		long max = MaxOutput.of(request.options(), request.defaultOptions());
		return (max > 0) ? max : output.percentile(UNKNOWN_OUTPUT);
	}

	private static boolean hasOutput(CallRequest request) {
		return !request.operation().startsWith("embedding");
	}

	/**
	 * Return how many tokens so many chunks of a stream are likely to have had.
	 */
	long tokensOf(SeenCall seen) {
		double each = known(this.tokensOfChunks, modelOf(seen.request())).average(1);
		return Math.round(Math.ceil(seen.tokenChunks() * each));
	}

	void learn(CallEstimate estimate, SeenCall seen, TokenUsage usage) {
		CallRequest request = seen.request();
		String model = modelOf(request);
		if (estimate.plainText() && estimate.units() >= ENOUGH_UNITS && usage.input() > 0) {
			of(this.ratios, model).learn(Math.min(MAX_RATIO, usage.input() / estimate.units()));
		}
		if (hasOutput(request) && usage.output() > 0) {
			of(this.outputs, new Kind(model, request.attribution().feature())).learnDistribution(usage.output());
		}
		if (seen.tokenChunks() > 1) {
			of(this.tokensOfChunks, model).learn((double) usage.output() / seen.tokenChunks());
		}
	}

	private static String modelOf(CallRequest request) {
		return (request.model() != null) ? request.model() : TokenCall.UNKNOWN;
	}

	private static <K> Learned known(Map<K, Learned> learned, K kind) {
		Learned known = learned.get(kind);
		return (known != null) ? known : Nothing.LEARNED;
	}

	/**
	 * Names come from users, so there may be any number of them. What is forgotten is
	 * learned anew.
	 */
	private static <K> Learned of(Map<K, Learned> learned, K kind) {
		Learned known = learned.get(kind);
		if (known == null) {
			if (learned.size() >= MAX_KINDS) {
				learned.clear();
			}
			known = learned.computeIfAbsent(kind, (key) -> new Learned());
		}
		return known;
	}

	private record Kind(String model, String feature) {

	}

	private static final class Nothing {

		static final Learned LEARNED = new Learned();

	}

}
