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

import org.jspecify.annotations.Nullable;

import org.springframework.ai.model.ModelOptions;

/**
 * Counts calls of which nothing tells but what is heard of their answers: those of models
 * that are neither proxied nor observed.
 *
 * @since 0.1.0
 */
public interface UnseenCalls {

	/**
	 * Return whether nothing sees a call that this thread is making. In doubt it is seen,
	 * as no call must count twice.
	 * @param provider the provider that is called, as Spring AI names it
	 * @return whether the call is to be counted here
	 */
	boolean isUnseen(String provider);

	/**
	 * Count a call that was made on this thread and answered just now. Never throws.
	 * @param provider the provider that was called, as Spring AI names it
	 * @param options what is known of the options of the request, {@code null} if nothing
	 * is
	 * @param startedAt when the request was made
	 * @param nanos the time from the request to the end of the answer, in nanoseconds
	 */
	void record(String provider, @Nullable ModelOptions options, Instant startedAt, long nanos);

}
