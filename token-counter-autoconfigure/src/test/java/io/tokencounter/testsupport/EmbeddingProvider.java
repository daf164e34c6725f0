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

package io.tokencounter.testsupport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.JsonNode;

/**
 * A local provider that speaks OpenAI's and Ollama's embedding APIs over HTTP, draws
 * random token counts, and keeps books of what it billed. Texts select what it does:
 * {@code fail-500}, {@code fail-once} and {@code no-usage}.
 */
public final class EmbeddingProvider implements AutoCloseable, BeforeEachCallback, AfterAllCallback {

	/**
	 * Number of dimensions of each embedding.
	 */
	public static final int DIMENSIONS = 3;

	private final BillingLedger ledger = new BillingLedger();

	private final Set<String> failedOnce = ConcurrentHashMap.newKeySet();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final HttpServer server;

	private EmbeddingProvider() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
		this.server.setExecutor(this.executor);
		this.server.createContext("/v1/embeddings", (exchange) -> answer(exchange, "openai"));
		this.server.createContext("/api/embed", (exchange) -> answer(exchange, "ollama"));
		this.server.start();
	}

	public static EmbeddingProvider start() {
		try {
			return new EmbeddingProvider();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public String baseUrl() {
		InetSocketAddress address = this.server.getAddress();
		return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
	}

	public BillingLedger ledger() {
		return this.ledger;
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		this.ledger.reset();
		this.failedOnce.clear();
	}

	@Override
	public void afterAll(ExtensionContext context) {
		close();
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	private void answer(HttpExchange exchange, String provider) throws IOException {
		JsonNode request = ChatProtocol.JSON.readTree(exchange.getRequestBody());
		String model = request.path("model").asString();
		String input = request.path("input").toString();
		boolean failing = input.contains("fail-500") || input.contains("fail-once") && this.failedOnce.add(input);
		if (failing) {
			this.ledger.enter(new Bill(provider, model, model, false, Bill.Ending.FAILED, false, 0, 0, 0, 0, 0));
			send(exchange, 500, ChatProtocol.json("error", ChatProtocol.object("message", "made up")));
			return;
		}
		boolean reported = !input.contains("no-usage");
		int tokens = ThreadLocalRandom.current().nextInt(1, 5000);
		this.ledger.enter(new Bill(provider, model, model, false, Bill.Ending.ANSWERED, reported, tokens, 0, 0, 0, 0));
		int texts = request.path("input").isArray() ? request.path("input").size() : 1;
		send(exchange, 200, provider.equals("openai") ? openAi(request, model, texts, reported ? tokens : null)
				: ollama(model, texts, reported ? tokens : null));
	}

	private static String openAi(JsonNode request, String model, int texts, @Nullable Integer tokens) {
		boolean base64 = "base64".equals(request.path("encoding_format").asString(null));
		List<Object> data = new ArrayList<>();
		for (int i = 0; i < texts; i++) {
			data.add(ChatProtocol.object("object", "embedding", "index", i, "embedding",
					base64 ? encoded() : List.of(0.25, 0.5, 0.75)));
		}
		return ChatProtocol.json("object", "list", "data", data, "model", model, "usage", ChatProtocol
			.object("prompt_tokens", (tokens != null) ? tokens : 0, "total_tokens", (tokens != null) ? tokens : 0));
	}

	private static String ollama(String model, int texts, @Nullable Integer tokens) {
		List<Object> embeddings = new ArrayList<>();
		for (int i = 0; i < texts; i++) {
			embeddings.add(List.of(0.25, 0.5, 0.75));
		}
		return (tokens != null)
				? ChatProtocol.json("model", model, "embeddings", embeddings, "prompt_eval_count", tokens)
				: ChatProtocol.json("model", model, "embeddings", embeddings);
	}

	private static String encoded() {
		ByteBuffer floats = ByteBuffer.allocate(4 * DIMENSIONS).order(ByteOrder.LITTLE_ENDIAN);
		floats.putFloat(0.25f).putFloat(0.5f).putFloat(0.75f);
		return Base64.getEncoder().encodeToString(floats.array());
	}

	private static void send(HttpExchange exchange, int status, String body) throws IOException {
		byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(status, bytes.length);
		exchange.getResponseBody().write(bytes);
		exchange.close();
	}

}
