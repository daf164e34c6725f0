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

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tokencounter.CallOutcome;
import io.tokencounter.call.SeenCall;
import io.tokencounter.call.UnseenCalls;
import io.tokencounter.support.FaultLog;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.model.ModelOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link UsageInterceptor}: that it hears, and that it does no harm.
 */
class UsageInterceptorTests {

	private static final String USAGE = "\"usage\":{\"prompt_tokens\":17,\"completion_tokens\":42,\"total_tokens\":59}";

	private static final String CHUNK = "data: {\"id\":\"one\",\"choices\":[{\"delta\":{\"content\":\"Pebbles \\\"usage\\\"\"}}]}\n\n";

	private static final String STREAM = CHUNK + "data: {\"id\":\"one\",\"choices\":[]," + USAGE
			+ "}\n\ndata: [DONE]\n\n";

	private final WireAnswers answers = new WireAnswers();

	private final OkHttpClient client = new OkHttpClient.Builder()
		.addInterceptor(new UsageInterceptor(this.answers, () -> null))
		.build();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final CountDownLatch released = new CountDownLatch(1);

	private Handler handler = (exchange) -> send(exchange, 200, "text/event-stream", STREAM);

	private HttpServer server;

	@BeforeEach
	void start() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.setExecutor(this.executor);
		this.server.createContext("/", (exchange) -> {
			try (exchange) {
				exchange.getRequestBody().readAllBytes();
				this.handler.handle(exchange);
			}
		});
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.released.countDown();
		this.server.stop(0);
		this.executor.shutdownNow();
		this.client.dispatcher().executorService().shutdownNow();
		this.client.connectionPool().evictAll();
	}

	@Test
	void hearsStream() throws IOException {
		Instant start = Instant.now();
		assertThat(read("/v1/chat/completions")).isEqualTo(STREAM);
		assertThat(byId("one", start, 42)).isNotNull();
		assertThat(byId("one", start, 42)).as("Told twice").isNull();
	}

	@Test
	void hearsCompressedStream() throws IOException {
		this.handler = (exchange) -> {
			ByteArrayOutputStream compressed = new ByteArrayOutputStream();
			try (OutputStream out = new GZIPOutputStream(compressed)) {
				out.write(STREAM.getBytes(StandardCharsets.UTF_8));
			}
			exchange.getResponseHeaders().set("Content-Encoding", "gzip");
			send(exchange, 200, "text/event-stream", compressed.toByteArray());
		};
		Instant start = Instant.now();
		assertThat(read("/v1/chat/completions")).isEqualTo(STREAM);
		assertThat(byId("one", start, 42)).isNotNull();
	}

	@Test
	void hearsSynchronousAnswerOnItsThread() throws Exception {
		String body = "{\"id\":\"one\"," + USAGE + "}";
		this.handler = (exchange) -> send(exchange, 200, "application/json", body);
		Instant start = Instant.now();
		assertThat(read("/v1/chat/completions")).isEqualTo(body);
		assertThat(this.executor.submit(() -> endedHere(start, false)).get()).isNull();
		assertThat(endedHere(start, true)).isNull();
		assertThat(read("/v1/chat/completions")).isEqualTo(body);
		assertThat(endedHere(Instant.now(), false)).as("Of a call that began later").isNull();
		assertThat(read("/v1/chat/completions")).isEqualTo(body);
		assertThat(endedHere(start, false)).isNotNull();
		assertThat(endedHere(start, false)).as("Told twice").isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1/embeddings", "/v1/images/generations", "/v1/audio/speech", "/v1/messages/batches" })
	void passesBodiesOfOtherRequestsAsTheyAre(String path) throws IOException {
		try (Response response = this.client.newCall(request(path)).execute()) {
			assertThat(response.body()).isNotInstanceOf(TappedBody.class);
		}
	}

	@Test
	void hearsNothingOfFailures() throws IOException {
		this.handler = (exchange) -> send(exchange, 429, "text/event-stream", STREAM);
		Instant start = Instant.now();
		assertThat(read("/v1/chat/completions")).isEqualTo(STREAM);
		assertThat(byId("one", start, 42)).isNull();
	}

	@Test
	void believesNobodyWhoToldOtherTokens() throws IOException {
		Instant start = Instant.now();
		read("/v1/chat/completions");
		assertThat(byId("one", start, 43)).isNull();
	}

	@Test
	void believesAnswerOfWhichTheClientToldNothing() throws IOException {
		Instant start = Instant.now();
		read("/v1/chat/completions");
		assertThat(byId("one", start, 0)).isNotNull();
	}

	@Test
	void tellsNothingByAnIdOfTwo() throws IOException {
		Instant start = Instant.now();
		read("/v1/chat/completions");
		read("/v1/chat/completions");
		assertThat(byId("one", start, 42)).isNull();
		assertThat(byId("one", start, 42)).isNull();
	}

	@Test
	void tellsNothingOfACallBefore() throws IOException {
		read("/v1/chat/completions");
		assertThat(byId("one", Instant.now(), 42)).isNull();
	}

	@Test
	void tellsStreamThatWasClosedHereBeforeItsEnd() throws Exception {
		this.handler = this::sendAndWait;
		Instant start = Instant.now();
		Response response = this.client.newCall(request("/v1/chat/completions")).execute();
		assertThat(response.body().source().readUtf8Line()).startsWith("data");
		assertThat(response.body().source().readUtf8Line()).isEmpty();
		assertThat(response.body().source().readUtf8Line()).contains("usage");
		response.close();
		assertThat(this.executor.submit(() -> endedHere(start, true)).get()).as("Elsewhere").isNull();
		assertThat(endedHere(start, true)).isNotNull();
	}

	@Test
	void tellsNothingOnAThreadThatClosedTheBodyAfterAnother() throws Exception {
		this.handler = this::sendAndWait;
		Instant start = Instant.now();
		Response response = this.client.newCall(request("/v1/chat/completions")).execute();
		response.body().source().require(STREAM.length());
		Usage elsewhere = this.executor.submit(() -> {
			response.close();
			response.close();
			return endedHere(start, true);
		}).get();
		response.close();
		assertThat(endedHere(start, true)).isNull();
		assertThat(elsewhere).isNotNull();
	}

	@Test
	void tellsNothingByTheThreadOfAStreamThatWasReadToItsEnd() throws IOException {
		Instant start = Instant.now();
		read("/v1/chat/completions");
		assertThat(endedHere(start, true)).isNull();
	}

	@Test
	void tellsWhatWasHeardBeforeTheConnectionBroke() {
		this.handler = (exchange) -> {
			exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
			exchange.sendResponseHeaders(200, STREAM.length() + 100L);
			exchange.getResponseBody().write(STREAM.getBytes(StandardCharsets.UTF_8));
			exchange.getResponseBody().flush();
			throw new IOException("Broken off on request");
		};
		Instant start = Instant.now();
		assertThatIOException().isThrownBy(() -> read("/v1/chat/completions"));
		assertThat(failedHere(start)).isNotNull();
	}

	@Test
	void readsNothingAhead() throws IOException {
		this.handler = this::sendAndWait;
		try (Response response = this.client.newCall(request("/v1/chat/completions")).execute()) {
			BufferedSource source = response.body().source();
			source.require(CHUNK.length());
			assertThat(source.readUtf8(CHUNK.length())).isEqualTo(CHUNK);
		}
	}

	@Test
	void bodyOf100MegabytesPasses() throws IOException {
		long size = 100L * 1024 * 1024;
		byte[] text = "\\\"usage\\\":{} ".repeat(5000).getBytes(StandardCharsets.US_ASCII);
		this.handler = (exchange) -> {
			exchange.getResponseHeaders().set("Content-Type", "application/json");
			exchange.sendResponseHeaders(200, 0);
			try (OutputStream body = exchange.getResponseBody()) {
				body.write("{\"choices\":[\"".getBytes(StandardCharsets.US_ASCII));
				for (long sent = 0; sent < size; sent += text.length) {
					body.write(text);
				}
				body.write(("\"]," + USAGE + "}").getBytes(StandardCharsets.US_ASCII));
			}
		};
		Instant start = Instant.now();
		try (Response response = this.client.newCall(request("/v1/chat/completions")).execute()) {
			assertThat(response.body().byteStream().skip(Long.MAX_VALUE)).isGreaterThan(size);
		}
		Usage heard = endedHere(start, false);
		assertThat(heard).isNotNull();
		assertThat(heard.getCompletionTokens()).isEqualTo(42);
	}

	@Test
	void bodiesThatAreNeverClosedKeepNoMoreThanTheLastFew() throws IOException {
		OkHttpClient offline = answering(new UsageInterceptor(this.answers, () -> null));
		Instant start = Instant.now();
		for (int i = 0; i < 5000; i++) {
			Request request = new Request.Builder().url("http://localhost/chat/completions").tag(i).build();
			offline.newCall(request).execute().body().source().request(Long.MAX_VALUE);
		}
		assertThat(byId("id-0", start, 42)).isNull();
		assertThat(byId("id-4999", start, 42)).isNotNull();
	}

	@Test
	void scannerThatFailsIsNotNoticed() throws IOException {
		WireAnswer answer = new WireAnswer(WireProtocol.OPENAI, true, Instant.EPOCH, (identified) -> {
			throw new StackOverflowError("Failed on request");
		});
		ResponseBody body = new TappedBody(ResponseBody.create(STREAM, MediaType.get("text/event-stream")), answer,
				new UsageScanner(answer, true), null, this.answers,
				new FaultLog(LogFactory.getLog(UsageInterceptorTests.class)));
		assertThat(body.string()).isEqualTo(STREAM);
		assertThat(answer.heard()).as("The scanner has stopped").isNull();
	}

	@Test
	void callThatNothingElseSeesIsCountedAtTheEndOfItsAnswer() throws IOException {
		RecordingCalls unseen = new RecordingCalls(true);
		OkHttpClient client = client(unseen);
		this.handler = (exchange) -> send(exchange, 200, "application/json", "{\"id\":\"one\"," + USAGE + "}");
		try (Response response = client.newCall(asking("{\"prompt\":\"\\\"stream\\\":true\"}")).execute()) {
			assertThat(unseen.recorded).isEmpty();
			response.body().string();
			assertThat(unseen.recorded).containsExactly("openai");
		}
		assertThat(unseen.recorded).hasSize(1);
	}

	@ParameterizedTest
	@CsvSource({ "false, {}, 200, application/json", "true, {\"stream\":true}, 200, application/json",
			"true, {}, 500, application/json", "true, {}, 200, text/event-stream" })
	void callIsNotCountedThatMayBeSeen(boolean isUnseen, String question, int status, String type) throws IOException {
		RecordingCalls unseen = new RecordingCalls(isUnseen);
		OkHttpClient client = client(unseen);
		this.handler = (exchange) -> send(exchange, status, type, "{\"id\":\"one\"," + USAGE + "}");
		try (Response response = client.newCall(asking(question)).execute()) {
			response.body().string();
		}
		assertThat(unseen.recorded).isEmpty();
	}

	@Test
	void whatIsNoAnswerOfAModelIsNotCounted() throws IOException {
		RecordingCalls unseen = new RecordingCalls(true);
		this.handler = (exchange) -> send(exchange, 200, "application/json", "{\"error\":{\"id\":\"one\"}}");
		try (Response response = client(unseen).newCall(asking("{}")).execute()) {
			response.body().string();
		}
		assertThat(unseen.recorded).isEmpty();
	}

	@Test
	void whoCountsUnseenCallsIsAskedForOnce() throws IOException {
		this.handler = (exchange) -> send(exchange, 200, "application/json", "{" + USAGE + "}");
		RecordingCalls unseen = new RecordingCalls(true);
		AtomicInteger asked = new AtomicInteger();
		OkHttpClient client = client(() -> {
			asked.incrementAndGet();
			return unseen;
		});
		for (int call = 0; call < 3; call++) {
			try (Response response = client.newCall(asking("{}")).execute()) {
				response.body().string();
			}
		}
		assertThat(unseen.recorded).hasSize(3);
		assertThat(asked).hasValue(1);
	}

	private OkHttpClient client(UnseenCalls unseen) {
		return client(() -> unseen);
	}

	private OkHttpClient client(Supplier<UnseenCalls> unseen) {
		UsageInterceptor interceptor = new UsageInterceptor(new WireAnswers(), unseen::get);
		OkHttpClient.Builder client = this.client.newBuilder();
		client.interceptors().clear();
		return client.addInterceptor(interceptor).build();
	}

	private Request asking(String question) {
		return request("/v1/chat/completions").newBuilder()
			.post(RequestBody.create(question, MediaType.get("application/json")))
			.build();
	}

	/**
	 * A client whose answers have the tag of the request as their id.
	 */
	private static OkHttpClient answering(UsageInterceptor interceptor) {
		return new OkHttpClient.Builder().addInterceptor(interceptor)
			.addInterceptor((chain) -> new Response.Builder().request(chain.request())
				.protocol(Protocol.HTTP_1_1)
				.code(200)
				.message("OK")
				.body(ResponseBody.create(STREAM.replace("one", "id-" + chain.request().tag()),
						MediaType.get("text/event-stream")))
				.build())
			.build();
	}

	private @Nullable Usage byId(String id, Instant startedAt, int outputTokens) {
		ChatResponseMetadata metadata = ChatResponseMetadata.builder()
			.id(id)
			.usage(new DefaultUsage(0, outputTokens))
			.build();
		return heard(HeardCalls.seen("openai", null, true, startedAt, CallOutcome.SUCCESS, metadata, null));
	}

	private @Nullable Usage endedHere(Instant startedAt, boolean streaming) {
		CallOutcome outcome = streaming ? CallOutcome.CANCELLED : CallOutcome.SUCCESS;
		return heard(HeardCalls.seen("openai", null, streaming, startedAt, outcome, new ChatResponseMetadata(), null));
	}

	private @Nullable Usage failedHere(Instant startedAt) {
		return heard(HeardCalls.seen("openai", null, true, startedAt, CallOutcome.ERROR, new ChatResponseMetadata(),
				new IllegalStateException()));
	}

	private @Nullable Usage heard(SeenCall seen) {
		SeenCall completed = this.answers.complete(seen);
		return (completed != seen) ? completed.usage() : null;
	}

	private void sendAndWait(HttpExchange exchange) throws IOException {
		exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
		exchange.sendResponseHeaders(200, 0);
		exchange.getResponseBody().write(STREAM.getBytes(StandardCharsets.UTF_8));
		exchange.getResponseBody().flush();
		try {
			this.released.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private String read(String path) throws IOException {
		try (Response response = this.client.newCall(request(path)).execute()) {
			return response.body().string();
		}
	}

	private Request request(String path) {
		return new Request.Builder().url("http://localhost:" + this.server.getAddress().getPort() + path).build();
	}

	private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
		send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
	}

	private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
		exchange.getResponseHeaders().set("Content-Type", type);
		exchange.sendResponseHeaders(status, body.length);
		exchange.getResponseBody().write(body);
	}

	@FunctionalInterface
	interface Handler {

		void handle(HttpExchange exchange) throws IOException;

	}

	private static final class RecordingCalls implements UnseenCalls {

		private final List<String> recorded = new ArrayList<>();

		private final boolean unseen;

		RecordingCalls(boolean unseen) {
			this.unseen = unseen;
		}

		@Override
		public boolean isUnseen(String provider) {
			return this.unseen;
		}

		@Override
		public void record(String provider, @Nullable ModelOptions options, Instant startedAt, long nanos) {
			this.recorded.add(provider);
		}

	}

}
