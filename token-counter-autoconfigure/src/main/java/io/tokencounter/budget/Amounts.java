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

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Amounts of all units. As limits, {@link #UNLIMITED} means that there is none.
 *
 * @param cost money in nanos (1e-9) of the budget's currency
 * @param tokens tokens
 * @param calls calls
 * @since 0.1.0
 */
public record Amounts(long cost, long tokens, long calls) {

	/**
	 * Nothing.
	 */
	public static final Amounts NONE = new Amounts(0, 0, 0);

	/**
	 * As a limit: there is none.
	 */
	public static final long UNLIMITED = -1;

	/**
	 * The largest amount and limit: what a double, and so Redis's Lua, counts exactly.
	 */
	public static final long MAX = (1L << 53) - 1;

	private static final BigDecimal MAX_DECIMAL = BigDecimal.valueOf(MAX);

	private static final int NANOS = 9;

	/**
	 * Return the amount of a unit.
	 * @param unit the unit
	 * @return the amount
	 */
	public long of(BudgetUnit unit) {
		return switch (unit) {
			case COST -> this.cost;
			case TOKENS -> this.tokens;
			case CALLS -> this.calls;
		};
	}

	/**
	 * Return the sum of these amounts and others.
	 * @param other the others
	 * @return the sum
	 */
	public Amounts plus(Amounts other) {
		return new Amounts(this.cost + other.cost, this.tokens + other.tokens, this.calls + other.calls);
	}

	/**
	 * Return these amounts less others, and no less than nothing.
	 * @param other the others
	 * @return the difference
	 */
	public Amounts minus(Amounts other) {
		return new Amounts(Math.max(0, this.cost - other.cost), Math.max(0, this.tokens - other.tokens),
				Math.max(0, this.calls - other.calls));
	}

	/**
	 * Return the largest share of a limit that is used.
	 * @param limits the limits
	 * @return the share, 1 where a limit is used up, 0 without any limit
	 */
	public double shareOf(Amounts limits) {
		return Math.max(share(this.cost, limits.cost),
				Math.max(share(this.tokens, limits.tokens), share(this.calls, limits.calls)));
	}

	private static double share(long amount, long limit) {
		if (limit < 0) {
			return 0;
		}
		return (limit > 0) ? (double) amount / limit : 1;
	}

	/**
	 * Return money in nanos, rounded up.
	 * @param money the money, in units of its currency
	 * @return the nanos, {@link #MAX} at the most
	 */
	public static long nanos(BigDecimal money) {
		return roundUp(money.movePointRight(NANOS));
	}

	/**
	 * Return an amount without its fraction.
	 */
	static long roundUp(BigDecimal amount) {
		BigDecimal rounded = amount.setScale(0, RoundingMode.CEILING);
		return (rounded.compareTo(MAX_DECIMAL) > 0) ? MAX : rounded.longValueExact();
	}

	/**
	 * Return an amount for people, who do not read {@code 1E+1} as ten.
	 * @param unit the unit
	 * @param amount the amount in this class's terms
	 * @return the amount, money in units of its currency
	 */
	public static BigDecimal display(BudgetUnit unit, long amount) {
		if (unit != BudgetUnit.COST) {
			return BigDecimal.valueOf(amount);
		}
		BigDecimal money = BigDecimal.valueOf(amount, NANOS).stripTrailingZeros();
		return (money.scale() < 0) ? money.setScale(0) : money;
	}

}
