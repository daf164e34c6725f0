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

import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

@SampleApplicationTest
class SearchTests {

	private static final String REQUEST = """
			{"query": "java developer",
			"texts": ["gardener in York", "developer of Java services", "developer of games"]}""";

	private final JsonMapper jsonMapper = new JsonMapper();

	private final String tenant = UUID.randomUUID().toString();

	private RestTestClient client;

	@BeforeEach
	void setUp(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@Test
	void findsWhatIsNearest() {
		JsonNode hits = search(REQUEST, 200);
		assertThat(hits).extracting((hit) -> hit.path("text").stringValue())
			.containsExactly("developer of Java services", "developer of games", "gardener in York");
		// Two words of two and of four are the same: 2 / (sqrt(2) x sqrt(4))
		assertThat(hits.path(0).path("similarity").doubleValue()).isEqualTo(0.71);
		assertThat(hits.path(2).path("similarity").doubleValue()).isZero();
	}

	@Test
	void isInTheMetersAndTheSummary() {
		search(REQUEST, 200);
		String tags = "?tag=feature:search&tag=gen_ai.operation.name:embeddings"
				+ "&tag=gen_ai.response.model:text-embedding-3-small&tag=tenant:" + this.tenant;
		assertThat(value("/actuator/metrics/llm.tokens" + tags + "&tag=gen_ai.token.type:input")).isEqualTo(12);
		assertThat(value("/actuator/metrics/llm.tokens" + tags + "&tag=gen_ai.token.type:output")).isZero();
		assertThat(value("/actuator/metrics/llm.calls" + tags)).isOne();
		// USD 0.02 per one million tokens
		assertThat(value("/actuator/metrics/llm.cost" + tags)).isEqualTo(0.00000024);
		JsonNode summary = get("/actuator/tokens");
		assertThat(summary.path("features")).extracting((row) -> row.path("feature").stringValue()).contains("search");
		assertThat(summary.path("models")).anySatisfy((row) -> {
			assertThat(row.path("operation").stringValue()).isEqualTo("embeddings");
			assertThat(row.path("model").stringValue()).isEqualTo("text-embedding-3-small");
			assertThat(row.path("average_tokens_per_request").doubleValue()).isEqualTo(12);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "{\"query\": \"java\", \"texts\": []}", "{\"query\": \" \", \"texts\": [\"java\"]}",
			"{\"query\": \"java\", \"texts\": [null]}" })
	void refusesIncompleteRequest(String request) {
		assertThat(search(request, 400).path("detail").stringValue()).contains("must not be empty");
	}

	private JsonNode search(String request, int status) {
		byte[] body = this.client.post()
			.uri("/search")
			.header("X-Tenant", this.tenant)
			.contentType(MediaType.APPLICATION_JSON)
			.body(request)
			.exchange()
			.expectStatus()
			.isEqualTo(status)
			.expectBody()
			.returnResult()
			.getResponseBody();
		return this.jsonMapper.readTree(body);
	}

	private double value(String uri) {
		return get(uri).at("/measurements/0/value").doubleValue();
	}

	private JsonNode get(String uri) {
		return this.jsonMapper.readTree(this.client.get()
			.uri(uri)
			.accept(MediaType.APPLICATION_JSON)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.returnResult()
			.getResponseBody());
	}

}
