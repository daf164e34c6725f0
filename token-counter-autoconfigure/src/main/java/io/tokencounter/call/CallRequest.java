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

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.model.ModelRequest;

/**
 * What is known of a call when it is made. It holds the prompt, so it is not to be kept
 * longer than the call.
 *
 * @param id the id of the call
 * @param operation the {@code gen_ai.operation.name}, such as {@code chat}
 * @param provider the provider as Spring AI names it, {@code null} if it is not known
 * @param model the model that is asked for, {@code null} if it is not known
 * @param options the options of the request, {@code null} if they are not known
 * @param defaultOptions the options of the model, {@code null} if they are not known
 * @param input the request itself, {@code null} if it is not known
 * @param streaming whether the answer is streamed
 * @param startedAt when the request is made
 * @param attribution whom the call belongs to
 * @param modelBean the name of the model's bean, {@code null} if it is none or not known
 * @since 0.1.0
 */
public record CallRequest(UUID id, String operation, @Nullable String provider, @Nullable String model,
		@Nullable ModelOptions options, @Nullable ModelOptions defaultOptions, @Nullable ModelRequest<?> input,
		boolean streaming, Instant startedAt, CallAttribution attribution, @Nullable String modelBean) {

}
