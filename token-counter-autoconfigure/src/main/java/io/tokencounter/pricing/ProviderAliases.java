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

package io.tokencounter.pricing;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Knows the names that price lists and users have for a provider.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ProviderAliases {

	/**
	 * Return the one name of a provider that has several.
	 * @param alias a name of the provider, in any case
	 * @return the name, {@code null} if the provider is not known
	 */
	@Nullable String nameOf(String alias);

	/**
	 * Return the name to compare a provider by.
	 * @param alias a name of the provider, in any case
	 * @return the name, that of an unknown provider in lower case
	 */
	default String canonical(String alias) {
		String name = nameOf(alias);
		return (name != null) ? name : alias.trim().toLowerCase(Locale.ROOT);
	}

}
