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

import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * What a call says to who knows its provider.
 *
 * @param provider the {@code gen_ai.provider.name}
 * @param responseModel the model that answered, {@code null} if the answer does not tell
 * @param usage the tokens
 * @param billing what else decides what the tokens cost
 * @since 0.1.0
 */
public record CallReading(String provider, @Nullable String responseModel, TokenUsage usage, BillingDetails billing) {

}
