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

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * One window of one budget.
 *
 * @param budget the name of the budget
 * @param subject who has the budget for itself, {@code null} if all calls share it
 * @param window the window, such as {@code 2026-11}
 * @param end when the window ends, {@code null} if it is not known
 * @since 0.1.0
 */
public record BudgetKey(String budget, @Nullable String subject, String window, @Nullable Instant end) {

}
