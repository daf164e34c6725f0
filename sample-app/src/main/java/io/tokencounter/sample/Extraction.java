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

package io.tokencounter.sample;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an extraction endpoint. A failed extraction has the same shape, without
 * fields and with an error.
 *
 * @param <T> the type of the extracted fields
 * @param id the extraction's own id, which is also in the log
 * @param success whether the fields were extracted
 * @param error what went wrong, without any text of the prompt or the answer
 * @param data the fields and what they cost
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Extraction<T>(String id, boolean success, @Nullable String error, Data<T> data) {

	static <T> Extraction<T> success(String id, T fields, SpentTokens tokenUsage) {
		return new Extraction<>(id, true, null, new Data<>(fields, tokenUsage));
	}

	static <T> Extraction<T> failure(String id, String error, SpentTokens tokenUsage) {
		return new Extraction<>(id, false, error, new Data<>(null, tokenUsage));
	}

	record Data<T>(@JsonUnwrapped @Nullable T fields, @JsonProperty("token_usage") SpentTokens tokenUsage) {
	}

}
