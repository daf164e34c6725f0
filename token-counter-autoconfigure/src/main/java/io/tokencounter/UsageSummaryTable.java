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

package io.tokencounter;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.tokencounter.UsageSummary.Totals;

/**
 * Table of a summary, for people.
 */
final class UsageSummaryTable {

	private static final int SHOWN_CALLS = 10;

	private static final MathContext SHOWN_DIGITS = new MathContext(6);

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

	private UsageSummaryTable() {
	}

	static String write(UsageSummary summary) {
		StringBuilder text = new StringBuilder();
		text.append("Token usage");
		if (summary.name() != null) {
			text.append(" of ").append(summary.name());
		}
		text.append(" since ").append(TIME.format(summary.since())).append(" UTC\n");
		Totals totals = summary.totals();
		text.append(format("%,d calls (%,d failed, %,d cancelled, %,d without usage, %,d without price)\n",
				totals.calls(), totals.failedCalls(), totals.cancelledCalls(), totals.unreportedSuccesses(),
				totals.unpricedCalls()));
		text.append(format("%,d tokens, %s, %.1f output tokens a second\n", totals.total(), averages(summary),
				totals.outputTokensPerSecond()));
		List<String[]> rows = new ArrayList<>();
		rows.add(header("model"));
		summary.models().forEach((model) -> rows.add(row(model.label(), model.totals())));
		rows.add(row("total", totals));
		write(text, rows);
		rows.clear();
		rows.add(header("feature"));
		summary.features().forEach((feature) -> rows.add(row(feature.feature(), feature.totals())));
		write(text, rows);
		rows.clear();
		summary.tags().forEach((tag, values) -> {
			rows.add(header(tag));
			values.forEach((value) -> rows.add(row(value.value(), value.totals())));
			write(text, rows);
			rows.clear();
		});
		rows.add(new String[] { "recent call", "input", "output", "total", "outcome", "model" });
		List<TokenCall> calls = summary.recentCalls();
		calls.subList(Math.max(0, calls.size() - SHOWN_CALLS), calls.size()).forEach((call) -> rows.add(row(call)));
		write(text, rows);
		return text.toString();
	}

	private static String averages(UsageSummary summary) {
		Map<String, Double> averages = summary.averageTokensPerCall();
		if (averages.size() < 2) {
			return format("%.1f a call", summary.totals().averageTokensPerCall());
		}
		List<String> texts = new ArrayList<>();
		averages.forEach((operation, average) -> texts.add(format("%.1f a call of %s", average, operation)));
		return String.join(", ", texts);
	}

	private static String[] header(String name) {
		return new String[] { name, "calls", "input", "output", "total", "cache read", "cache write", "cost" };
	}

	private static String[] row(String name, Totals totals) {
		return new String[] { name, number(totals.calls()), number(totals.input()), number(totals.output()),
				number(totals.total()), number(totals.cacheRead()), number(totals.cacheWrite()), cost(totals.cost()) };
	}

	private static String[] row(TokenCall call) {
		TokenUsage usage = call.usage();
		return new String[] { TIME.format(call.startedAt()), number(usage, usage.input()),
				number(usage, usage.output()), number(usage, usage.total()), call.outcome().value(), call.model() };
	}

	private static String number(TokenUsage usage, long number) {
		return usage.reported() ? number(number) : "?";
	}

	private static String number(long number) {
		return format("%,d", number);
	}

	private static String format(String format, Object... values) {
		return String.format(Locale.ROOT, format, values);
	}

	private static String cost(Map<String, BigDecimal> cost) {
		List<String> amounts = new ArrayList<>();
		cost.forEach((currency, amount) -> amounts
			.add(amount.round(SHOWN_DIGITS).stripTrailingZeros().toPlainString() + " " + currency));
		return amounts.isEmpty() ? "-" : String.join(" + ", amounts);
	}

	private static void write(StringBuilder text, List<String[]> rows) {
		if (rows.size() == 1) {
			return;
		}
		int columns = rows.get(0).length;
		int[] widths = new int[columns];
		for (String[] row : rows) {
			for (int i = 0; i < columns; i++) {
				widths[i] = Math.max(widths[i], row[i].length());
			}
		}
		text.append('\n');
		for (String[] row : rows) {
			StringBuilder line = new StringBuilder();
			for (int i = 0; i < columns; i++) {
				String padding = " ".repeat(widths[i] - row[i].length());
				boolean number = i > 0 && i < columns - 1;
				line.append((i > 0) ? "  " : "").append(number ? padding + row[i] : row[i] + padding);
			}
			text.append(line.toString().stripTrailing()).append('\n');
		}
	}

}
