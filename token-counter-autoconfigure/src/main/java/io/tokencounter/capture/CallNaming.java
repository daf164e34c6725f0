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

package io.tokencounter.capture;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.prompt.ChatOptions;

/**
 * Decides what a provider and a model are called.
 *
 * @since 0.1.0
 */
public interface CallNaming {

	/**
	 * Return the {@code gen_ai.provider.name}.
	 * @param provider the provider as Spring AI names it, {@code null} if unknown
	 * @param options the options of the call, {@code null} if unknown
	 * @param defaultOptions the options of the model, {@code null} if unknown
	 * @return the name of the provider
	 */
	String provider(@Nullable String provider, @Nullable ChatOptions options, @Nullable ChatOptions defaultOptions);

	/**
	 * Return the model that answered.
	 * @param model the name in the response, {@code null} if there is none
	 * @return the model, or {@code null} if the response does not tell
	 */
	@Nullable String responseModel(@Nullable String model);

}
