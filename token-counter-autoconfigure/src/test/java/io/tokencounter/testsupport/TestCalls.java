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

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.CallReader;
import io.tokencounter.call.CallReading;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;

/**
 * Calls, and readers of calls, for tests that need no provider.
 */
public final class TestCalls {

	private TestCalls() {
	}

	public static TokenCall of(String operation, String provider, @Nullable String requestModel,
			@Nullable String responseModel, TokenUsage usage, @Nullable TokenCost cost, CallOutcome outcome,
			boolean streaming, Instant startedAt, Duration duration, @Nullable Duration timeToFirstToken,
			@Nullable Duration generationTime, String feature, Map<String, String> tags, @Nullable String modelBean) {
		return TokenCall.builder(operation, provider)
			.requestModel(requestModel)
			.responseModel(responseModel)
			.usage(usage)
			.cost(cost)
			.outcome(outcome)
			.streaming(streaming)
			.startedAt(startedAt)
			.duration(duration)
			.timeToFirstToken(timeToFirstToken)
			.generationTime(generationTime)
			.feature(feature)
			.tags(tags)
			.modelBean(modelBean)
			.build();
	}

	/**
	 * Return a builder with all that is known of a call.
	 */
	public static TokenCall.Builder copyOf(TokenCall call) {
		return TokenCall.builder(call.operation(), call.provider())
			.id(call.id())
			.requestModel(call.requestModel())
			.responseModel(call.responseModel())
			.responseId(call.responseId())
			.usage(call.usage())
			.cost(call.cost())
			.outcome(call.outcome())
			.streaming(call.streaming())
			.startedAt(call.startedAt())
			.duration(call.duration())
			.timeToFirstToken(call.timeToFirstToken())
			.generationTime(call.generationTime())
			.feature(call.feature())
			.tags(call.tags())
			.modelBean(call.modelBean());
	}

	/**
	 * Return a reader that takes providers and models by the names that they have.
	 */
	public static CallReader reader(Function<Usage, @Nullable TokenUsage> usageReader) {
		return (call) -> {
			TokenUsage usage = (call.usage() != null) ? usageReader.apply(call.usage()) : null;
			String provider = call.request().provider();
			return new CallReading((provider != null) ? provider : TokenCall.UNKNOWN, call.responseModel(),
					(usage != null) ? usage : TokenUsage.unreported(), BillingDetails.PLAIN);
		};
	}

}
