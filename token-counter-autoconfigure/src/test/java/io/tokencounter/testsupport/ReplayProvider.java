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
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * A provider that answers over HTTP with the payloads in {@code fixtures/}. The first
 * segment of the path says with which ones: below {@link #url(String) url("openai")} it
 * answers with {@code openai-sync.json} or, where a stream is asked for, with
 * {@code openai-stream.sse}; below {@code url("openai-error-429")} with that error.
 */
public final class ReplayProvider implements AutoCloseable {

	private static final Pattern FIRST_SEGMENT = Pattern.compile("/([^/]+)/.*");

	private static final Pattern STREAM = Pattern.compile("\"stream\"\\s*:\\s*true");

	private static final Pattern ERROR = Pattern.compile(".*-error-(\\d{3})");

	private static final Map<String, String> CONTENT_TYPES = Map.of("-stream.sse", "text/event-stream",
			"-stream.ndjson", "application/x-ndjson", "-sync.json", "application/json", ".json", "application/json");

	private final HttpServer server;

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final List<String> requests = new CopyOnWriteArrayList<>();

	private ReplayProvider() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.setExecutor(this.executor);
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	/**
	 * Start a provider on a free port.
	 */
	public static ReplayProvider start() {
		try {
			return new ReplayProvider();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the base URL below which the fixtures of this name are served.
	 */
	public String url(String fixture) {
		return "http://localhost:" + this.server.getAddress().getPort() + "/" + fixture;
	}

	/**
	 * Return the paths of the requests so far.
	 */
	public List<String> requests() {
		return List.copyOf(this.requests);
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	private void answer(HttpExchange exchange) throws IOException {
		try (exchange) {
			String path = exchange.getRequestURI().getPath();
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			this.requests.add(path);
			Matcher segment = FIRST_SEGMENT.matcher(path);
			String fixture = (segment.matches()) ? segment.group(1) : "";
			Matcher error = ERROR.matcher(fixture);
			if (error.matches()) {
				send(exchange, Integer.parseInt(error.group(1)), fixture, ".json");
			}
			else if (path.endsWith(":streamGenerateContent") || STREAM.matcher(body).find()) {
				send(exchange, 200, fixture, "-stream.sse", "-stream.ndjson");
			}
			else {
				send(exchange, 200, fixture, "-sync.json");
			}
		}
	}

	private static void send(HttpExchange exchange, int status, String fixture, String... suffixes) throws IOException {
		for (String suffix : suffixes) {
			byte[] payload = read(fixture + suffix);
			if (payload != null) {
				exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPES.get(suffix));
				exchange.sendResponseHeaders(status, payload.length);
				exchange.getResponseBody().write(payload);
				return;
			}
		}
		exchange.sendResponseHeaders(404, -1);
	}

	private static byte @Nullable [] read(String name) throws IOException {
		try (InputStream stream = ReplayProvider.class.getResourceAsStream("/fixtures/" + name)) {
			return (stream != null) ? stream.readAllBytes() : null;
		}
	}

}
