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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * OpenAI's embeddings. The nearer two texts are, the more words they share.
 */
final class OpenAiEmbeddingHandler implements HttpHandler {

	private static final int DIMENSIONS = 256;

	private final JsonMapper jsonMapper = JsonMapper.builder().build();

	private final AtomicLong requests = new AtomicLong();

	private final ProviderSettings settings;

	OpenAiEmbeddingHandler(ProviderSettings settings) {
		this.settings = settings;
	}

	@Override
	public void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			JsonNode request = read(exchange);
			List<String> texts = texts(request.path("input"));
			String model = request.path("model").asString("");
			if (!exchange.getRequestMethod().equals("POST")) {
				send(exchange, 405, error("Only POST is allowed"));
			}
			else if (texts.isEmpty() || model.isBlank()) {
				send(exchange, 400, error("'model' and 'input' must not be empty"));
			}
			else if (texts.stream().anyMatch((text) -> text.contains(ChatHandler.FAILURE_MARKER))) {
				send(exchange, 500, error("The model has failed"));
			}
			else if (this.settings.isRefused(this.requests.incrementAndGet())) {
				send(exchange, 400, error("The model does not take this request"));
			}
			else {
				boolean base64 = request.path("encoding_format").asString("float").equals("base64");
				send(exchange, 200, response(model, texts, base64));
			}
		}
	}

	private JsonNode read(HttpExchange exchange) throws IOException {
		try {
			return this.jsonMapper.readTree(exchange.getRequestBody().readAllBytes());
		}
		catch (JacksonException ex) {
			return this.jsonMapper.createObjectNode();
		}
	}

	private static List<String> texts(JsonNode input) {
		List<String> texts = new ArrayList<>();
		if (input.isString()) {
			texts.add(input.stringValue());
		}
		input.forEach((text) -> texts.add(text.asString("")));
		return texts;
	}

	private static Map<String, ?> response(String model, List<String> texts, boolean base64) {
		List<Object> data = new ArrayList<>();
		int tokens = 0;
		for (String text : texts) {
			float[] embedding = embedding(text);
			data.add(Map.of("object", "embedding", "index", data.size(), "embedding",
					base64 ? encode(embedding) : embedding));
			tokens += ScriptedModel.tokens(text).size();
		}
		return Map.of("object", "list", "data", data, "model", model, "usage",
				Map.of("prompt_tokens", tokens, "total_tokens", tokens));
	}

	private static float[] embedding(String text) {
		float[] counts = new float[DIMENSIONS];
		float squares = 0;
		for (String token : ScriptedModel.tokens(text.toLowerCase(Locale.ROOT))) {
			// Each further one adds the difference of two squares
			squares += 2 * counts[Math.floorMod(token.strip().hashCode(), DIMENSIONS)]++ + 1;
		}
		for (int i = 0; i < DIMENSIONS && squares > 0; i++) {
			counts[i] /= (float) Math.sqrt(squares);
		}
		return counts;
	}

	private static String encode(float[] embedding) {
		ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * embedding.length).order(ByteOrder.LITTLE_ENDIAN);
		bytes.asFloatBuffer().put(embedding);
		return Base64.getEncoder().encodeToString(bytes.array());
	}

	private static Map<String, ?> error(String message) {
		return Map.of("error", Map.of("message", message, "type", "invalid_request_error"));
	}

	private void send(HttpExchange exchange, int status, Map<String, ?> json) throws IOException {
		byte[] body = this.jsonMapper.writeValueAsBytes(json);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(status, body.length);
		exchange.getResponseBody().write(body);
	}

}
