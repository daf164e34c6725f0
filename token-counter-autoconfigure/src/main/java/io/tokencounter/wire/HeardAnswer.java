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

package io.tokencounter.wire;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;

/**
 * What a provider said of one answer, whatever its client made of it.
 *
 * @param id the id of the answer, {@code null} if there is none
 * @param model the model as the answer names it, {@code null} if it does not
 * @param usage the last usage that said something, with the native usage of the
 * provider's client
 * @param serviceTier the tier that served the request, as the provider names it,
 * {@code null} if it is not told beside the usage
 */
record HeardAnswer(@Nullable String id, @Nullable String model, Usage usage, @Nullable String serviceTier) {

	/**
	 * Return whether this can be the answer that a client told so many output tokens of.
	 * @param outputTokens the number of tokens, {@code null} or 0 if it told none
	 */
	boolean agrees(@Nullable Integer outputTokens) {
		return outputTokens == null || outputTokens <= 0 || outputTokens.equals(this.usage.getCompletionTokens());
	}

}
