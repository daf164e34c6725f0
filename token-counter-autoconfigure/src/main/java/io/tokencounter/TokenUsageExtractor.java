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

package io.tokencounter;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;

/**
 * Reads what one provider reports about a call. Declare a bean of this type to support a
 * provider; it is asked before the built-in ones.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface TokenUsageExtractor {

	/**
	 * Read a usage.
	 * @param usage the usage as Spring AI delivers it; its
	 * {@linkplain Usage#getNativeUsage() native usage} is the provider's own object where
	 * the provider's client kept one
	 * @param provider the name of the provider, {@link TokenCall#UNKNOWN} if there is
	 * none
	 * @return the tokens, or {@code null} if this extractor does not know the usage and
	 * another one should be asked
	 */
	@Nullable TokenUsage extract(Usage usage, String provider);

}
