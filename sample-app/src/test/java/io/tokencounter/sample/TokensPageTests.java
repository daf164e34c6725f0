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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.tokencounter.TokenCounter;
import io.tokencounter.TrackTokens;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Opens the page of the endpoint {@code tokens} in a browser while calls are made. With
 * {@code -Dtokens-page.screenshots=<folder>} it leaves pictures there.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "sample.embedded-provider.token-delay=2ms", "spring.ai.openai.chat.model=gpt-4o-mini",
				"spring.ai.ollama.chat.model=llama3.2", "spring.ai.openai.chat.stream-options.include-usage=false" })
class TokensPageTests {

	private static final String MARKUP = "<img src=x onerror=\"window.injected=true\">";

	@TempDir(cleanup = CleanupMode.NEVER)
	private static Path directory;

	private static Browser browser;

	@Autowired
	private TokenCounter tokenCounter;

	@Autowired
	private Marked marked;

	@Autowired
	private PageFilter filter;

	@LocalServerPort
	private int port;

	private RestTestClient client;

	private final JsonMapper jsonMapper = new JsonMapper();

	@BeforeAll
	static void startBrowser() throws Exception {
		Optional<Path> chromium = Browser.find();
		assumeTrue(chromium.isPresent(), "No Chromium on the PATH, so the page is not tested");
		browser = Browser.start(chromium.get(), directory);
	}

	@AfterAll
	static void stopBrowser() {
		if (browser != null) {
			browser.close();
		}
	}

	@BeforeEach
	void openPage() {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + this.port).build();
		this.tokenCounter.reset();
		browser.resize(1280, 900, false);
		browser.setColorScheme("light");
		open("");
	}

	private void open(String query) {
		this.filter.queries.clear();
		browser.open("http://localhost:" + this.port + "/actuator/tokens" + query);
	}

	@Test
	void saysThatThereIsNothingYet() {
		eventually(() -> assertThat(browser.text("empty")).contains("No call to a model has been counted yet"));
		assertThat(browser.text("content")).isEmpty();
		assertThat(browser.text("warnings")).isEmpty();
	}

	@Test
	void showsTheNumbersOfTheJsonAndSeesThemChange() throws Exception {
		eventually(() -> assertThat(browser.text("updated")).startsWith("Updated"));
		callEverything();
		eventually(this::showsTheNumbersOfTheJson);
		String before = browser.text("figures");
		String timeBefore = browser.text("in-time");
		assertThat(timeBefore).isNotEqualTo("0 input tokens").endsWith(" input tokens");
		assertThat(browser.evaluate("document.querySelectorAll('#chart rect.in').length").intValue()).isPositive();
		extract("Another candidate\nSkills: Java", "openai");
		eventually(this::showsTheNumbersOfTheJson);
		assertThat(browser.text("figures")).isNotEqualTo(before);
		eventually(() -> assertThat(browser.text("in-time")).isNotEqualTo(timeBefore));
		this.tokenCounter.reset();
		eventually(() -> assertThat(browser.text("empty")).isNotEmpty());
		assertThat(browser.errors()).isEmpty();
	}

	@Test
	void showsWhatIsNotCountedInFull() {
		extract("provider-error", "openai");
		eventually(() -> assertThat(browser.text("models")).contains("unknown"));
		assertThat(browser.text("outcomes").replaceAll("\\s+", " ")).contains("Failed 1 100 %", "Succeeded 0 0 %");
		// Nobody expects a usage of a call that failed
		assertThat(browser.text("warnings")).isEmpty();
		assertThat(browser.text("models")).doesNotContain("without usage");
		stream("openai");
		eventually(() -> assertThat(browser.text("warnings")).contains("1 call without usage", "gpt-4o-mini"));
		assertThat(browser.text("models")).contains("1 call without usage");
	}

	@Test
	void startsWithTheCallsThatAreKeptAndThenAsksForSumsOnly() {
		extract("Ada Lovelace\nSkills: Java", "openai");
		open("");
		eventually(() -> assertThat(browser.text("in-time")).isNotEmpty().isNotEqualTo("0 input tokens"));
		assertThat(browser.evaluate("document.querySelectorAll('#chart rect.in').length").intValue()).isPositive();
		String shown = browser.text("in-time");
		eventually(() -> assertThat(this.filter.queries).hasSizeGreaterThan(3));
		// The page itself, all calls once, and then none
		assertThat(this.filter.queries.subList(0, 4)).containsExactly("", "", "requests=0", "requests=0");
		assertThat(browser.text("in-time")).isEqualTo(shown);
	}

	@Test
	void showsTheSharesOfAllowedCallerTags() {
		extract("Ada Lovelace\nSkills: Java", "openai");
		eventually(() -> assertThat(browser.text("tags").replaceAll("\\s+", " ")).startsWith("By tenant")
			.contains("none calls without it"));
		assertThat(browser.errors()).isEmpty();
	}

	@Test
	void saysThatAPolicyKeepsItFromRunning() {
		open("?csp=default-src+'self'");
		eventually(() -> assertThat(browser.text("blocked")).contains("Content-Security-Policy", "hashes"));
	}

	@Test
	void saysThatAPolicyKeepsItFromAsking() {
		open("?csp=connect-src+'none'");
		eventually(() -> assertThat(browser.text("status")).contains("Content-Security-Policy", "connect-src 'self'"));
		assertThat(browser.text("blocked")).isEmpty();
	}

	@Test
	void showsNamesAsText() {
		this.marked.ask();
		eventually(() -> assertThat(strings("[...document.querySelectorAll('#features th')].map((e) => e.textContent)"))
			.contains(MARKUP));
		assertThat(browser.evaluate("document.images.length").intValue()).isZero();
		assertThat(browser.evaluate("window.injected === undefined").booleanValue()).isTrue();
		assertThat(browser.errors()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "desktop,light,1280", "desktop,dark,1280", "phone,light,360", "phone,dark,360" })
	void isReadable(String device, String scheme, int width) throws Exception {
		browser.resize(width, 800, device.equals("phone"));
		browser.setColorScheme(scheme);
		callEverything();
		eventually(this::showsTheNumbersOfTheJson);
		assertThat(browser.evaluate("document.documentElement.scrollWidth").intValue()).isEqualTo(width);
		// Nothing is cut off or hidden below its neighbour
		assertThat(strings("[...document.querySelectorAll('th, td, dd, dt, p, h2, button')]"
				+ ".filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && e.closest('thead') === null)"
				+ ".map((e) => e.textContent)"))
			.isEmpty();
		for (String selector : List.of("body", ".faint", "dt", ".unit", ".warning li", "tbody th", ".note", "button")) {
			assertThat(contrast(selector)).as(selector).isGreaterThanOrEqualTo(4.5);
		}
		assertThat(luminance("body")).matches((luminance) -> scheme.equals("dark") ? luminance < 0.1 : luminance > 0.8);
		keepScreenshot(device + "-" + scheme);
	}

	@Test
	void saysThatTheConnectionIsLostAndComesBack() {
		eventually(() -> assertThat(browser.text("updated")).startsWith("Updated"));
		try {
			browser.setOffline(true);
			eventually(() -> assertThat(browser.text("status")).contains("Connection lost", "The numbers are of",
					"Trying again in 6 s"));
			eventually(() -> assertThat(browser.text("status")).contains("Trying again in 12 s"));
		}
		finally {
			browser.setOffline(false);
		}
		// Asks at once
		browser.evaluate("for (let i = 0; i < 2; i++) document.getElementById('pause').click()");
		eventually(() -> assertThat(browser.text("status")).isEmpty());
	}

	@Test
	void isOperatedByKeyboard() throws Exception {
		extract("Ada Lovelace\nSkills: Java", "openai");
		eventually(this::showsTheNumbersOfTheJson);
		browser.keepDownloads(directory);
		browser.press("Tab", 9);
		assertThat(focused()).isEqualTo("pause");
		browser.press(" ", 32);
		assertThat(browser.text("status")).isEqualTo("Paused");
		browser.press(" ", 32);
		eventually(() -> assertThat(browser.text("status")).isEmpty());
		browser.press("Tab", 9);
		assertThat(focused()).isEqualTo("download");
		browser.press(" ", 32);
		eventually(() -> assertThat(downloads()).hasSize(1));
		assertThat(this.jsonMapper.readTree(downloads().get(0))).isEqualTo(json());
	}

	private void callEverything() {
		extract("Ada Lovelace\nada@example.com\nTitle: Engineer\nSkills: Mathematics, Java", "openai");
		extract("Grace Hopper\ngrace@example.com\nTitle: Rear admiral\nSkills: COBOL", "ollama");
		extract("provider-error", "openai");
		stream("openai");
		stream("ollama");
	}

	private void stream(String provider) {
		this.client.get()
			.uri("/chat/stream?provider={provider}&message={message}", provider, "How do you do?")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(String.class);
	}

	private void extract(String text, String provider) {
		this.client.post()
			.uri("/extract/cv")
			.contentType(MediaType.APPLICATION_JSON)
			.body(Map.of("text", text, "provider", provider))
			.exchange()
			.expectStatus()
			.isOk();
	}

	private void showsTheNumbersOfTheJson() {
		JsonNode json = json();
		assertThat(json.path("total_tokens").longValue()).isPositive();
		String figures = browser.text("figures").replaceAll("\\s+", " ");
		assertThat(figures).contains("Input " + number(json, "total_input_tokens") + " tokens",
				"Output " + number(json, "total_output_tokens") + " tokens",
				"Calls " + number(json, "total_requests") + " ");
		for (String group : List.of("model", "feature")) {
			List<String> expected = new ArrayList<>();
			for (JsonNode entry : json.path(group + "s")) {
				expected.add(entry.path(group).stringValue() + "|" + number(entry, "input_tokens") + "|"
						+ number(entry, "output_tokens") + "|" + number(entry, "requests"));
			}
			assertThat(strings("[...document.querySelectorAll('#" + group + "s tr')].map((row) => "
					+ "[row.cells[0].firstChild, ...[...row.cells].slice(2, 5)].map((e) => e.textContent).join('|'))"))
				.isEqualTo(expected);
		}
	}

	private static String number(JsonNode json, String field) {
		return "%,d".formatted(json.path(field).longValue());
	}

	private JsonNode json() {
		return this.jsonMapper.readTree(this.tokenCounter.summary().toJson());
	}

	private static List<String> strings(String expression) {
		List<String> strings = new ArrayList<>();
		browser.evaluate(expression).forEach((element) -> strings.add(element.stringValue()));
		return strings;
	}

	private static String focused() {
		return browser.evaluate("document.activeElement.id").stringValue();
	}

	private static List<String> downloads() {
		try (Stream<Path> files = Files.list(directory)) {
			List<String> contents = new ArrayList<>();
			for (Path file : files.filter((candidate) -> candidate.toString().endsWith(".json")).toList()) {
				contents.add(Files.readString(file));
			}
			return contents;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static final String LUMINANCE = """
			const luminance = (color) => {
				const [r, g, b] = color.match(/[\\d.]+/g).map((c) => c / 255)
					.map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
				return 0.2126 * r + 0.7152 * g + 0.0722 * b;
			};
			const background = (e) => {
				const color = getComputedStyle(e).backgroundColor;
				return color === 'rgba(0, 0, 0, 0)' ? background(e.parentElement) : color;
			};
			""";

	private static double luminance(String selector) {
		return browser.evaluate("{" + LUMINANCE + "luminance(background(document.querySelector('" + selector + "'))) }")
			.doubleValue();
	}

	private static double contrast(String selector) {
		return browser.evaluate("{" + LUMINANCE + """
				const e = document.querySelector('%s');
				const l = [luminance(getComputedStyle(e).color), luminance(background(e))].sort((a, b) => b - a);
				(l[0] + 0.05) / (l[1] + 0.05) }""".formatted(selector)).doubleValue();
	}

	private static void keepScreenshot(String name) throws IOException {
		String folder = System.getProperty("tokens-page.screenshots");
		if (folder != null) {
			Files.write(Path.of(folder, name + ".png"), browser.screenshot());
		}
	}

	private static void eventually(Runnable assertion) {
		await().atMost(Duration.ofSeconds(60)).untilAsserted(assertion::run);
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Configuration {

		@Bean
		Marked marked(@Qualifier("openAiChatClient") ChatClient chatClient) {
			return new Marked(chatClient);
		}

		@Bean
		PageFilter pageFilter() {
			return new PageFilter();
		}

	}

	/**
	 * Sees what the page asks for, and sends a policy of its own where asked to, as a
	 * proxy might.
	 */
	static class PageFilter extends OncePerRequestFilter {

		private final List<String> queries = new CopyOnWriteArrayList<>();

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			if (request.getRequestURI().equals("/actuator/tokens")) {
				this.queries.add(Objects.requireNonNullElse(request.getQueryString(), ""));
				if (request.getParameter("csp") != null) {
					response.setHeader("Content-Security-Policy", request.getParameter("csp"));
				}
			}
			chain.doFilter(request, response);
		}

	}

	/**
	 * A feature whose name is markup.
	 */
	static class Marked {

		private final ChatClient chatClient;

		Marked(ChatClient chatClient) {
			this.chatClient = chatClient;
		}

		@TrackTokens(MARKUP)
		void ask() {
			this.chatClient.prompt().user("Hello").call().content();
		}

	}

}
