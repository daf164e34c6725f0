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

package io.tokencounter.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * {@link RuntimeHintsRegistrar} for files that are read while the application runs. What
 * the endpoint answers is hinted at by its operations.
 */
class TokenCounterRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources()
			.registerPattern("io/tokencounter/actuate/tokens*")
			.registerPattern("io/tokencounter/budget/redis/*.lua")
			.registerPattern("io/tokencounter/ledger/jdbc/*.sql")
			.registerPattern("io/tokencounter/ledger/jdbc/migration/*/*.sql")
			.registerPattern("io/tokencounter/pricing/prices.json");
	}

}
