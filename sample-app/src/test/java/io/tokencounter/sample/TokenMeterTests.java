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

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

/**
 * Holds the meters to what the answers of the application tell. Each test is a tenant of
 * its own, so its series begin at zero.
 */
@SampleApplicationTest
class TokenMeterTests {

	private static final String OPENAI_MODEL = "gpt-4o-mini";

	private static final String OLLAMA_MODEL = "llama3.2";

	private final JsonMapper jsonMapper = new JsonMapper();

	private final String tenant = UUID.randomUUID().toString();

	private RestTestClient client;

	@BeforeEach
	void setUp(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@ParameterizedTest
	@CsvSource({ "cv,openai,gpt-4o-mini", "cv,ollama,llama3.2", "jd,openai,gpt-4o-mini", "jd,ollama,llama3.2" })
	void chargesExtractionToItsFeatureAndTenant(String kind, String provider, String model) {
		JsonNode answer = extract(kind, "Ada Lovelace\nSkills: Java", provider, this.tenant);
		Spent spent = Spent.NOTHING.plus(answer.at("/data/token_usage"));
		assertThat(spent.input()).isPositive();
		assertThat(spent.output()).isPositive();
		assertThat(metered(kind + "-extraction", this.tenant, model)).isEqualTo(spent);
		// Nothing of it was charged to another feature
		assertThat(metered(null, this.tenant, null)).isEqualTo(spent);
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini", "ollama,llama3.2" })
	void chargesWhatTheProviderBilledForUselessAnswer(String provider, String model) {
		assertThat(extract("cv", "not-json", provider, this.tenant).path("success").booleanValue(true)).isFalse();
		Spent spent = metered("cv-extraction", this.tenant, model);
		assertThat(spent.input()).isPositive();
		assertThat(spent.output()).isPositive();
		assertThat(spent.cost().signum()).isEqualTo(provider.equals("openai") ? 1 : 0);
	}

	@Test
	void chargesBothModelsOfComparison() {
		JsonNode comparison = compare(this.tenant);
		assertThat(metered("compare", this.tenant, OPENAI_MODEL))
			.isEqualTo(Spent.NOTHING.plus(comparison.at("/openai/token_usage")));
		assertThat(metered("compare", this.tenant, OLLAMA_MODEL))
			.isEqualTo(Spent.NOTHING.plus(comparison.at("/ollama/token_usage")));
		assertThat(metered(null, this.tenant, null)).isEqualTo(metered("compare", this.tenant, null));
	}

	@ParameterizedTest
	@CsvSource({ "openai,gpt-4o-mini,7,0.00000765", "ollama,llama3.2,9,0" })
	void chargesStream(String provider, String model, long input, BigDecimal cost) {
		stream(provider, this.tenant);
		Spent expected = new Spent(input, 11, cost.stripTrailingZeros());
		// The model's observation may stop after the last event was sent
		await().atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(metered("chat", this.tenant, model)).isEqualTo(expected));
		assertThat(metered(null, this.tenant, null)).isEqualTo(expected);
	}

	@Test
	void countsWithoutTenantWhereThereIsNoHeader() {
		for (String tenant : new @Nullable String[] { null, "" }) {
			Spent before = metered("jd-extraction", "none", OLLAMA_MODEL);
			JsonNode answer = extract("jd", "Engineer", "ollama", tenant);
			assertThat(metered("jd-extraction", "none", OLLAMA_MODEL))
				.isEqualTo(before.plus(answer.at("/data/token_usage")));
		}
	}

	@Test
	void keepsTenantsApartThatAskAtOnce() throws Exception {
		String otherTenant = UUID.randomUUID().toString();
		int threads = 8;
		CyclicBarrier start = new CyclicBarrier(threads);
		List<Future<Requests>> running = new ArrayList<>();
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			for (int i = 0; i < threads; i++) {
				String tenant = (i % 2 == 0) ? this.tenant : otherTenant;
				String text = "Ada Lovelace\n".repeat(i + 1);
				Callable<Requests> requests = () -> {
					start.await(30, TimeUnit.SECONDS);
					return request(tenant, text);
				};
				running.add(executor.submit(requests));
			}
			for (String tenant : List.of(this.tenant, otherTenant)) {
				Requests expected = new Requests(tenant, Spent.NOTHING, Spent.NOTHING, Spent.NOTHING);
				for (Future<Requests> future : running) {
					Requests requests = future.get(60, TimeUnit.SECONDS);
					expected = requests.tenant().equals(tenant) ? expected.plus(requests) : expected;
				}
				assertMetered(expected);
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	private Requests request(String tenant, String text) {
		Requests sum = new Requests(tenant, Spent.NOTHING, Spent.NOTHING, Spent.NOTHING);
		for (int i = 0; i < 5; i++) {
			JsonNode extraction = extract("cv", text, "openai", tenant);
			JsonNode comparison = compare(tenant);
			stream("ollama", tenant);
			sum = sum.plus(new Requests(tenant, Spent.NOTHING.plus(extraction.at("/data/token_usage")),
					Spent.NOTHING.plus(comparison.at("/openai/token_usage")).plus(comparison.at("/ollama/token_usage")),
					new Spent(9, 11, BigDecimal.ZERO)));
		}
		return sum;
	}

	private void assertMetered(Requests expected) {
		assertTokens(expected, "cv-extraction", expected.extractions());
		assertTokens(expected, "compare", expected.comparisons());
		await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertTokens(expected, "chat", expected.streams()));
	}

	private void assertTokens(Requests requests, String feature, Spent expected) {
		Spent metered = metered(feature, requests.tenant(), null);
		assertThat(metered.input()).isEqualTo(expected.input());
		assertThat(metered.output()).isEqualTo(expected.output());
		// The meter is a double, and sums of those are not exact
		assertThat(metered.cost().doubleValue()).isCloseTo(expected.cost().doubleValue(), within(1e-12));
	}

	private JsonNode extract(String kind, String text, String provider, @Nullable String tenant) {
		return this.jsonMapper.readTree(this.client.post()
			.uri("/extract/{kind}", kind)
			.headers((headers) -> setTenant(headers, tenant))
			.contentType(MediaType.APPLICATION_JSON)
			.body(Map.of("text", text, "provider", provider))
			.exchange()
			.expectStatus()
			.isOk()
			.returnResult(String.class)
			.getResponseBody());
	}

	private JsonNode compare(String tenant) {
		return this.jsonMapper.readTree(get(tenant, "/compare?message={message}", "Hello, world!"));
	}

	private void stream(String provider, String tenant) {
		assertThat(get(tenant, "/chat/stream?provider={provider}&message={message}", provider, "Hello, world!"))
			.doesNotContain("failure");
	}

	private String get(@Nullable String tenant, String uri, Object... variables) {
		String body = this.client.get()
			.uri(uri, variables)
			.headers((headers) -> setTenant(headers, tenant))
			.exchange()
			.expectStatus()
			.isOk()
			.returnResult(String.class)
			.getResponseBody();
		assertThat(body).isNotNull();
		return body;
	}

	private static void setTenant(HttpHeaders headers, @Nullable String tenant) {
		if (tenant != null) {
			headers.set("X-Tenant", tenant);
		}
	}

	/**
	 * Read the meters of the given feature, tenant and model, or of all where there is
	 * none given.
	 */
	private Spent metered(@Nullable String feature, String tenant, @Nullable String model) {
		String scrape = get(null, "/actuator/prometheus");
		List<Series> series = Pattern.compile("^(llm_\\w+)\\{(.*)} (\\S+)$", Pattern.MULTILINE)
			.matcher(scrape)
			.results()
			.map(Series::new)
			.filter((candidate) -> candidate.hasLabel("tenant", tenant))
			.filter((candidate) -> feature == null || candidate.hasLabel("feature", feature))
			.filter((candidate) -> model == null || candidate.hasLabel("gen_ai_response_model", model))
			.toList();
		return new Spent(tokens(series, "input"), tokens(series, "output"),
				sum(series.stream()
					.filter((candidate) -> candidate.name().equals("llm_cost_total"))
					.filter((candidate) -> candidate.hasLabel("currency", "USD"))));
	}

	private static long tokens(List<Series> series, String type) {
		return sum(series.stream()
			.filter((candidate) -> candidate.name().equals("llm_tokens_total"))
			.filter((candidate) -> candidate.hasLabel("gen_ai_token_type", type))).longValueExact();
	}

	private static BigDecimal sum(Stream<Series> series) {
		return series.map(Series::value).reduce(BigDecimal.ZERO, BigDecimal::add).stripTrailingZeros();
	}

	private record Series(String name, String labels, BigDecimal value) {

		Series(MatchResult line) {
			this(line.group(1), line.group(2), new BigDecimal(line.group(3)));
		}

		boolean hasLabel(String name, String value) {
			return ("," + this.labels + ",").contains("," + name + "=\"" + value + "\",");
		}

	}

	private record Spent(long input, long output, BigDecimal cost) {

		private static final Spent NOTHING = new Spent(0, 0, BigDecimal.ZERO);

		Spent plus(JsonNode tokenUsage) {
			return plus(new Spent(tokenUsage.path("prompt_tokens").longValue(),
					tokenUsage.path("completion_tokens").longValue(), tokenUsage.path("cost").decimalValue()));
		}

		Spent plus(Spent other) {
			return new Spent(this.input + other.input, this.output + other.output,
					this.cost.add(other.cost).stripTrailingZeros());
		}

	}

	private record Requests(String tenant, Spent extractions, Spent comparisons, Spent streams) {

		Requests plus(Requests other) {
			return new Requests(this.tenant, this.extractions.plus(other.extractions),
					this.comparisons.plus(other.comparisons), this.streams.plus(other.streams));
		}

	}

}
