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
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = "sample.embedded-provider.token-delay=20ms")
class ChatStreamTimingTests {

	@ParameterizedTest
	@ValueSource(strings = { "openai", "ollama" })
	void sendsEachTokenWhenTheProviderSendsIt(String provider, @LocalServerPort int port) throws Exception {
		// The provider needs 100 * 20 ms; collected events would arrive all at once
		URI uri = URI.create("http://localhost:" + port + "/chat/stream?provider=" + provider + "&message="
				+ "word+".repeat(100) + "end");
		try (Stream<String> lines = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofLines())
			.body()) {
			Iterator<String> iterator = lines.iterator();
			assertThat(iterator.next()).isEqualTo("data: I");
			long first = System.nanoTime();
			String last = "";
			while (iterator.hasNext()) {
				String line = iterator.next();
				last = line.isEmpty() ? last : line;
			}
			assertThat(last).isEqualTo("data:  end");
			assertThat(Duration.ofNanos(System.nanoTime() - first)).isGreaterThan(Duration.ofMillis(500));
		}
	}

}
