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

import java.time.Duration;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Holds the meters to what the answers of the application tell.
 */
@SampleApplicationTest
class TokenMeterTests {

	private final JsonMapper jsonMapper = new JsonMapper();

	private RestTestClient client;

	@BeforeEach
	void setUp(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@ParameterizedTest
	@CsvSource({ "/extract/cv,openai,gpt-4o-mini", "/extract/cv,ollama,llama3.2", "/extract/jd,openai,gpt-4o-mini",
			"/extract/jd,ollama,llama3.2" })
	void countsTheTokensOfAnExtraction(String path, String provider, String model) {
		Tokens before = metered(model);
		JsonNode answer = extract(path, "Ada Lovelace\nSkills: Java", provider);
		assertThat(metered(model)).isEqualTo(before.plus(answer.at("/data/token_usage")));
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini", "ollama,llama3.2" })
	void countsWhatTheProviderBilledForUselessAnswer(String provider, String model) {
		Tokens before = metered(model);
		assertThat(extract("/extract/cv", "not-json", provider).path("success").booleanValue(true)).isFalse();
		Tokens after = metered(model);
		assertThat(after.input()).isGreaterThan(before.input());
		assertThat(after.output()).isGreaterThan(before.output());
	}

	@Test
	void countsBothModelsOfComparison() {
		Tokens openAi = metered("gpt-4o-mini");
		Tokens ollama = metered("llama3.2");
		JsonNode comparison = this.jsonMapper.readTree(get("/compare?message={message}", "Hello, world!"));
		assertThat(metered("gpt-4o-mini")).isEqualTo(openAi.plus(comparison.at("/openai/token_usage")));
		assertThat(metered("llama3.2")).isEqualTo(ollama.plus(comparison.at("/ollama/token_usage")));
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini,7", "ollama,llama3.2,9" })
	void countsStream(String provider, String model, long promptTokens) {
		Tokens before = metered(model);
		get("/chat/stream?provider={provider}&message={message}", provider, "Hello, world!");
		Tokens expected = new Tokens(before.input() + promptTokens, before.output() + 11);
		// The model's observation may stop after the last event was sent
		await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(metered(model)).isEqualTo(expected));
	}

	private JsonNode extract(String path, String text, String provider) {
		return this.jsonMapper.readTree(this.client.post()
			.uri(path)
			.contentType(MediaType.APPLICATION_JSON)
			.body(Map.of("text", text, "provider", provider))
			.exchange()
			.expectStatus()
			.isOk()
			.returnResult(String.class)
			.getResponseBody());
	}

	private Tokens metered(String model) {
		String scrape = get("/actuator/prometheus");
		return new Tokens(metered(scrape, model, "input"), metered(scrape, model, "output"));
	}

	private static long metered(String scrape, String model, String tokenType) {
		return (long) Pattern.compile("^llm_tokens_total\\{(.*)} (\\S+)$", Pattern.MULTILINE)
			.matcher(scrape)
			.results()
			.filter((series) -> hasLabel(series, "gen_ai_response_model", model)
					&& hasLabel(series, "gen_ai_token_type", tokenType))
			.mapToDouble((series) -> Double.parseDouble(series.group(2)))
			.sum();
	}

	private static boolean hasLabel(MatchResult series, String name, String value) {
		return series.group(1).contains(name + "=\"" + value + "\"");
	}

	private String get(String uri, Object... variables) {
		String body = this.client.get()
			.uri(uri, variables)
			.exchange()
			.expectStatus()
			.isOk()
			.returnResult(String.class)
			.getResponseBody();
		assertThat(body).isNotNull();
		return body;
	}

	private record Tokens(long input, long output) {

		Tokens plus(JsonNode tokenUsage) {
			return new Tokens(this.input + tokenUsage.path("prompt_tokens").intValue(),
					this.output + tokenUsage.path("completion_tokens").intValue());
		}

	}

}
