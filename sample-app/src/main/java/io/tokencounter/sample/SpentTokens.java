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

package io.tokencounter.sample;

import java.math.BigDecimal;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenSession;
import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The {@code token_usage} of an answer.
 *
 * @param promptTokens all input tokens
 * @param completionTokens all output tokens
 * @param totalTokens the sum of both
 * @param model the model that answered; of a failed call the one that was asked
 * @param cost the money spent, {@code null} if it is not known
 * @param currency the ISO 4217 code of the cost's currency
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record SpentTokens(long promptTokens, long completionTokens, long totalTokens, String model, @Nullable BigDecimal cost,
		@Nullable String currency) {

	/**
	 * Return what the last call of a session spent. Tokens that the provider did not tell
	 * are zero.
	 * @param session the session of an answer
	 * @param provider the provider that was to be asked
	 * @return the tokens
	 */
	static SpentTokens of(TokenSession session, ChatProvider provider) {
		TokenCall call = session.lastCall();
		if (call == null) {
			return none(provider.model());
		}
		TokenUsage usage = call.usage();
		TokenCost cost = call.cost();
		return new SpentTokens(usage.input(), usage.output(), usage.total(), call.model(),
				(cost != null) ? cost.amount() : null, (cost != null) ? cost.currency() : null);
	}

	/**
	 * Return no tokens, for an answer that is of no use. What was billed for it is in the
	 * meters.
	 * @param session the session of the answer
	 * @param provider the provider that was to be asked
	 * @return zeros and the model's name
	 */
	static SpentTokens none(TokenSession session, ChatProvider provider) {
		TokenCall call = session.lastCall();
		return none((call != null) ? call.model() : provider.model());
	}

	private static SpentTokens none(String model) {
		return new SpentTokens(0, 0, 0, model, null, null);
	}

}
