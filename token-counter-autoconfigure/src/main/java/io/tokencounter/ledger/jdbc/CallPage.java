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

package io.tokencounter.ledger.jdbc;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallQuery;
import io.tokencounter.TokenCallQuery.Order;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenLedger;
import org.jspecify.annotations.Nullable;

/**
 * A page of calls, which begins after the last call of the one before. Its text is that
 * call's place in the order, so that pages stay the same while calls come in.
 *
 * @param query the query
 * @param after the time or cost of the last call before, {@code null} at the start
 * @param id the id of the last call before, {@code null} at the start
 */
record CallPage(TokenCallQuery query, @Nullable String after, @Nullable UUID id) {

	static CallPage of(TokenCallQuery query) {
		String page = query.page();
		if (page == null) {
			return new CallPage(query, null, null);
		}
		try {
			String[] parts = new String(Base64.getUrlDecoder().decode(page), StandardCharsets.UTF_8).split("_");
			if (parts.length == 3 && parts[0].equals(query.order().name())) {
				CallPage result = new CallPage(query, parts[1], UUID.fromString(parts[2]));
				result.place();
				return result;
			}
		}
		catch (RuntimeException ex) {
			// It is not one of ours
		}
		throw new IllegalArgumentException("'%s' is no page of this query".formatted(page));
	}

	private @Nullable Object place() {
		if (this.after == null) {
			return null;
		}
		return isLatest() ? CallColumns.timestamp(Instant.EPOCH.plus(Long.parseLong(this.after), ChronoUnit.MICROS))
				: new BigDecimal(this.after);
	}

	String condition(List<Object> parameters) {
		String priced = isLatest() ? "" : " AND c.cost IS NOT NULL";
		Object place = place();
		if (place == null || this.id == null) {
			return priced;
		}
		parameters.add(place);
		parameters.add(this.id);
		return priced + " AND (%s, c.id) < (?, ?)".formatted(column());
	}

	String order() {
		return " ORDER BY %s DESC, c.id DESC".formatted(column());
	}

	private String column() {
		return isLatest() ? "c.started_at" : "c.cost";
	}

	private boolean isLatest() {
		return this.query.order() == Order.LATEST;
	}

	/**
	 * Return the page.
	 * @param calls its calls, and one more if there is another page
	 */
	TokenLedger.Page toPage(List<TokenCall> calls) {
		if (calls.size() <= this.query.size()) {
			return new TokenLedger.Page(calls, null);
		}
		List<TokenCall> page = List.copyOf(calls.subList(0, this.query.size()));
		TokenCall last = page.get(page.size() - 1);
		TokenCost cost = last.cost();
		String place = (isLatest() || cost == null)
				? Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, last.startedAt()))
				: cost.amount().toPlainString();
		String text = String.join("_", this.query.order().name(), place, last.id().toString());
		return new TokenLedger.Page(page,
				Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
	}

}
