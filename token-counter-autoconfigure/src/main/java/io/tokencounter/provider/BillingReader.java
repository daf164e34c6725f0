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
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.SeenCall;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.model.ModelOptions;

/**
 * Reads what decides the price of a call beside its model and tokens, as one provider's
 * client tells it. What the answer says wins over what was asked for.
 */
interface BillingReader {

	/**
	 * Read what is known of a call.
	 * @param details what is known already
	 * @param call the call
	 * @param usage the tokens of the call
	 * @return the details, as they were for a call of another client
	 */
	BillingDetails read(BillingDetails details, SeenCall call, TokenUsage usage);

	/**
	 * Return the options that a request was made with.
	 */
	static @Nullable ModelOptions options(SeenCall call) {
		ModelOptions options = call.request().options();
		return (options != null) ? options : call.request().defaultOptions();
	}

	/**
	 * Return the provider's own usage.
	 */
	static @Nullable Object nativeUsage(SeenCall call) {
		return (call.usage() != null) ? call.usage().getNativeUsage() : null;
	}

}
