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

package io.tokencounter.actuate;

import java.util.Map;

import io.tokencounter.TokenCounter;
import io.tokencounter.UsageSummary;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint @Endpoint} to read and reset the running summary.
 *
 * @since 0.1.0
 */
@Endpoint(id = "tokens")
public final class TokensEndpoint {

	private final TokenCounter counter;

	/**
	 * Create an endpoint.
	 * @param counter whose running summary to show
	 */
	public TokensEndpoint(TokenCounter counter) {
		this.counter = counter;
	}

	/**
	 * Return what was counted since the start or the last reset.
	 * @return the structure of {@link UsageSummary#toJson()}
	 */
	@ReadOperation
	public Map<String, Object> summary() {
		return OperationResponseBody.of(this.counter.summary().toMap());
	}

	/**
	 * Return what was counted for one feature.
	 * @param feature the name of the feature
	 * @return its sums and recent calls, {@code null} if it has not been seen
	 */
	@ReadOperation
	public @Nullable Map<String, Object> feature(@Selector String feature) {
		return OperationResponseBody.of(this.counter.summary().toMap(feature));
	}

	/**
	 * Start the summary anew. Meters are left as they are.
	 */
	@DeleteOperation
	public void reset() {
		this.counter.reset();
	}

}
