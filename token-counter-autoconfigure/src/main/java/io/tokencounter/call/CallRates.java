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

package io.tokencounter.call;

import java.math.BigDecimal;

/**
 * What the tokens of a call may cost at most, in units of a currency per one million
 * tokens.
 *
 * @param input the dearest price that may apply to a token of the input
 * @param output the dearest price that may apply to a token of the output
 * @param currency the ISO 4217 code of the currency
 * @since 0.1.0
 */
public record CallRates(BigDecimal input, BigDecimal output, String currency) {

	/**
	 * Return whether nothing is to be paid, in whatever currency.
	 * @return whether all prices are zero
	 */
	public boolean isFree() {
		return this.input.signum() == 0 && this.output.signum() == 0;
	}

}
