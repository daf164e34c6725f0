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

/**
 * What a call asks of one budget before it is made.
 *
 * @param key the window
 * @param held what is to be held until the call ends
 * @param likely what the call is charged with if nobody says how it ended
 * @param limits the limits, {@link Amounts#UNLIMITED} for none
 * @param enforced whether the call is refused if the budget does not allow it
 * @since 0.1.0
 */
public record BudgetClaim(BudgetKey key, Amounts held, Amounts likely, Amounts limits, boolean enforced) {

}
