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

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What people read of an amount.
 */
class AmountsTests {

	@ParameterizedTest
	@CsvSource({ "10, 10", "500.00, 500", "0.25, 0.25", "0, 0" })
	void moneyIsShownWithoutAnExponent(BigDecimal money, String shown) {
		assertThat(Amounts.display(BudgetUnit.COST, Amounts.nanos(money))).hasToString(shown);
	}

}
