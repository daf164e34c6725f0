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

package io.tokencounter.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenLedger;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * History as JSON, with the names that the endpoint {@code tokens} has.
 */
final class HistoryJson {

	private HistoryJson() {
	}

	static Map<String, Object> write(HistoryRequest request, List<TokenHistory> history) {
		TokenHistoryQuery query = request.query();
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("from", query.from().toString());
		json.put("to", query.to().toString());
		json.put("zone", query.zone().getId());
		if (query.every() != null) {
			json.put("every", query.every().name().toLowerCase(Locale.ROOT));
		}
		json.put("sums", history.stream().map(HistoryJson::write).toList());
		return OperationResponseBody.of(json);
	}

	private static Map<String, Object> write(TokenHistory sum) {
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("from", sum.from().toString());
		json.putAll(sum.values());
		json.put("requests", sum.calls());
		json.put("total_tokens", sum.total());
		json.put("input_tokens", sum.input());
		json.put("output_tokens", sum.output());
		json.put("cache_read_tokens", sum.cacheRead());
		json.put("cache_write_tokens", sum.cacheWrite());
		json.put("reasoning_tokens", sum.reasoning());
		json.put("unreported_requests", sum.unreportedCalls());
		json.put("unpriced_requests", sum.unpricedCalls());
		json.put("cost", sum.cost());
		return json;
	}

	static Map<String, Object> write(TokenLedger.Page page) {
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("requests", page.calls().stream().map(HistoryJson::write).toList());
		if (page.next() != null) {
			json.put("next", page.next());
		}
		return OperationResponseBody.of(json);
	}

	private static Map<String, Object> write(TokenCall call) {
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("id", call.id().toString());
		json.put("operation", call.operation());
		json.put("provider", call.provider());
		json.put("model", call.model());
		json.put("input_tokens", call.usage().input());
		json.put("output_tokens", call.usage().output());
		json.put("total_tokens", call.usage().total());
		json.put("timestamp", call.startedAt().toString());
		json.put("reported", call.usage().reported());
		json.put("cache_read_tokens", call.usage().cacheRead());
		json.put("cache_write_tokens", call.usage().cacheWrite());
		json.put("reasoning_tokens", call.usage().reasoning());
		json.put("outcome", call.outcome().value());
		json.put("streaming", call.streaming());
		json.put("duration_ms", call.duration().toMillis());
		if (call.timeToFirstToken() != null) {
			json.put("time_to_first_token_ms", call.timeToFirstToken().toMillis());
		}
		json.put("feature", call.feature());
		json.put("tags", call.tags());
		if (call.cost() != null) {
			json.put("cost", Map.of(call.cost().currency(), call.cost().amount()));
		}
		return json;
	}

}
