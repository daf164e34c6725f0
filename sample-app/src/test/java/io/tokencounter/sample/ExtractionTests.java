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
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

@SampleApplicationTest
class ExtractionTests {

	private static final String CV = """
			Ada Lovelace
			Analyst of {engines}, ada@example.org
			Title: Mathematician
			Skills: Java, Punched cards
			""";

	private final JsonMapper jsonMapper = new JsonMapper();

	private RestTestClient client;

	@BeforeEach
	void setUp(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini", "ollama,llama3.2" })
	void extractsTheFieldsOfCv(String provider, String model) {
		JsonNode answer = extract("/extract/cv", CV, provider);
		assertThat(answer.propertyNames()).containsExactly("id", "success", "data");
		assertThat(answer.path("id").stringValue()).isNotBlank();
		assertThat(answer.path("success").booleanValue()).isTrue();
		JsonNode data = answer.path("data");
		assertThat(data.propertyNames()).containsExactly("name", "email", "title", "skills", "token_usage");
		assertThat(data.path("name").stringValue()).isEqualTo("Ada Lovelace");
		assertThat(data.path("email").stringValue()).isEqualTo("ada@example.org");
		assertThat(data.path("title").stringValue()).isEqualTo("Mathematician");
		assertThat(data.path("skills").valueStream().map(JsonNode::stringValue)).containsExactly("Java",
				"Punched cards");
		assertSpent(data.path("token_usage"), model);
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini", "ollama,llama3.2" })
	void extractsTheFieldsOfJobDescription(String provider, String model) {
		JsonNode answer = extract("/extract/jd", """
				Senior engineer
				Company: Beispiel AG
				Location: Zürich
				Skills: Spring, Micrometer
				""", provider);
		assertThat(answer.propertyNames()).containsExactly("id", "success", "data");
		JsonNode data = answer.path("data");
		assertThat(data.propertyNames()).containsExactly("title", "company", "location", "skills", "token_usage");
		assertThat(data.path("title").stringValue()).isEqualTo("Senior engineer");
		assertThat(data.path("company").stringValue()).isEqualTo("Beispiel AG");
		assertThat(data.path("location").stringValue()).isEqualTo("Zürich");
		assertThat(data.path("skills").valueStream().map(JsonNode::stringValue)).containsExactly("Spring",
				"Micrometer");
		assertSpent(data.path("token_usage"), model);
	}

	@Test
	void spendsMoreTokensOnLongerText() {
		JsonNode once = extract("/extract/cv", CV, "openai");
		JsonNode twice = extract("/extract/cv", CV + CV, "openai");
		assertThat(twice.at("/data/token_usage/prompt_tokens").intValue())
			.isGreaterThan(once.at("/data/token_usage/prompt_tokens").intValue());
		assertThat(twice.path("id")).isNotEqualTo(once.path("id"));
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini", "ollama,llama3.2" })
	void answersErrorOfTheProviderWithZeroTokensAndTheModel(String provider, String model) {
		assertFailure("provider-error", provider, "The provider could not be asked or answered with an error", model);
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini", "ollama,llama3.2" })
	void answersUselessAnswerWithZeroTokensAndTheModel(String provider, String model) {
		assertFailure("not-json", provider, "The model's answer is not the JSON that was asked for", model);
	}

	private void assertFailure(String marker, String provider, String error, String model) {
		for (String path : new String[] { "/extract/cv", "/extract/jd" }) {
			JsonNode answer = extract(path, "Ada Lovelace, " + marker, provider);
			assertThat(answer.propertyNames()).containsExactly("id", "success", "error", "data");
			assertThat(answer.path("success").booleanValue(true)).isFalse();
			assertThat(answer.path("error").stringValue()).isEqualTo(error);
			assertThat(answer.path("data")).isEqualTo(this.jsonMapper.valueToTree(Map.of("token_usage",
					Map.of("prompt_tokens", 0, "completion_tokens", 0, "total_tokens", 0, "model", model))));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"text\":\"Ada\",\"provider\":\"unknown\"}", "{\"text\":\"Ada\"}",
			"{\"text\":\" \",\"provider\":\"openai\"}", "{\"provider\":\"openai\"}", "{}", "[]", "{\"text\":", "" })
	void refusesInvalidRequest(String body) {
		for (String path : new String[] { "/extract/cv", "/extract/jd" }) {
			this.client.post()
				.uri(path)
				.contentType(MediaType.APPLICATION_JSON)
				.body(body)
				.exchange()
				.expectStatus()
				.isBadRequest()
				.expectHeader()
				.contentType(MediaType.APPLICATION_PROBLEM_JSON)
				.expectBody()
				.jsonPath("$.status")
				.isEqualTo(HttpStatus.BAD_REQUEST.value())
				.jsonPath("$.detail")
				.isNotEmpty();
		}
	}

	private JsonNode extract(String path, String text, String provider) {
		byte[] body = this.client.post()
			.uri(path)
			.contentType(MediaType.APPLICATION_JSON)
			.body(Map.of("text", text, "provider", provider))
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.returnResult()
			.getResponseBody();
		return this.jsonMapper.readTree(body);
	}

	private void assertSpent(JsonNode tokenUsage, String model) {
		assertThat(tokenUsage.propertyNames()).containsExactly("prompt_tokens", "completion_tokens", "total_tokens",
				"model", "cost", "currency");
		int promptTokens = tokenUsage.path("prompt_tokens").intValue();
		int completionTokens = tokenUsage.path("completion_tokens").intValue();
		assertThat(promptTokens).isPositive();
		assertThat(completionTokens).isPositive();
		assertThat(tokenUsage.path("total_tokens").intValue()).isEqualTo(promptTokens + completionTokens);
		assertThat(tokenUsage.path("model").stringValue()).isEqualTo(model);
		// USD 0.15 and 0.60 per one million tokens, and nothing for a local model
		BigDecimal cost = model.equals("llama3.2") ? BigDecimal.ZERO
				: BigDecimal.valueOf(15L * promptTokens + 60L * completionTokens, 8);
		assertThat(tokenUsage.path("cost").decimalValue()).isEqualByComparingTo(cost);
		assertThat(tokenUsage.path("currency").stringValue()).isEqualTo("USD");
	}

}
