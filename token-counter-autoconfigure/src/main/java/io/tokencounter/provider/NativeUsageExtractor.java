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

package io.tokencounter.provider;

import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;

/**
 * Base class of the extractors that know the usage object of a provider's own client.
 *
 * @param <T> the type of the native usage
 */
abstract class NativeUsageExtractor<T> implements TokenUsageExtractor {

	private final Class<T> nativeType;

	NativeUsageExtractor(Class<T> nativeType) {
		this.nativeType = nativeType;
	}

	@Override
	public final @Nullable TokenUsage extract(Usage usage, String provider) {
		Object nativeUsage = usage.getNativeUsage();
		return this.nativeType.isInstance(nativeUsage) ? extract(this.nativeType.cast(nativeUsage), usage) : null;
	}

	/**
	 * Read the native usage.
	 * @param nativeUsage the provider's own object
	 * @param usage what Spring AI made of it
	 * @return the tokens
	 */
	abstract TokenUsage extract(T nativeUsage, Usage usage);

}
