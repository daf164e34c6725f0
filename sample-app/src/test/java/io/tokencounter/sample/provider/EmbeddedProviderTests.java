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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class EmbeddedProviderTests {

	private static final String OPENAI = "/v1/chat/completions";

	private static final String OLLAMA = "/api/chat";

	private static final String ANSWER = "I have read your 4 tokens: Hello, world!";

	private static EmbeddedProvider provider;

	private final HttpClient client = HttpClient.newHttpClient();

	private final JsonMapper jsonMapper = new JsonMapper();

	@BeforeAll
	static void start() {
		provider = EmbeddedProvider.start(new ProviderSettings(Duration.ZERO));
	}

	@AfterAll
	static void stop() {
		provider.close();
	}

	@Test
	void answersChatCompletion() throws Exception {
		HttpResponse<String> response = post(OPENAI, request(""));
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
		assertThat(response.headers().firstValue("Content-Length")).isPresent();
		JsonNode completion = this.jsonMapper.readTree(response.body());
		assertThat(completion.path("object").stringValue()).isEqualTo("chat.completion");
		assertThat(completion.path("model").stringValue()).isEqualTo("some-model");
		assertThat(completion.at("/choices/0/message/role").stringValue()).isEqualTo("assistant");
		assertThat(completion.at("/choices/0/message/content").stringValue()).isEqualTo(ANSWER);
		assertThat(completion.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
		assertOpenAiUsage(completion.path("usage"));
	}

	@Test
	void streamsChatCompletionWithUsageWhereAskedFor() throws Exception {
		HttpResponse<String> response = post(OPENAI,
				request(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
		assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
		List<JsonNode> chunks = openAiChunks(response.body());
		assertThat(chunks).allSatisfy((chunk) -> {
			assertThat(chunk.path("object").stringValue()).isEqualTo("chat.completion.chunk");
			assertThat(chunk.path("id")).isEqualTo(chunks.get(0).path("id"));
		});
		assertThat(chunks.get(0).at("/choices/0/delta/role").stringValue()).isEqualTo("assistant");
		// One chunk each for the role, the 11 tokens, the end and the usage
		assertThat(chunks).hasSize(14);
		assertThat(contentOf(chunks, "/choices/0/delta/content")).isEqualTo(ANSWER);
		assertThat(chunks.get(12).at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
		JsonNode last = chunks.get(13);
		assertThat(last.path("choices").isArray()).isTrue();
		assertThat(last.path("choices")).isEmpty();
		assertOpenAiUsage(last.path("usage"));
	}

	@Test
	void streamsChatCompletionWithoutUsageByDefault() throws Exception {
		List<JsonNode> chunks = openAiChunks(post(OPENAI, request(",\"stream\":true")).body());
		assertThat(chunks).hasSize(13).noneMatch((chunk) -> chunk.has("usage"));
	}

	@Test
	void answersWithDatedNamesAndRefusesNowAndThenWhereAskedTo() throws Exception {
		try (EmbeddedProvider faulty = EmbeddedProvider.start(new ProviderSettings(Duration.ZERO, true, 0.04))) {
			List<Integer> refused = new ArrayList<>();
			for (int i = 1; i <= 100; i++) {
				HttpResponse<String> response = post(URI.create(faulty.getUrl() + OPENAI), request(""));
				if (response.statusCode() == 400) {
					refused.add(i);
				}
				else {
					assertThat(this.jsonMapper.readTree(response.body()).path("model").stringValue())
						.isEqualTo("some-model-2024-07-18");
				}
			}
			assertThat(refused).containsExactly(25, 50, 75, 100);
		}
	}

	@Test
	void answersOllamaChat() throws Exception {
		HttpResponse<String> response = post(OLLAMA, request(",\"stream\":false"));
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
		JsonNode answer = this.jsonMapper.readTree(response.body());
		assertThat(answer.path("model").stringValue()).isEqualTo("some-model");
		assertThat(answer.at("/message/role").stringValue()).isEqualTo("assistant");
		assertThat(answer.at("/message/content").stringValue()).isEqualTo(ANSWER);
		assertOllamaUsage(answer);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ",\"stream\":true" })
	void streamsOllamaChatAsLinesByDefault(String stream) throws Exception {
		HttpResponse<String> response = post(OLLAMA, request(stream));
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/x-ndjson");
		List<JsonNode> lines = response.body().lines().map(this.jsonMapper::readTree).toList();
		assertThat(lines).hasSize(12);
		assertThat(contentOf(lines, "/message/content")).isEqualTo(ANSWER);
		assertThat(lines.subList(0, 11)).allSatisfy((line) -> {
			assertThat(line.path("done").booleanValue(true)).isFalse();
			assertThat(line.has("eval_count")).isFalse();
		});
		assertOllamaUsage(lines.get(11));
	}

	@Test
	void countsTheTokensOfAllMessages() throws Exception {
		String body = """
				{"model":"some-model","messages":[{"role":"system","content":"Be brief."},
				{"role":"user","content":"Hello, world!"}],"stream":false}""";
		assertThat(this.jsonMapper.readTree(post(OPENAI, body).body()).at("/usage/prompt_tokens").intValue())
			.isEqualTo((3 + 3) + (4 + 3));
		assertThat(this.jsonMapper.readTree(post(OLLAMA, body).body()).path("prompt_eval_count").intValue())
			.isEqualTo((3 + 5) + (4 + 5));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "[]", "null", "{}", "{\"model\":\"m\"}", "{\"model\":\"m\",\"messages\":[]}",
			"{\"model\":\"m\",\"messages\":[\"hello\"]}", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]}",
			"{\"model\":\"m\",\"messages\":[{\"content\":\"hello\"}]}",
			"{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}",
			"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"stream\":\"yes\"}" })
	void refusesInvalidRequest(String body) throws Exception {
		HttpResponse<String> openAi = post(OPENAI, body);
		assertThat(openAi.statusCode()).isEqualTo(400);
		assertThat(this.jsonMapper.readTree(openAi.body()).at("/error/message").stringValue()).isNotBlank();
		HttpResponse<String> ollama = post(OLLAMA, body);
		assertThat(ollama.statusCode()).isEqualTo(400);
		assertThat(this.jsonMapper.readTree(ollama.body()).path("error").stringValue()).isNotBlank();
	}

	@Test
	void refusesSchemaThatCannotBeRead() throws Exception {
		String body = request("").replace("world", "Your response should be in JSON format.```{no}```");
		assertThat(post(OPENAI, body).statusCode()).isEqualTo(400);
		assertThat(post(OLLAMA, body).statusCode()).isEqualTo(400);
	}

	@Test
	void refusesInvalidStreamOption() throws Exception {
		assertThat(post(OPENAI, request(",\"stream\":true,\"stream_options\":{\"include_usage\":1}")).statusCode())
			.isEqualTo(400);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ",\"stream\":true", ",\"stream\":false" })
	void failsWhereTheTextAsksForIt(String stream) throws Exception {
		String body = request(stream).replace("world", "provider-error");
		assertThat(post(OPENAI, body).statusCode()).isEqualTo(500);
		assertThat(post(OLLAMA, body).statusCode()).isEqualTo(500);
	}

	@ParameterizedTest
	@ValueSource(strings = { OPENAI, OLLAMA })
	void allowsNothingButPost(String path) throws Exception {
		HttpResponse<String> response = this.client.send(HttpRequest.newBuilder(uri(path)).build(),
				BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(405);
		assertThat(response.headers().firstValue("Allow")).hasValue("POST");
	}

	private void assertOpenAiUsage(JsonNode usage) {
		assertThat(usage.path("prompt_tokens").intValue()).isEqualTo(7);
		assertThat(usage.path("completion_tokens").intValue()).isEqualTo(11);
		assertThat(usage.path("total_tokens").intValue()).isEqualTo(18);
	}

	private void assertOllamaUsage(JsonNode answer) {
		assertThat(answer.path("done").booleanValue(false)).isTrue();
		assertThat(answer.path("done_reason").stringValue()).isEqualTo("stop");
		assertThat(answer.path("prompt_eval_count").intValue()).isEqualTo(9);
		assertThat(answer.path("eval_count").intValue()).isEqualTo(11);
	}

	private List<JsonNode> openAiChunks(String body) {
		List<String> events = List.of(body.split("\n\n"));
		assertThat(events).allSatisfy((event) -> assertThat(event).startsWith("data: ").doesNotContain("\n"))
			.endsWith("data: [DONE]");
		return events.subList(0, events.size() - 1)
			.stream()
			.map((event) -> this.jsonMapper.readTree(event.substring("data: ".length())))
			.toList();
	}

	private static String contentOf(List<JsonNode> chunks, String pointer) {
		StringBuilder content = new StringBuilder();
		chunks.forEach((chunk) -> content.append(chunk.at(pointer).stringValue("")));
		return content.toString();
	}

	private static String request(String moreFields) {
		return "{\"model\":\"some-model\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello, world!\"}]" + moreFields
				+ "}";
	}

	private HttpResponse<String> post(String path, String body) throws Exception {
		return post(uri(path), body);
	}

	private HttpResponse<String> post(URI uri, String body) throws Exception {
		return this.client.send(HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body)).build(),
				BodyHandlers.ofString());
	}

	private static URI uri(String path) {
		return URI.create(provider.getUrl() + path);
	}

}
