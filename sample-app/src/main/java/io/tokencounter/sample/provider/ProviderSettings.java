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

package io.tokencounter.sample.provider;

import java.time.Duration;

/**
 * How an {@link EmbeddedProvider} answers.
 *
 * @param tokenDelay the time that it takes for each token
 * @param datedNames whether OpenAI's protocol answers with the dated name of a model, as
 * OpenAI does
 * @param failureRate the share of requests that are refused, between 0 and 1
 */
record ProviderSettings(Duration tokenDelay, boolean datedNames, double failureRate) {

	private static final String DATE = "-2024-07-18";

	ProviderSettings(Duration tokenDelay) {
		this(tokenDelay, false, 0);
	}

	String answeringModel(String requested) {
		return this.datedNames ? requested + DATE : requested;
	}

	/**
	 * Return whether a request is to be refused. Of any number of requests the same ones
	 * are, so that two runs do not differ.
	 * @param request the number of the request, from 1
	 * @return whether to refuse it
	 */
	boolean isRefused(long request) {
		return Math.floor(request * this.failureRate) > Math.floor((request - 1) * this.failureRate);
	}

}
