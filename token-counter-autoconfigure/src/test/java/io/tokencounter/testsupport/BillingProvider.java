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
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tokencounter.testsupport.Bill.Ending;
import io.tokencounter.testsupport.ChatProtocol.Answer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import tools.jackson.databind.JsonNode;

/**
 * A local provider that speaks OpenAI's, Anthropic's and Ollama's chat APIs over HTTP,
 * draws random token counts, and keeps books of what it billed. Requests select a
 * {@link Behaviour} by its marker.
 * <p>
 * As a JUnit extension it starts every test with an empty ledger, tells its seed with
 * every failure, and is closed after the last test of a class, unless it is
 * {@link #shared()}. The system property {@code billing.seed} sets the seed.
 */
public final class BillingProvider
		implements AutoCloseable, BeforeEachCallback, AfterAllCallback, TestExecutionExceptionHandler {

	static {
		// Without it, the answer's body waits for the client to acknowledge the headers
		System.setProperty("sun.net.httpserver.nodelay", "true");
	}

	private final long seed;

	private final Random random;

	private final BillingLedger ledger = new BillingLedger();

	private final HttpServer server;

	private final ExecutorService executor = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "billing-provider");
		thread.setDaemon(true);
		return thread;
	});

	private final AtomicInteger ids = new AtomicInteger();

	private final AtomicInteger inFlight = new AtomicInteger();

	private final AtomicInteger held = new AtomicInteger();

	private final Set<String> failedOnce = ConcurrentHashMap.newKeySet();

	private boolean shared;

	private volatile CountDownLatch gate = new CountDownLatch(1);

	private BillingProvider(long seed) throws IOException {
		this.seed = seed;
		this.random = new Random(seed);
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
		this.server.setExecutor(this.executor);
		serve("/v1/chat/completions", new OpenAiProtocol());
		serve("/v1/messages", new AnthropicProtocol());
		serve("/api/chat", new OllamaProtocol());
		this.server.start();
	}

	/**
	 * Start a provider on a free port.
	 * @return the running provider
	 */
	public static BillingProvider start() {
		return start(Long.getLong("billing.seed", System.nanoTime()));
	}

	/**
	 * Start a provider on a free port.
	 * @param seed the seed of the token counts
	 * @return the running provider
	 */
	public static BillingProvider start(long seed) {
		try {
			return new BillingProvider(seed);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Stay open until the last test of all, for classes that share an application.
	 * @return this provider
	 */
	public BillingProvider shared() {
		this.shared = true;
		return this;
	}

	/**
	 * Return the base URL for Anthropic's and Ollama's clients.
	 * @return the URL, without a slash at the end
	 */
	public String baseUrl() {
		InetSocketAddress address = this.server.getAddress();
		return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
	}

	/**
	 * Return the base URL for OpenAI's client.
	 * @return the URL, which ends in {@code /v1}
	 */
	public String openAiBaseUrl() {
		return baseUrl() + "/v1";
	}

	/**
	 * Return the books.
	 * @return the ledger
	 */
	public BillingLedger ledger() {
		return this.ledger;
	}

	/**
	 * Let all streams go on that wait now.
	 */
	public void releaseStreams() {
		CountDownLatch gate = this.gate;
		this.gate = new CountDownLatch(1);
		gate.countDown();
	}

	/**
	 * Wait until a number of streams have sent their first text and wait.
	 * @param count how many streams
	 */
	public void awaitHeldStreams(int count) {
		Conditions.await("held streams", () -> this.held.get() >= count);
	}

	/**
	 * Wait until all requests are dealt with.
	 */
	public void awaitIdle() {
		Conditions.await("idle provider", () -> this.inFlight.get() == 0);
	}

	@Override
	public void close() {
		releaseStreams();
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		releaseStreams();
		awaitIdle();
		this.ledger.reset();
		this.failedOnce.clear();
	}

	@Override
	public void afterAll(ExtensionContext context) {
		if (this.shared) {
			context.getRoot().getStore(Namespace.GLOBAL).put(this, this);
		}
		else {
			close();
		}
	}

	@Override
	public void handleTestExecutionException(ExtensionContext context, Throwable throwable) throws Throwable {
		throwable.addSuppressed(new IllegalStateException("Token counts were drawn with -Dbilling.seed=" + this.seed));
		throw throwable;
	}

	private void serve(String path, ChatProtocol protocol) {
		this.server.createContext(path, (exchange) -> {
			this.inFlight.incrementAndGet();
			try {
				handle(exchange, protocol);
			}
			finally {
				this.inFlight.decrementAndGet();
			}
		});
	}

	private void handle(HttpExchange exchange, ChatProtocol protocol) throws IOException {
		JsonNode request = ChatProtocol.JSON.readTree(exchange.getRequestBody());
		List<JsonNode> messages = List.copyOf(request.path("messages").values());
		int asked = lastTextOfUser(messages);
		String model = request.path("model").asString();
		String selector = model + " " + ((asked < 0) ? "" : textOf(messages.get(asked)));
		Set<Behaviour> behaviours = Behaviour.selectedBy(selector);
		boolean streaming = protocol.isStreaming(request);
		int status = status(behaviours, selector);
		if (status != 200) {
			this.ledger
				.enter(new Bill(protocol.provider(), model, model, streaming, Ending.FAILED, false, 0, 0, 0, 0, 0));
			send(exchange, status, "application/json", protocol.error(status));
			return;
		}
		boolean toolAnswered = messages.subList(asked + 1, messages.size()).stream().anyMatch(protocol::isToolResult);
		String tool = (behaviours.contains(Behaviour.TOOL_ROUND) && !toolAnswered) ? protocol.firstTool(request) : null;
		Bill bill = protocol.tellable(draw(protocol, model, streaming, !behaviours.contains(Behaviour.NO_USAGE)));
		Answer answer = new Answer("madeup-" + this.ids.incrementAndGet(), text(behaviours), tool,
				behaviours.contains(Behaviour.NO_CHOICES), bill);
		if (streaming) {
			stream(exchange, protocol, answer, behaviours);
		}
		else {
			String body = protocol.sync(answer);
			this.ledger.enter(bill);
			send(exchange, 200, "application/json", body);
		}
	}

	private int status(Set<Behaviour> behaviours, String selector) {
		if (behaviours.contains(Behaviour.FAIL_429)) {
			return 429;
		}
		if (behaviours.contains(Behaviour.FAIL_500)
				|| behaviours.contains(Behaviour.FAIL_ONCE) && this.failedOnce.add(selector)) {
			return 500;
		}
		return 200;
	}

	private void stream(HttpExchange exchange, ChatProtocol protocol, Answer answer, Set<Behaviour> behaviours)
			throws IOException {
		CountDownLatch gate = this.gate;
		exchange.getResponseHeaders().set("Content-Type", protocol.streamType());
		exchange.sendResponseHeaders(200, 0);
		OutputStream body = exchange.getResponseBody();
		try {
			for (String frame : protocol.opening(answer)) {
				write(body, frame);
			}
			if (behaviours.contains(Behaviour.SLOW_STREAM)) {
				awaitGate(gate);
			}
			if (behaviours.contains(Behaviour.ENDLESS)) {
				streamUntilReleased(body, protocol, answer, gate);
			}
			if (answer.tool() == null && !answer.empty() && !behaviours.contains(Behaviour.AS_JSON)) {
				write(body, protocol.more(answer, " They never stop."));
			}
		}
		catch (IOException ex) {
			this.ledger.enter(answer.bill().withEnding(Ending.INTERRUPTED));
			throw ex;
		}
		if (behaviours.contains(Behaviour.FAIL_MIDWAY)) {
			this.ledger.enter(answer.bill().withEnding(Ending.FAILED));
			// The server closes a connection whose handler throws
			throw new IOException("Broken off on request");
		}
		if (behaviours.contains(Behaviour.ERROR_EVENT)) {
			this.ledger.enter(answer.bill().withEnding(Ending.FAILED));
			write(body, protocol.errorEvent());
			body.close();
			return;
		}
		this.ledger.enter(answer.bill());
		for (String frame : protocol.closing(answer)) {
			write(body, frame);
		}
		body.close();
	}

	private void awaitGate(CountDownLatch gate) {
		this.held.incrementAndGet();
		try {
			gate.await(Conditions.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.held.decrementAndGet();
		}
	}

	private void streamUntilReleased(OutputStream body, ChatProtocol protocol, Answer answer, CountDownLatch gate)
			throws IOException {
		long end = System.nanoTime() + Conditions.DEADLINE.toNanos();
		try {
			while (System.nanoTime() < end && !gate.await(1, TimeUnit.MILLISECONDS)) {
				write(body, protocol.more(answer, " They"));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Bill draw(ChatProtocol protocol, String model, boolean streaming, boolean reported) {
		synchronized (this.random) {
			// Every part is larger than zero, so that none can be lost unseen
			int cacheRead = this.random.nextInt(1, 2000);
			int cacheWrite = this.random.nextInt(1, 1000);
			int input = cacheRead + cacheWrite + this.random.nextInt(1, 3000);
			int reasoning = this.random.nextInt(1, 500);
			int output = reasoning + this.random.nextInt(1, 1500);
			return new Bill(protocol.provider(), model, protocol.responseModel(model), streaming, Ending.ANSWERED,
					reported, input, output, cacheRead, cacheWrite, reasoning);
		}
	}

	private static String text(Set<Behaviour> behaviours) {
		return behaviours.contains(Behaviour.AS_JSON) ? "{\"name\":\"Nowhere\",\"height\":12}" : "Pebbles gossip.";
	}

	private static int lastTextOfUser(List<JsonNode> messages) {
		for (int i = messages.size() - 1; i >= 0; i--) {
			JsonNode message = messages.get(i);
			if ("user".equals(message.path("role").asString()) && textOf(message) != null) {
				return i;
			}
		}
		return -1;
	}

	private static @Nullable String textOf(JsonNode message) {
		JsonNode content = message.path("content");
		if (content.isString()) {
			return content.asString();
		}
		List<String> texts = content.findValuesAsString("text");
		return texts.isEmpty() ? null : String.join(" ", texts);
	}

	private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
		byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", type);
		exchange.sendResponseHeaders(status, bytes.length);
		exchange.getResponseBody().write(bytes);
		exchange.close();
	}

	private static void write(OutputStream body, String frame) throws IOException {
		body.write(frame.getBytes(StandardCharsets.UTF_8));
		body.flush();
	}

}
