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

package io.tokencounter.summary;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Sums of money by currency. There is one in most applications, which is not looked up.
 */
final class SpentMoney {

	private @Nullable String currency;

	private BigDecimal amount = BigDecimal.ZERO;

	private Map<String, BigDecimal> others = Map.of();

	void add(String currency, BigDecimal amount) {
		if (this.currency == null) {
			this.currency = currency;
		}
		if (currency.equals(this.currency)) {
			this.amount = this.amount.add(amount);
			return;
		}
		if (this.others.isEmpty()) {
			this.others = new HashMap<>();
		}
		this.others.merge(currency, amount, BigDecimal::add);
	}

	void add(SpentMoney money) {
		if (money.currency != null) {
			add(money.currency, money.amount);
			money.others.forEach(this::add);
		}
	}

	/**
	 * Return the sums, in the order of the currencies. What is free of charge is so in
	 * any currency, and no sum beside other money.
	 */
	Map<String, BigDecimal> toMap() {
		Map<String, BigDecimal> sums = new TreeMap<>(this.others);
		if (this.currency != null) {
			sums.put(this.currency, this.amount);
		}
		if (sums.values().stream().anyMatch((amount) -> amount.signum() != 0)) {
			sums.values().removeIf((amount) -> amount.signum() == 0);
		}
		return Collections.unmodifiableMap(sums);
	}

}
