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

package io.tokencounter.sample;

import java.math.BigDecimal;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@SampleApplicationTest
class ComparisonTests {

	private final JsonMapper jsonMapper = new JsonMapper();

	private RestTestClient client;

	@BeforeEach
	void setUp(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@Test
	void putsBothProvidersSideBySide() {
		JsonNode comparison = compare("Hello, world!");
		assertThat(comparison.propertyNames()).containsExactly("openai", "ollama");
		// USD 0.15 and 0.60 per one million tokens, and nothing for a local model
		assertSpent(comparison.path("openai"), 7, 11, "gpt-4o-mini", "0.00000765");
		assertSpent(comparison.path("ollama"), 9, 11, "llama3.2", "0");
		for (JsonNode result : comparison) {
			assertThat(result.propertyNames()).containsExactly("token_usage", "duration_ms", "tokens_per_second");
			long duration = result.path("duration_ms").longValue();
			double tokensPerSecond = result.path("tokens_per_second").doubleValue();
			assertThat(tokensPerSecond).isPositive();
			// The duration is cut to whole milliseconds, the rate is not
			assertThat(11_000 / tokensPerSecond).isCloseTo(duration + 0.5, within(0.51));
		}
	}

	@Test
	void tellsWhichProviderFailed() {
		JsonNode comparison = compare("provider-error");
		for (JsonNode result : comparison) {
			assertThat(result.path("error").stringValue()).isNotBlank();
			assertThat(result.at("/token_usage/total_tokens").intValue()).isZero();
			assertThat(result.path("token_usage").propertyNames()).doesNotContain("cost", "currency");
			assertThat(result.path("tokens_per_second").doubleValue()).isZero();
		}
		assertThat(comparison.at("/openai/token_usage/model").stringValue()).isEqualTo("gpt-4o-mini");
		assertThat(comparison.at("/ollama/token_usage/model").stringValue()).isEqualTo("llama3.2");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void logsWhatBothCallsSpent(CapturedOutput output) {
		compare("Hello, world!");
		assertThat(output).containsPattern("compare: \\S+/(gpt-4o-mini|llama3\\.2), \\S+/(gpt-4o-mini|llama3\\.2)"
				+ " input=16 output=22 total=38 calls=2 cost=0\\.00000765 USD");
	}

	@Test
	void refusesMissingMessage() {
		for (String uri : new String[] { "/compare", "/compare?message= " }) {
			this.client.get()
				.uri(uri)
				.exchange()
				.expectStatus()
				.isBadRequest()
				.expectHeader()
				.contentType(MediaType.APPLICATION_PROBLEM_JSON);
		}
	}

	private void assertSpent(JsonNode result, int input, int output, String model, String cost) {
		JsonNode tokenUsage = result.path("token_usage");
		assertThat(tokenUsage.propertyNames()).containsExactly("prompt_tokens", "completion_tokens", "total_tokens",
				"model", "cost", "currency");
		assertThat(tokenUsage.path("prompt_tokens").intValue()).isEqualTo(input);
		assertThat(tokenUsage.path("completion_tokens").intValue()).isEqualTo(output);
		assertThat(tokenUsage.path("total_tokens").intValue()).isEqualTo(input + output);
		assertThat(tokenUsage.path("model").stringValue()).isEqualTo(model);
		assertThat(tokenUsage.path("cost").decimalValue()).isEqualByComparingTo(new BigDecimal(cost));
		assertThat(tokenUsage.path("currency").stringValue()).isEqualTo("USD");
	}

	private JsonNode compare(String message) {
		byte[] body = this.client.get()
			.uri("/compare?message={message}", message)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.returnResult()
			.getResponseBody();
		return this.jsonMapper.readTree(body);
	}

}
