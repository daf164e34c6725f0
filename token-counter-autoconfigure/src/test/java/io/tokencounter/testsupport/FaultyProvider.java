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

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import io.tokencounter.testsupport.Bill.Ending;
import io.tokencounter.testsupport.ChatProtocol.Answer;
import tools.jackson.databind.JsonNode;

/**
 * A provider that does on the wire what no provider should: it is a plain socket, since
 * an HTTP server keeps to the rules. All its answers are the same but for the
 * {@link WireFault}.
 */
public final class FaultyProvider implements AutoCloseable {

	/**
	 * Input tokens of each answer, cached ones included.
	 */
	public static final int INPUT = 60;

	/**
	 * Output tokens of each answer.
	 */
	public static final int OUTPUT = 40;

	/**
	 * Text of each piece of a large stream.
	 */
	public static final String LARGE_TEXT = "pebbles ".repeat(1 << 13);

	/**
	 * How often a large stream sends {@link #LARGE_TEXT}: 100 MB in all with
	 * {@code -Dsoak=full}, else a tenth of that.
	 */
	public static final int LARGE_PIECES = "full".equals(System.getProperty("soak")) ? 1600 : 160;

	private static final Pattern COUNT = Pattern.compile("\"(\\w*_tokens|prompt_eval_count|eval_count)\":\\d+");

	private static final Map<String, ChatProtocol> PROTOCOLS = Map.of("/v1/chat/completions", new OpenAiProtocol(),
			"/v1/messages", new AnthropicProtocol(), "/api/chat", new OllamaProtocol());

	private final ServerSocket server;

	private final AtomicInteger requests = new AtomicInteger();

	private final AtomicInteger open = new AtomicInteger();

	private final ExecutorService executor = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "faulty-provider");
		thread.setDaemon(true);
		return thread;
	});

	private volatile WireFault fault = WireFault.NONE;

	private final Semaphore chunksSeen = new Semaphore(0);

	private FaultyProvider() throws IOException {
		this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		this.executor.execute(this::accept);
	}

	/**
	 * Start a provider on a free port.
	 * @return the running provider
	 */
	public static FaultyProvider start() {
		try {
			return new FaultyProvider();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return where the provider is.
	 * @return the URL, without a slash at the end
	 */
	public String baseUrl() {
		return "http://" + this.server.getInetAddress().getHostAddress() + ":" + this.server.getLocalPort();
	}

	/**
	 * Set what is wrong with the answers from now on.
	 * @param fault the fault
	 */
	public void setFault(WireFault fault) {
		this.fault = fault;
	}

	/**
	 * Tell that a chunk of a stream has arrived. Before a connection is broken off, the
	 * provider waits for one, since a reset can overtake what was sent before.
	 */
	public void sawChunk() {
		this.chunksSeen.release();
	}

	/**
	 * Return the number of requests since the last time that this was asked.
	 * @return the number of requests
	 */
	public int takeRequests() {
		return this.requests.getAndSet(0);
	}

	/**
	 * Wait until all connections are closed.
	 */
	public void awaitIdle() {
		Conditions.await("idle provider", () -> this.open.get() == 0);
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		this.executor.shutdownNow();
	}

	private void accept() {
		while (!this.server.isClosed()) {
			try {
				Socket socket = this.server.accept();
				this.open.incrementAndGet();
				this.executor.execute(() -> serve(socket));
			}
			catch (IOException ex) {
				// Closed, which the loop looks at
			}
		}
	}

	private void serve(Socket socket) {
		try (socket) {
			socket.setTcpNoDelay(true);
			answer(socket);
		}
		catch (IOException ex) {
			// The client is gone
		}
		finally {
			this.open.decrementAndGet();
		}
	}

	private void answer(Socket socket) throws IOException {
		InputStream input = new BufferedInputStream(socket.getInputStream());
		String head = readHead(input);
		if (head.isEmpty()) {
			return;
		}
		this.requests.incrementAndGet();
		JsonNode request = ChatProtocol.JSON.readTree(readBody(input, head.toLowerCase(Locale.ROOT)));
		ChatProtocol protocol = PROTOCOLS.get(head.split(" ", 3)[1]);
		if (protocol == null) {
			throw new IllegalStateException("Unexpected request " + head);
		}
		String model = request.path("model").asString();
		boolean streaming = protocol.isStreaming(request);
		Bill bill = protocol.tellable(new Bill(protocol.provider(), model, protocol.responseModel(model), streaming,
				Ending.ANSWERED, true, INPUT, OUTPUT, 20, 10, 15));
		Answer answer = new Answer("madeup-1", "Pebbles gossip.", null, false, bill);
		OutputStream output = socket.getOutputStream();
		if (streaming) {
			stream(socket, output, protocol, answer);
		}
		else {
			sync(socket, output, protocol, answer);
		}
	}

	private void sync(Socket socket, OutputStream output, ChatProtocol protocol, Answer answer) throws IOException {
		WireFault fault = this.fault;
		String body = withUsageOf(fault, protocol.sync(answer));
		switch (fault) {
			case CLOSED_AT_ONCE -> socket.shutdownOutput();
			case RESET_AT_ONCE -> reset(socket);
			case NO_HTTP -> write(output, "Pebbles do not speak HTTP.\r\n\r\n");
			case RESET_MIDWAY -> {
				write(output, head("application/json", "Content-Length: " + body.length()) + half(body));
				reset(socket);
			}
			case CUT_OFF -> write(output, head("application/json", "Content-Length: " + body.length()) + half(body));
			case TRUNCATED -> whole(output, "application/json", half(body));
			case GARBAGE -> whole(output, "application/json", "{\"pebbles\": [gossip");
			case WEB_PAGE -> whole(output, "text/html", "<html><body>Bad gateway</body></html>");
			case EMPTY -> whole(output, "application/json", "");
			default -> whole(output, "application/json", body);
		}
	}

	private void stream(Socket socket, OutputStream output, ChatProtocol protocol, Answer answer) throws IOException {
		WireFault fault = this.fault;
		switch (fault) {
			case CLOSED_AT_ONCE -> socket.shutdownOutput();
			case RESET_AT_ONCE -> reset(socket);
			case NO_HTTP -> write(output, "Pebbles do not speak HTTP.\r\n\r\n");
			case WEB_PAGE -> whole(output, "text/html", "<html><body>Bad gateway</body></html>");
			case EMPTY -> whole(output, protocol.streamType(), "");
			default -> {
				write(output, head(protocol.streamType(), "Transfer-Encoding: chunked"));
				frames(socket, output, protocol, answer, fault);
			}
		}
	}

	private void frames(Socket socket, OutputStream output, ChatProtocol protocol, Answer answer, WireFault fault)
			throws IOException {
		this.chunksSeen.drainPermits();
		List<String> opening = protocol.opening(answer);
		List<String> closing = new ArrayList<>(protocol.closing(answer));
		String more = protocol.more(answer, " They never stop.");
		for (String frame : opening) {
			chunk(output, withUsageOf(fault, frame));
		}
		switch (fault) {
			case RESET_MIDWAY -> {
				awaitChunks(opening.size());
				reset(socket);
				return;
			}
			case CUT_OFF -> {
				// Neither the rest of the frame nor the end of the chunks
				chunk(output, half(more));
				return;
			}
			case TRUNCATED -> {
				chunk(output, half(more));
				closing.clear();
			}
			case GARBAGE -> chunk(output, garbage(more));
			case LARGE -> {
				String large = protocol.more(answer, LARGE_TEXT);
				for (int i = 0; i < LARGE_PIECES; i++) {
					chunk(output, large);
				}
			}
			case ENDLESS -> {
				while (this.fault == fault) {
					chunk(output, more);
				}
			}
			default -> chunk(output, more);
		}
		for (String frame : closing) {
			chunk(output, withUsageOf(fault, frame));
		}
		write(output, "0\r\n\r\n");
	}

	private void awaitChunks(int frames) throws IOException {
		// Anthropic's first two frames are no chunks of Spring AI's
		int chunks = (frames == 3) ? 1 : frames;
		try {
			if (!this.chunksSeen.tryAcquire(chunks, Conditions.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new IOException("No chunk arrived");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * The frame with something in the place of its JSON.
	 */
	private static String garbage(String frame) {
		return frame.replaceFirst("\\{.*}", "{pebbles: [gossip");
	}

	private static String withUsageOf(WireFault fault, String text) {
		return (fault.count() != null) ? COUNT.matcher(text).replaceAll("\"$1\":" + fault.count()) : text;
	}

	private static String half(String text) {
		return text.substring(0, text.length() / 2);
	}

	private static void whole(OutputStream output, String type, String body) throws IOException {
		write(output, head(type, "Content-Length: " + body.length()) + body);
	}

	private static String head(String type, String length) {
		return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nConnection: close\r\n" + length + "\r\n\r\n";
	}

	private static void chunk(OutputStream output, String text) throws IOException {
		write(output, Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
	}

	private static void write(OutputStream output, String text) throws IOException {
		output.write(text.getBytes(StandardCharsets.ISO_8859_1));
		output.flush();
	}

	private static void reset(Socket socket) throws IOException {
		socket.setSoLinger(true, 0);
		socket.close();
	}

	private static String readHead(InputStream input) throws IOException {
		StringBuilder head = new StringBuilder();
		for (int next = input.read(); next != -1; next = input.read()) {
			head.append((char) next);
			if (head.length() > 3 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
				return head.toString();
			}
		}
		return "";
	}

	private static byte[] readBody(InputStream input, String head) throws IOException {
		int length = head.indexOf("content-length:");
		if (length != -1) {
			String value = head.substring(length + 15, head.indexOf("\r\n", length));
			return input.readNBytes(Integer.parseInt(value.strip()));
		}
		StringBuilder body = new StringBuilder();
		for (int size = readChunkSize(input); size > 0; size = readChunkSize(input)) {
			body.append(new String(input.readNBytes(size), StandardCharsets.ISO_8859_1));
			input.readNBytes(2);
		}
		input.readNBytes(2);
		return body.toString().getBytes(StandardCharsets.ISO_8859_1);
	}

	private static int readChunkSize(InputStream input) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int next = input.read(); next != '\n' && next != -1; next = input.read()) {
			line.append((char) next);
		}
		return Integer.parseInt(line.toString().strip(), 16);
	}

}
