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
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpServer;

/**
 * A chat model behind the HTTP protocols of OpenAI and Ollama, and an embedding model
 * behind that of OpenAI, on a port of the loopback interface. It gives the same answer to
 * the same request, and tells its usage.
 * <p>
 * A message with the word {@value ChatHandler#FAILURE_MARKER} is answered with status
 * 500, a request for JSON with the word {@value ScriptedModel#PROSE_MARKER} is answered
 * in prose.
 */
final class EmbeddedProvider implements AutoCloseable {

	private final HttpServer server;

	private final ExecutorService executor;

	private EmbeddedProvider(HttpServer server, ExecutorService executor) {
		this.server = server;
		this.executor = executor;
	}

	/**
	 * Start a provider.
	 * @param settings how it answers
	 * @return the started provider
	 */
	static EmbeddedProvider start(ProviderSettings settings) {
		try {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
			ExecutorService executor = Executors.newCachedThreadPool();
			server.setExecutor(executor);
			server.createContext("/v1/chat/completions", new OpenAiChatHandler(settings));
			server.createContext("/v1/embeddings", new OpenAiEmbeddingHandler(settings));
			server.createContext("/api/chat", new OllamaChatHandler(settings));
			server.start();
			return new EmbeddedProvider(server, executor);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Embedded provider could not be started", ex);
		}
	}

	/**
	 * Return where the provider listens.
	 * @return the URL without a path
	 */
	String getUrl() {
		InetSocketAddress address = this.server.getAddress();
		return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

}
