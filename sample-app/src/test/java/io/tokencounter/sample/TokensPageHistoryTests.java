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
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenLedger;
import io.tokencounter.TokenUsage;
import io.tokencounter.ledger.LedgerRecorder;
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
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Opens the page of the endpoint {@code tokens} in a browser, with a ledger and budgets.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "sample.embedded-provider.token-delay=0", "spring.datasource.url=jdbc:h2:mem:${random.uuid}",
				"token-counter.ledger.spool.directory=target/page-spool/${random.uuid}",
				"token-counter.budgets.total.max-tokens=1000000", "token-counter.budgets.total.window=forever" })
class TokensPageHistoryTests {

	private static final String MARKUP = "<img src=x onerror=\"window.injected=true\">";

	private static final Instant NOW = Instant.now();

	@TempDir(cleanup = CleanupMode.NEVER)
	private static Path directory;

	private static Browser browser;

	private static boolean recorded;

	@Autowired
	private LedgerRecorder recorder;

	@Autowired
	private TokenLedger ledger;

	@Autowired
	private FailingFilter filter;

	@LocalServerPort
	private int port;

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
		if (!recorded) {
			recorded = true;
			record("cv", "acme", Duration.ofMinutes(20), 100, "0.5", CallOutcome.SUCCESS);
			record("jd", MARKUP, Duration.ofDays(3), 4000, "0.25", CallOutcome.CANCELLED);
			record("cv", "acme", Duration.ofDays(4), 2000, "0.125", CallOutcome.SUCCESS);
			record("old", "umbra", Duration.ofDays(20), 50, null, CallOutcome.SUCCESS);
			eventually(() -> assertThat(this.ledger.status().written()).isEqualTo(4));
		}
		this.filter.failures.clear();
		browser.resize(1280, 900, false);
		browser.setColorScheme("light");
		open();
	}

	private void record(String feature, String tenant, Duration age, int input, String cost, CallOutcome outcome) {
		this.recorder.onCall(TokenCall.builder("chat", "openai")
			.requestModel("gpt-5.1")
			.usage(TokenUsage.of(input, 10))
			.cost((cost != null) ? new TokenCost(new BigDecimal(cost), "USD") : null)
			.outcome(outcome)
			.feature(feature)
			.tags(Map.of("tenant", tenant))
			.startedAt(NOW.minus(age))
			.build());
	}

	private void open() {
		browser.open("http://localhost:" + this.port + "/actuator/tokens");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					hour  | feature    | cv 100 10 1 0.50 USD
					week  | feature    | jd 4,000 10 1 0.25 USD; cv 2,100 20 2 0.625 USD
					month | feature    | jd 4,000 10 1 0.25 USD; cv 2,100 20 2 0.625 USD; old1 call without price 50 10 1 unknown
					month | model      | gpt-5.11 call without price 6,150 40 4 0.875 USD
					hour  | tag:tenant | acme 100 10 1 0.50 USD
					""")
	void showsSumsOfRange(String range, String by, String expected) {
		choose("range", range);
		choose("by", by);
		eventually(() -> assertThat(rows("history-sums")).contains(expected.split("; ")));
		assertThat(browser.text("history-by")).isEqualTo("By " + by.replace("tag:", ""));
		assertThat(browser.text("history-charts")).contains("Tokens", "Cost in USD");
		assertThat(browser.errors()).isEmpty();
	}

	@Test
	void drawsTokensAndMoneyOverTime() {
		choose("by", "feature");
		chooseRecorded(Duration.ofDays(5));
		String bars = "[...document.querySelectorAll('#history-charts rect title')].map((e) => e.textContent"
				+ ".replace(/.*, /, ''))";
		eventually(() -> assertThat(strings(bars)).containsExactlyInAnyOrder("cv: 2,010 tokens", "jd: 4,010 tokens",
				"cv: 110 tokens", "cv: 0.125 USD", "jd: 0.25 USD", "cv: 0.50 USD"));
		assertThat(browser.text("history-charts")).contains("at most 4,010 tokens a day", "at most 0.50 USD a day");
		assertThat(strings("[...document.querySelectorAll('#history-legend .key')].map((e) => e.textContent)"))
			.containsExactly("jd", "cv");
		// What is drawn can also be read
		assertThat(rows("history-times")).hasSize(3);
	}

	@Test
	void showsRangeOfOnesOwn() {
		choose("range", "custom");
		assertThat(browser.text("custom")).contains("From", "To");
		LocalDateTime from = local(Duration.ofDays(21));
		show(from, from.plusDays(2));
		eventually(() -> assertThat(rows("history-latest")).hasSize(1));
		assertThat(rows("history-sums")).containsExactly("gpt-5.11 call without price 50 10 1 unknown");
		assertThat(rows("history-dearest")).isEmpty();
		show(from, from.minusDays(1));
		eventually(() -> assertThat(browser.text("history-status")).contains("an end that is later"));
		show(LocalDateTime.parse("2001-01-01T00:00:00"), LocalDateTime.parse("2001-01-02T00:00:00"));
		eventually(() -> assertThat(browser.text("history-empty")).isEqualTo("No call was made in this time."));
		assertThat(browser.text("history-content")).isEmpty();
	}

	@Test
	void showsTheLatestAndTheDearestCalls() {
		String tokens = "[...document.querySelectorAll('#%s tbody tr')].map((row) => row.cells[3].textContent)";
		chooseRecorded(Duration.ofDays(30));
		eventually(() -> assertThat(strings(tokens.formatted("history-latest"))).containsExactly("100", "4,000",
				"2,000", "50"));
		assertThat(strings(tokens.formatted("history-dearest"))).containsExactly("100", "4,000", "2,000");
		assertThat(rows("history-latest").get(1)).contains("cancelled", "gpt-5.1openai", "jdtenant");
	}

	@Test
	void sortsByClickAndByKey() {
		choose("by", "feature");
		chooseRecorded(Duration.ofDays(5));
		String names = "[...document.querySelectorAll('#history-sums tbody th')].map((e) => e.textContent)";
		String sorted = "[...document.querySelectorAll('#history-sums thead th')].map((e) => e.ariaSort ?? '-')";
		eventually(() -> assertThat(strings(names)).containsExactly("jd", "cv"));
		assertThat(strings(sorted)).containsOnly("-");
		browser.evaluate("document.querySelectorAll('#history-sums thead button')[4].click()");
		assertThat(strings(names)).containsExactly("cv", "jd");
		assertThat(strings(sorted)).containsExactly("-", "-", "-", "-", "descending");
		browser.evaluate("document.querySelectorAll('#history-sums thead button')[0].focus()");
		browser.press(" ", 32);
		assertThat(strings(names)).containsExactly("cv", "jd");
		assertThat(strings(sorted)).containsExactly("ascending", "-", "-", "-", "-");
		browser.press(" ", 32);
		assertThat(strings(names)).containsExactly("jd", "cv");
		assertThat(strings(sorted)).containsExactly("descending", "-", "-", "-", "-");
	}

	@Test
	void linksToCsvOfWhatItShows() throws Exception {
		choose("by", "tag:tenant");
		chooseRecorded(Duration.ofHours(1));
		eventually(() -> assertThat(rows("history-sums")).containsExactly("acme 100 10 1 0.50 USD"));
		assertThat(follow("history-csv")).contains("from,tag:tenant,requests,").contains(",acme,1,110,100,10,");
		assertThat(follow("calls-csv").lines()).hasSize(2).first().asString().startsWith("timestamp,id,");
	}

	@Test
	void showsNamesAsText() throws Exception {
		extract(MARKUP);
		open();
		choose("by", "tag:tenant");
		chooseRecorded(Duration.ofDays(5));
		eventually(() -> assertThat(rows("history-sums")).anyMatch((row) -> row.startsWith(MARKUP)));
		eventually(() -> assertThat(rows("budgets")).anyMatch((row) -> row.contains(MARKUP)));
		eventually(() -> assertThat(rows("history-latest")).anyMatch((row) -> row.contains(MARKUP)));
		assertThat(browser.evaluate("document.images.length").intValue()).isZero();
		assertThat(browser.evaluate("window.injected === undefined").booleanValue()).isTrue();
		assertThat(browser.errors()).isEmpty();
	}

	@Test
	void showsHowBudgetsStand() throws Exception {
		for (int i = 0; i < 4; i++) {
			extract("trial");
		}
		open();
		eventually(() -> assertThat(rows("budgets")).anySatisfy(
				(row) -> assertThat(row).startsWith("dailytrial, ").contains("1 call refused", "< 0.1 %", "10.00 USD"))
			.anySatisfy((row) -> assertThat(row).startsWith("dailytrial, ")
				.contains("used up", "100 %", "3 calls 3 calls –"))
			.anySatisfy((row) -> assertThat(row).startsWith("totalforever ").contains("1,000,000 tokens", "– never")));
		assertThat(browser.evaluate("document.querySelectorAll('#budgets .full').length").intValue()).isOne();
		assertThat(browser.errors()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { 403, 500 })
	void saysWhereItGetsNoAnswer(int status) {
		this.filter.failures.put("/actuator/tokenhistory", status);
		this.filter.failures.put("/actuator/tokenbudgets", status);
		open();
		eventually(() -> assertThat(browser.text("history-status")).contains("answered with status " + status,
				"Trying again"));
		eventually(() -> assertThat(browser.text("budgets-status")).contains("answered with status " + status));
		assertThat(browser.text("history-content")).isEmpty();
		// The rest of the page does not mind
		eventually(() -> assertThat(browser.text("updated")).startsWith("Updated"));
		assertThat(browser.text("status")).isEmpty();
		this.filter.failures.clear();
		browser.evaluate("for (let i = 0; i < 2; i++) document.getElementById('pause').click()");
		eventually(() -> assertThat(rows("history-sums")).isNotEmpty());
		assertThat(browser.text("history-status")).doesNotContain("status");
		eventually(() -> assertThat(rows("budgets")).isNotEmpty());
		assertThat(browser.text("budgets-status")).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "1280,light", "1280,dark", "400,light", "400,dark" })
	void isReadable(int width, String scheme) {
		browser.resize(width, 800, width < 1000);
		browser.setColorScheme(scheme);
		choose("range", "month");
		eventually(() -> assertThat(rows("history-latest")).hasSizeGreaterThan(3));
		eventually(() -> assertThat(rows("budgets")).isNotEmpty());
		assertThat(browser.evaluate("document.documentElement.scrollWidth").intValue()).isEqualTo(width);
		assertThat(strings("[...document.querySelectorAll('th, td, p, label, h3, a, select, summary, button')]"
				+ ".filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)"
				+ ".map((e) => e.textContent)"))
			.isEmpty();
		assertThat(strings("[...document.querySelectorAll('select, input')].filter((e) => !e.labels.length)"
				+ ".map((e) => e.id)"))
			.isEmpty();
	}

	private void extract(String tenant) throws Exception {
		send(HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + "/extract/cv"))
			.header("X-Tenant", tenant)
			.header("Content-Type", "application/json")
			.POST(BodyPublishers.ofString("{\"text\": \"Ada Lovelace\", \"provider\": \"openai\"}")));
	}

	private static void choose(String id, String value) {
		eventually(() -> assertThat(browser.text(id)).isNotEmpty());
		browser.evaluate(
				"document.getElementById('%1$s').value = '%2$s'; document.getElementById('%1$s')".formatted(id, value)
						+ ".dispatchEvent(new Event('change'))");
	}

	/**
	 * Leaves out what other tests ask models for.
	 */
	private static void chooseRecorded(Duration age) {
		choose("range", "custom");
		show(local(age), local(Duration.ofMinutes(10)));
	}

	private static LocalDateTime local(Duration age) {
		return LocalDateTime.ofInstant(NOW.minus(age), ZoneId.systemDefault());
	}

	private static void show(LocalDateTime from, LocalDateTime to) {
		set("from", from);
		set("to", to);
		browser.evaluate("document.getElementById('show').click()");
	}

	private static void set(String id, LocalDateTime time) {
		browser.evaluate("document.getElementById('%s').value = '%s'".formatted(id, time.toString().substring(0, 16)));
	}

	private static String follow(String link) throws Exception {
		HttpResponse<String> response = send(HttpRequest
			.newBuilder(URI.create(browser.evaluate("document.getElementById('" + link + "').href").stringValue())));
		assertThat(response.headers().firstValue("Content-Type")).contains("text/csv;charset=UTF-8");
		return response.body();
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
		return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
	}

	private static List<String> rows(String id) {
		return strings("[...document.querySelectorAll('#" + id + " tbody tr')].map((row) => "
				+ "[...row.cells].map((e) => e.textContent).filter((text) => text).join(' '))");
	}

	private static List<String> strings(String expression) {
		List<String> strings = new ArrayList<>();
		browser.evaluate(expression).forEach((element) -> strings.add(element.stringValue()));
		return strings;
	}

	private static void eventually(Runnable assertion) {
		await().atMost(Duration.ofSeconds(60)).untilAsserted(assertion::run);
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Configuration {

		@Bean
		FailingFilter failingFilter() {
			return new FailingFilter();
		}

	}

	/**
	 * Answers for endpoints, as Spring Security or a database that is away would have it.
	 */
	static class FailingFilter extends OncePerRequestFilter {

		private final Map<String, Integer> failures = new ConcurrentHashMap<>();

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			Integer status = this.failures.get(request.getRequestURI());
			if (status != null) {
				response.setStatus(status);
				return;
			}
			chain.doFilter(request, response);
		}

	}

}
