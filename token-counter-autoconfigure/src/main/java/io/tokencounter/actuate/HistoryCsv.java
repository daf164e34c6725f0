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

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenDimension;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenLedger;
import org.jspecify.annotations.Nullable;

/**
 * History as CSV of RFC 4180.
 */
final class HistoryCsv {

	private HistoryCsv() {
	}

	static String write(HistoryRequest request, List<TokenHistory> history) {
		TreeSet<String> currencies = new TreeSet<>();
		history.forEach((sum) -> currencies.addAll(sum.cost().keySet()));
		List<String> head = new ArrayList<>(List.of("from"));
		request.query().by().stream().map(TokenDimension::name).forEach(head::add);
		head.addAll(List.of("requests", "total_tokens", "input_tokens", "output_tokens", "cache_read_tokens",
				"cache_write_tokens", "reasoning_tokens", "unreported_requests", "unpriced_requests"));
		currencies.forEach((currency) -> head.add("cost_" + currency));
		return write(head, history.stream().map((sum) -> row(sum, currencies)));
	}

	private static List<Object> row(TokenHistory sum, Collection<String> currencies) {
		List<Object> row = new ArrayList<>();
		row.add(sum.from());
		row.addAll(sum.values().values());
		row.addAll(List.of(sum.calls(), sum.total(), sum.input(), sum.output(), sum.cacheRead(), sum.cacheWrite(),
				sum.reasoning(), sum.unreportedCalls(), sum.unpricedCalls()));
		currencies.forEach((currency) -> row.add(plain(sum.cost().get(currency))));
		return row;
	}

	static String write(TokenLedger.Page page) {
		TreeSet<String> tags = new TreeSet<>();
		page.calls().forEach((call) -> tags.addAll(call.tags().keySet()));
		List<String> head = new ArrayList<>(List.of("timestamp", "id", "operation", "provider", "model", "feature",
				"outcome", "streaming", "duration_ms", "reported", "total_tokens", "input_tokens", "output_tokens",
				"cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost", "currency"));
		tags.forEach((tag) -> head.add("tag:" + tag));
		return write(head, page.calls().stream().map((call) -> row(call, tags)));
	}

	private static List<Object> row(TokenCall call, Collection<String> tags) {
		List<Object> row = new ArrayList<>(List.of(call.startedAt(), call.id(), call.operation(), call.provider(),
				call.model(), call.feature(), call.outcome().value(), call.streaming(), call.duration().toMillis(),
				call.usage().reported(), call.usage().total(), call.usage().input(), call.usage().output(),
				call.usage().cacheRead(), call.usage().cacheWrite(), call.usage().reasoning()));
		row.add((call.cost() != null) ? plain(call.cost().amount()) : "");
		row.add((call.cost() != null) ? call.cost().currency() : "");
		Map<String, String> values = call.tags();
		tags.forEach((tag) -> row.add(values.getOrDefault(tag, "")));
		return row;
	}

	private static String plain(@Nullable BigDecimal amount) {
		return (amount != null) ? amount.toPlainString() : "";
	}

	private static String write(List<String> head, Stream<List<Object>> rows) {
		return Stream.concat(Stream.of(head), rows)
			.map((row) -> row.stream().map(HistoryCsv::cell).collect(Collectors.joining(",", "", "\r\n")))
			.collect(Collectors.joining());
	}

	private static String cell(Object value) {
		String text = value.toString();
		if (value instanceof String && !text.isEmpty() && "=+-@".indexOf(text.charAt(0)) >= 0) {
			// Or a spreadsheet would take a name for a formula
			text = "'" + text;
		}
		boolean plain = text.chars().noneMatch((character) -> character == ',' || character == '"' || character < ' ');
		return plain ? text : "\"" + text.replace("\"", "\"\"") + "\"";
	}

}
