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

package io.tokencounter.sample;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.awaitility.Awaitility.await;

/**
 * A headless Chromium with one tab, driven by its DevTools protocol.
 */
final class Browser implements AutoCloseable {

	private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final JsonMapper jsonMapper = new JsonMapper();

	private final AtomicInteger commands = new AtomicInteger();

	private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

	private final List<String> errors = new CopyOnWriteArrayList<>();

	private final Process process;

	private final WebSocket tab;

	private Browser(Process process, URI tabs) throws IOException, InterruptedException {
		this.process = process;
		HttpClient client = HttpClient.newHttpClient();
		String tab = client.send(HttpRequest.newBuilder(tabs).build(), BodyHandlers.ofString()).body();
		this.tab = client.newWebSocketBuilder()
			.buildAsync(URI.create(this.jsonMapper.readTree(tab).path(0).path("webSocketDebuggerUrl").stringValue()),
					new Answers())
			.join();
		send("Page.enable", Map.of());
		send("Runtime.enable", Map.of());
		send("Log.enable", Map.of());
	}

	/**
	 * Find an installed Chromium.
	 * @return its executable file, empty if there is none
	 */
	static Optional<Path> find() {
		return Stream.of(System.getenv("PATH").split(File.pathSeparator))
			.flatMap((directory) -> NAMES.stream().map((name) -> Path.of(directory, name)))
			.filter(Files::isExecutable)
			.findFirst();
	}

	/**
	 * Start a browser.
	 * @param executable the executable file
	 * @param directory an empty directory for its data
	 * @return the browser, with an empty page
	 */
	static Browser start(Path executable, Path directory) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(executable.toString(), "--headless", "--no-sandbox", "--disable-gpu",
				"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0",
				"--user-data-dir=" + directory.resolve("profile"), "about:blank")
			.redirectErrorStream(true)
			.redirectOutput(directory.resolve("chromium.log").toFile())
			.start();
		try {
			Path portFile = directory.resolve("profile").resolve("DevToolsActivePort");
			await().atMost(PATIENCE).until(() -> Files.exists(portFile) && Files.readAllLines(portFile).size() > 1);
			String port = Files.readAllLines(portFile).get(0);
			return new Browser(process, URI.create("http://127.0.0.1:" + port + "/json/list"));
		}
		catch (RuntimeException | IOException ex) {
			process.destroyForcibly();
			throw ex;
		}
	}

	/**
	 * Open a page.
	 * @param url the page's address
	 */
	void open(String url) {
		this.errors.clear();
		send("Page.navigate", Map.of("url", url));
	}

	/**
	 * Show pages as on a screen of the given size.
	 * @param width the width in pixels
	 * @param height the height in pixels
	 * @param mobile whether the screen is that of a phone
	 */
	void resize(int width, int height, boolean mobile) {
		send("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", mobile));
	}

	/**
	 * Show pages in a color scheme.
	 * @param scheme either {@code light} or {@code dark}
	 */
	void setColorScheme(String scheme) {
		send("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
	}

	/**
	 * Take the connection away, or give it back.
	 * @param offline whether requests fail
	 */
	void setOffline(boolean offline) {
		send("Network.enable", Map.of());
		send("Network.emulateNetworkConditions",
				Map.of("offline", offline, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
	}

	/**
	 * Keep downloaded files.
	 * @param directory where to keep them
	 */
	void keepDownloads(Path directory) {
		send("Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", directory.toString()));
	}

	/**
	 * Press and release a key.
	 * @param key the key's name
	 * @param code the key's number
	 */
	void press(String key, int code) {
		Map<String, Object> event = Map.of("key", key, "code", key, "windowsVirtualKeyCode", code);
		for (String type : List.of("keyDown", "keyUp")) {
			Map<String, Object> typed = new HashMap<>(event);
			typed.put("type", type);
			send("Input.dispatchKeyEvent", typed);
		}
	}

	/**
	 * Evaluate an expression in the page.
	 * @param expression the expression
	 * @return its value
	 */
	JsonNode evaluate(String expression) {
		JsonNode result = send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
		if (result.has("exceptionDetails")) {
			throw new IllegalStateException(result.path("exceptionDetails").toString());
		}
		return result.at("/result/value");
	}

	/**
	 * Return the text that the element with the given id shows.
	 * @param id the element's id
	 * @return the text, empty if the element is hidden or missing
	 */
	String text(String id) {
		return evaluate("((e) => e?.checkVisibility() ? e.innerText : '')(document.getElementById('" + id + "'))")
			.stringValue();
	}

	/**
	 * Return errors of the open page: uncaught exceptions and what violated its policy.
	 * @return the errors so far
	 */
	List<String> errors() {
		return new ArrayList<>(this.errors);
	}

	/**
	 * Take a picture of the whole page.
	 * @return a PNG image
	 */
	byte[] screenshot() {
		JsonNode size = send("Page.getLayoutMetrics", Map.of()).path("cssContentSize");
		return Base64.getDecoder()
			.decode(send("Page.captureScreenshot",
					Map.of("captureBeyondViewport", true, "clip", Map.of("x", 0, "y", 0, "width",
							size.path("width").intValue(), "height", size.path("height").intValue(), "scale", 1)))
				.path("data")
				.stringValue());
	}

	private JsonNode send(String method, Map<String, ?> params) {
		int id = this.commands.incrementAndGet();
		CompletableFuture<JsonNode> answer = new CompletableFuture<>();
		this.answers.put(id, answer);
		this.tab
			.sendText(this.jsonMapper.writeValueAsString(Map.of("id", id, "method", method, "params", params)), true)
			.join();
		JsonNode message = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
		if (message.has("error")) {
			throw new IllegalStateException(method + ": " + message.path("error"));
		}
		return message.path("result");
	}

	@Override
	public void close() {
		this.tab.abort();
		this.process.destroy();
		try {
			if (!this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.process.destroyForcibly();
		}
	}

	/**
	 * Receives answers and events.
	 */
	private final class Answers implements WebSocket.Listener {

		private final StringBuilder text = new StringBuilder();

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			this.text.append(data);
			if (last) {
				receive(Browser.this.jsonMapper.readTree(this.text.toString()));
				this.text.setLength(0);
			}
			socket.request(1);
			return CompletableFuture.completedStage(null);
		}

		private void receive(JsonNode message) {
			CompletableFuture<JsonNode> answer = Browser.this.answers.remove(message.path("id").intValue(0));
			if (answer != null) {
				answer.complete(message);
			}
			boolean error = message.at("/params/entry/level").stringValue("").equals("error");
			if (error || message.path("method").stringValue("").equals("Runtime.exceptionThrown")) {
				Browser.this.errors.add(message.path("params").toString());
			}
		}

	}

}
