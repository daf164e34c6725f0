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

package io.tokencounter.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A process that answers OpenAI's chat completions at once, and keeps books of what it
 * bills.
 */
public final class LoadProvider {

	private final LongAdder calls = new LongAdder();

	private final LongAdder input = new LongAdder();

	private final LongAdder output = new LongAdder();

	private LoadProvider() {
	}

	/**
	 * Start.
	 * @param args the port
	 * @throws IOException if the port cannot be had
	 */
	public static void main(String[] args) throws IOException {
		// Without it, the answer's body waits for the client to acknowledge the headers
		System.setProperty("sun.net.httpserver.nodelay", "true");
		LoadProvider provider = new LoadProvider();
		HttpServer server = HttpServer
			.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 1000);
		server.setExecutor(Executors.newCachedThreadPool());
		server.createContext("/v1/chat/completions", provider::answer);
		server.createContext("/books", provider::tellBooks);
		server.start();
	}

	private void answer(HttpExchange exchange) throws IOException {
		exchange.getRequestBody().readAllBytes();
		int input = ThreadLocalRandom.current().nextInt(1, 2000);
		int output = ThreadLocalRandom.current().nextInt(1, 500);
		this.calls.increment();
		this.input.add(input);
		this.output.add(output);
		send(exchange, """
				{"id": "chatcmpl-%d", "object": "chat.completion", "created": 1790000000, "model": "gpt-4o-mini",
				"choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
				"message": {"role": "assistant", "content": "Pebbles gossip.", "refusal": null}}],
				"usage": {"prompt_tokens": %d, "completion_tokens": %d, "total_tokens": %d}}
				""".formatted(System.nanoTime(), input, output, input + output));
	}

	private void tellBooks(HttpExchange exchange) throws IOException {
		send(exchange, "%s %s %s".formatted(this.calls, this.input, this.output));
	}

	private static void send(HttpExchange exchange, String body) throws IOException {
		byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(200, bytes.length);
		exchange.getResponseBody().write(bytes);
		exchange.close();
	}

}
