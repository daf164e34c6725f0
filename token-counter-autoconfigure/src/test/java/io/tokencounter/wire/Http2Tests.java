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

package io.tokencounter.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.tokencounter.CallOutcome;
import io.tokencounter.call.SeenCall;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UsageInterceptor} with streams that share a connection.
 */
class Http2Tests {

	private static final String CHUNK = "data: {\"id\":\"%1$s\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"Pebbles\"}}]}\n\n";

	private static final String USAGE = "data: {\"id\":\"%1$s\",\"choices\":[],\"usage\":{\"prompt_tokens\":17,\"completion_tokens\":42}}\n\ndata: [DONE]\n\n";

	private final WireAnswers answers = new WireAnswers();

	private final OkHttpClient client = new OkHttpClient.Builder().protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
		.callTimeout(Duration.ofSeconds(30))
		.addInterceptor(new UsageInterceptor(this.answers, () -> null))
		.build();

	private final Tomcat server = new Tomcat();

	@BeforeEach
	void start(@TempDir Path directory) throws LifecycleException {
		this.server.setBaseDir(directory.toString());
		this.server.setPort(0);
		this.server.getConnector().addUpgradeProtocol(new Http2Protocol());
		Context context = this.server.addContext("", directory.toString());
		Tomcat.addServlet(context, "provider", new Provider()).addMapping("/*");
		this.server.start();
	}

	@AfterEach
	void stop() throws LifecycleException {
		this.client.dispatcher().executorService().shutdownNow();
		this.client.connectionPool().evictAll();
		this.server.stop();
		this.server.destroy();
	}

	@Test
	void hearsStreamsThatShareAConnection() throws IOException {
		Instant start = Instant.now();
		try (Response one = ask("one"); Response three = ask("three")) {
			assertThat(one.protocol()).isEqualTo(Protocol.H2_PRIOR_KNOWLEDGE);
			try (Response two = ask("two")) {
				assertThat(two.body().source().readUtf8Line()).contains("two");
			}
			assertThat(heard("two", start)).as("Closed before its end").isNull();
			assertThat(three.body().string()).isEqualTo((CHUNK.repeat(1000) + USAGE).formatted("three"));
			assertThat(one.body().string()).isEqualTo((CHUNK.repeat(1000) + USAGE).formatted("one"));
		}
		assertThat(this.client.connectionPool().connectionCount()).isOne();
		assertThat(heard("one", start)).extracting(Usage::getPromptTokens).isEqualTo(17);
		assertThat(heard("three", start)).extracting(Usage::getPromptTokens).isEqualTo(17);
	}

	private Response ask(String id) throws IOException {
		String url = "http://localhost:" + this.server.getConnector().getLocalPort() + "/" + id + "/chat/completions";
		return this.client.newCall(new Request.Builder().url(url).build()).execute();
	}

	private @Nullable Usage heard(String id, Instant startedAt) {
		ChatResponseMetadata metadata = ChatResponseMetadata.builder().id(id).usage(new DefaultUsage(0, 42)).build();
		SeenCall seen = HeardCalls.seen("openai", null, true, startedAt, CallOutcome.SUCCESS, metadata, null);
		SeenCall completed = this.answers.complete(seen);
		return (completed != seen) ? completed.usage() : null;
	}

	@SuppressWarnings("serial")
	private static final class Provider extends HttpServlet {

		@Override
		protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
			String id = request.getRequestURI().split("/")[1];
			response.setContentType("text/event-stream");
			for (int i = 0; i < 1000; i++) {
				response.getOutputStream().write(CHUNK.formatted(id).getBytes(StandardCharsets.UTF_8));
				response.flushBuffer();
			}
			response.getOutputStream().write(USAGE.formatted(id).getBytes(StandardCharsets.UTF_8));
		}

	}

}
