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

import java.util.List;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.UsageReport;
import io.tokencounter.UsageSummary;
import io.tokencounter.support.ReservedNames;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
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
	 * @param requests how many of the latest calls to tell at the most, {@code null} for
	 * all that are kept
	 * @return what {@link UsageSummary#toJson()} writes
	 * @throws InvalidEndpointRequestException if the number is negative
	 */
	@ReadOperation
	public UsageDescriptor summary(@Nullable Integer requests) {
		if (requests != null && requests < 0) {
			throw new InvalidEndpointRequestException("'requests' must not be negative",
					"The number of requests must not be negative");
		}
		UsageSummary summary = this.counter.summary();
		return new UsageDescriptor((requests != null) ? UsageReport.of(summary, requests) : UsageReport.of(summary));
	}

	/**
	 * Return what was counted for one feature.
	 * @param feature the name of the feature
	 * @return its sums and recent calls, {@code null} if it has not been seen
	 */
	@ReadOperation
	public @Nullable UsageDescriptor feature(@Selector String feature) {
		UsageSummary summary = this.counter.summary();
		List<TokenCall> calls = summary.recentCalls()
			.stream()
			.filter((call) -> ReservedNames.shownFeature(call.feature()).equals(feature))
			.toList();
		return summary.features()
			.stream()
			.filter((candidate) -> candidate.feature().equals(feature))
			.findFirst()
			.map((totals) -> new UsageDescriptor(UsageReport.of(summary, totals, calls)))
			.orElse(null);
	}

	/**
	 * Start the summary anew. Meters are left as they are.
	 */
	@DeleteOperation
	public void reset() {
		this.counter.reset();
	}

	/**
	 * Description of what was counted.
	 *
	 * @param report the report
	 */
	public record UsageDescriptor(@JsonValue UsageReport report) implements OperationResponseBody {

	}

}
