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
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import tools.jackson.databind.json.JsonMapper;

/**
 * A chat endpoint, whatever its protocol looks like.
 */
abstract class ChatHandler implements HttpHandler {

	/**
	 * Has a request answered with status 500.
	 */
	static final String FAILURE_MARKER = "provider-error";

	private final JsonMapper jsonMapper = JsonMapper.builder().build();

	private final ScriptedModel model = new ScriptedModel(this.jsonMapper);

	private final int tokensPerMessage;

	private final ProviderSettings settings;

	private final AtomicLong requests = new AtomicLong();

	/**
	 * Create a handler.
	 * @param tokensPerMessage input tokens that the chat template adds to each message
	 * @param settings how to answer
	 */
	ChatHandler(int tokensPerMessage, ProviderSettings settings) {
		this.tokensPerMessage = tokensPerMessage;
		this.settings = settings;
	}

	@Override
	public final void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			if (!exchange.getRequestMethod().equals("POST")) {
				exchange.getResponseHeaders().set("Allow", "POST");
				sendJson(exchange, 405, error("Only POST is allowed"));
				return;
			}
			ChatRequest request;
			boolean stream;
			Answer answer;
			try {
				request = ChatRequest.read(exchange.getRequestBody().readAllBytes(), this.jsonMapper);
				stream = isStream(request);
				answer = answer(request.messages());
			}
			catch (IllegalArgumentException ex) {
				sendJson(exchange, 400, error(String.valueOf(ex.getMessage())));
				return;
			}
			if (request.messages().stream().anyMatch((message) -> message.contains(FAILURE_MARKER))) {
				sendJson(exchange, 500, error("The model has failed"));
			}
			else if (this.settings.isRefused(this.requests.incrementAndGet())) {
				// Of a kind that clients do not ask again after
				sendJson(exchange, 400, error("The model does not take this request"));
			}
			else if (stream) {
				exchange.getResponseHeaders().set("Content-Type", streamContentType());
				exchange.sendResponseHeaders(200, 0);
				stream(request, answer, exchange.getResponseBody());
			}
			else {
				generate(answer.completionTokens());
				sendJson(exchange, 200, response(request, answer));
			}
		}
	}

	private Answer answer(List<String> messages) {
		List<String> tokens = ScriptedModel.tokens(this.model.answer(messages.get(messages.size() - 1)));
		int promptTokens = messages.stream()
			.mapToInt((message) -> ScriptedModel.tokens(message).size() + this.tokensPerMessage)
			.sum();
		return new Answer(tokens, promptTokens);
	}

	/**
	 * Return whether a request asks for a stream.
	 * @param request the request
	 * @return whether the answer is to be streamed
	 * @throws IllegalArgumentException if the request is not valid
	 */
	abstract boolean isStream(ChatRequest request);

	abstract Map<String, ?> response(ChatRequest request, Answer answer);

	abstract String streamContentType();

	abstract void stream(ChatRequest request, Answer answer, OutputStream body) throws IOException;

	abstract Map<String, ?> error(String message);

	/**
	 * Take the time that the model takes for some tokens.
	 * @param tokens the number of tokens
	 * @throws InterruptedIOException if the provider is stopped meanwhile
	 */
	final void generate(int tokens) throws InterruptedIOException {
		try {
			Thread.sleep(this.settings.tokenDelay().multipliedBy(tokens).toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("The provider was stopped");
		}
	}

	final Duration durationOf(int tokens) {
		return this.settings.tokenDelay().multipliedBy(tokens);
	}

	final void write(OutputStream body, String prefix, Map<String, ?> json, String suffix) throws IOException {
		body.write((prefix + this.jsonMapper.writeValueAsString(json) + suffix).getBytes(StandardCharsets.UTF_8));
		body.flush();
	}

	private void sendJson(HttpExchange exchange, int status, Map<String, ?> json) throws IOException {
		byte[] body = this.jsonMapper.writeValueAsBytes(json);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(status, body.length);
		exchange.getResponseBody().write(body);
	}

	/**
	 * What the model answered.
	 *
	 * @param tokens the answer's tokens
	 * @param promptTokens the number of the request's tokens
	 */
	record Answer(List<String> tokens, int promptTokens) {

		String text() {
			return String.join("", this.tokens);
		}

		int completionTokens() {
			return this.tokens.size();
		}

	}

}
