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

package io.tokencounter.ledger;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;

/**
 * Calls to write to a ledger.
 */
public final class LedgerCalls {

	private LedgerCalls() {
	}

	/**
	 * Return a call with something in every place.
	 */
	public static TokenCall full() {
		return TokenCall.builder("chat", "openai")
			.requestModel("gpt-4o-mini")
			.responseModel("gpt-4o-mini-2024-07-18")
			.responseId("chatcmpl-1")
			.usage(new TokenUsage(100, 20, 40, 10, 5, true))
			.cost(new TokenCost(new BigDecimal("0.000017"), "USD"))
			.outcome(CallOutcome.CANCELLED)
			.streaming(true)
			.startedAt(Instant.parse("2026-11-23T12:34:56.789123Z"))
			.duration(Duration.ofMillis(700))
			.timeToFirstToken(Duration.ofMillis(200))
			.generationTime(Duration.ofMillis(500))
			.feature("Lebensl\u00e4ufe \ud83d\ude00 'quoted\"")
			.tags(Map.of("tenant", "a\"c%m_e\\", "user", "o'neill"))
			.modelBean("openAiChatModel")
			.build();
	}

	/**
	 * Return a call of which nothing is known.
	 */
	public static TokenCall empty() {
		return TokenCall.builder("embeddings", TokenCall.UNKNOWN)
			.startedAt(Instant.parse("2026-11-23T12:00:00Z"))
			.outcome(CallOutcome.ERROR)
			.build();
	}

	public static TokenCall of(String feature) {
		return of(feature, Instant.parse("2026-11-23T12:00:00Z"));
	}

	public static TokenCall of(String feature, Instant startedAt) {
		return TokenCall.builder("chat", "openai")
			.responseModel("gpt-4o-mini")
			.usage(TokenUsage.of(10, 2))
			.cost(new TokenCost(new BigDecimal("0.5"), "USD"))
			.feature(feature)
			.startedAt(startedAt)
			.build();
	}

	public static List<LedgerRow> rows(TokenCall... calls) {
		List<LedgerRow> rows = new ArrayList<>();
		for (TokenCall call : calls) {
			rows.add(new LedgerRow(call, "shop", "host:1"));
		}
		return rows;
	}

	public static List<UUID> ids(Collection<LedgerRow> rows) {
		return rows.stream().map((row) -> row.call().id()).toList();
	}

}
