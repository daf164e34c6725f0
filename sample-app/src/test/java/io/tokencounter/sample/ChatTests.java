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

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

@SampleApplicationTest
class ChatTests {

	private final HttpClient client = HttpClient.newHttpClient();

	private String url;

	@BeforeEach
	void setUp(@LocalServerPort int port) {
		this.url = "http://localhost:" + port + "/chat/stream";
	}

	@ParameterizedTest
	@ValueSource(strings = { "openai", "ollama" })
	void streamsOneEventForEachTokenAndKeepsSpacesAndLines(String provider) throws Exception {
		HttpResponse<Stream<String>> response = get("?provider=" + provider + "&message=" + encode("Größe  {x}\n\n a"));
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Content-Type"))
			.hasValueSatisfying((contentType) -> assertThat(contentType).startsWith("text/event-stream"));
		List<Event> events = events(response.body());
		assertThat(events).allSatisfy((event) -> assertThat(event.name()).isEqualTo("message"));
		assertThat(events).extracting(Event::data)
			.containsExactly("I", " have", " read", " your", " 5", " tokens", ":", " Größe", "  {", "x", "}", "\n\n a");
	}

	@Test
	void asksOpenAiByDefault() throws Exception {
		assertThat(events(get("?message=hello").body())).extracting(Event::data).endsWith(" hello");
	}

	@ParameterizedTest
	@ValueSource(strings = { "openai", "ollama" })
	void endsFailedStreamWithFailureEvent(String provider) throws Exception {
		HttpResponse<Stream<String>> response = get("?provider=" + provider + "&message=provider-error");
		assertThat(events(response.body()))
			.containsExactly(new Event("failure", "The provider answered with an error"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "?message=", "?message=hello&provider=unknown" })
	void refusesInvalidRequest(String query) throws Exception {
		HttpResponse<Stream<String>> response = get(query);
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
	}

	private HttpResponse<Stream<String>> get(String query) throws Exception {
		return this.client.send(HttpRequest.newBuilder(URI.create(this.url + query)).build(), BodyHandlers.ofLines());
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	/**
	 * Read events as the HTML standard tells clients to.
	 */
	private static List<Event> events(Stream<String> lines) {
		List<Event> events = new ArrayList<>();
		List<String> data = new ArrayList<>();
		String name = "message";
		for (String line : lines.toList()) {
			if (line.isEmpty()) {
				if (!data.isEmpty()) {
					events.add(new Event(name, String.join("\n", data)));
				}
				data.clear();
				name = "message";
				continue;
			}
			int colon = line.indexOf(':');
			String value = line.substring(colon + 1);
			value = value.startsWith(" ") ? value.substring(1) : value;
			if (line.startsWith("event:")) {
				name = value;
			}
			else {
				assertThat(line).startsWith("data:");
				data.add(value);
			}
		}
		return events;
	}

	private record Event(String name, String data) {
	}

}
