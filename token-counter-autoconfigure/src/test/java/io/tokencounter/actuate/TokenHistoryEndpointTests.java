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

package io.tokencounter.actuate;

import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenLedger;
import io.tokencounter.TokenUsage;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.LedgerRecorder;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenHistoryEndpoint} over HTTP, on a real ledger.
 */
class TokenHistoryEndpointTests {

	private static final String OCTOBER = "from=2026-10-01&to=2026-11-01";

	private static final JsonMapper JSON = new JsonMapper();

	private static ConfigurableApplicationContext context;

	private final HttpClient client = HttpClient.newHttpClient();

	@TempDir
	private static Path folder;

	@BeforeAll
	static void start() {
		context = run(WebApplicationType.SERVLET);
	}

	private static ConfigurableApplicationContext run(WebApplicationType type) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class).web(type)
			.properties("server.port=0", "spring.main.banner-mode=off", "spring.ai.model.chat=none",
					"spring.ai.model.embedding=none", "spring.ai.model.embedding.text=none",
					"spring.ai.model.image=none", "spring.ai.model.moderation=none",
					"spring.ai.model.audio.speech=none", "spring.ai.model.audio.transcription=none",
					"spring.datasource.generate-unique-name=true",
					"management.endpoints.web.exposure.include=tokenhistory,health",
					"management.endpoint.health.show-details=always", "token-counter.ledger.enabled=true",
					"token-counter.ledger.tags=tenant",
					"token-counter.ledger.spool.directory=" + folder.resolve(type.name()))
			.run();
		LedgerRecorder recorder = context.getBean(LedgerRecorder.class);
		recorder.onCall(call("cv", "2026-10-05T12:00:00Z", "acme"));
		recorder.onCall(call("cv", "2026-10-05T23:30:00Z", "acme"));
		recorder.onCall(call("=jd, \"x\"", "2026-10-06T12:00:00Z", "-umbra"));
		recorder.onCall(TokenCall.builder("chat", "ollama")
			.requestModel("llama3.2")
			.usage(TokenUsage.of(3, 4))
			.startedAt(Instant.parse("2026-10-07T12:00:00Z"))
			.build());
		TokenLedger ledger = context.getBean(TokenLedger.class);
		Conditions.await("all are written", () -> ledger.status().written() == 4);
		return context;
	}

	private static TokenCall call(String feature, String time, String tenant) {
		return TestCalls.copyOf(LedgerCalls.of(feature, Instant.parse(time))).tags(Map.of("tenant", tenant)).build();
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	@Test
	void answersOneSum() throws Exception {
		JsonNode json = json(get("?" + OCTOBER));
		assertThat(json.path("from").stringValue()).isEqualTo("2026-10-01T00:00:00Z");
		assertThat(json.path("zone").stringValue()).isEqualTo("Z");
		assertThat(json.path("sums")).hasSize(1);
		JsonNode sum = json.path("sums").get(0);
		assertThat(sum.path("requests").intValue()).isEqualTo(4);
		assertThat(sum.path("total_tokens").intValue()).isEqualTo(3 * 12 + 7);
		assertThat(sum.path("unpriced_requests").intValue()).isEqualTo(1);
		assertThat(sum.path("cost").path("USD").decimalValue()).isEqualByComparingTo("1.5");
	}

	@Test
	void groupsByWhatIsAskedForAndByDaysOfZone() throws Exception {
		JsonNode json = json(
				get("?" + OCTOBER + "&by=feature,tag:tenant&every=day&zone=Europe/Berlin&where=provider%3Dopenai"));
		assertThat(json.path("every").stringValue()).isEqualTo("day");
		assertThat(json.path("sums")
			.valueStream()
			.map((sum) -> sum.path("from").stringValue() + " " + sum.path("feature").stringValue() + " "
					+ sum.path("tag:tenant").stringValue() + " " + sum.path("requests").intValue()))
			.containsExactly("2026-10-04T22:00:00Z cv acme 1", "2026-10-05T22:00:00Z =jd, \"x\" -umbra 1",
					"2026-10-05T22:00:00Z cv acme 1");
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void valueMayHaveCommas(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext other = (type == WebApplicationType.SERVLET) ? null : run(type)) {
			ConfigurableApplicationContext asked = (other != null) ? other : context;
			String feature = "?" + OCTOBER + "&where=feature%3D%3Djd,%20%22x%22";
			assertThat(json(get(asked, feature)).path("sums").get(0).path("requests").intValue()).isEqualTo(1);
			assertThat(json(get(asked, "/calls" + feature)).path("requests")).hasSize(1);
			assertThat(get(asked, "/calls" + feature, "text/csv").body().lines()).hasSize(2);
			String two = feature + "&where=tag:tenant%3D";
			assertThat(json(get(asked, "/calls" + two + "-umbra")).path("requests")).hasSize(1);
			assertThat(json(get(asked, "/calls" + two + "acme")).path("requests")).isEmpty();
			JsonNode all = json(get(asked, "?" + OCTOBER + "&where="));
			assertThat(all.path("sums").get(0).path("requests").intValue()).isEqualTo(4);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			text/csv         | ''
			application/json | &format=csv
			""")
	void answersCsv(String accept, String format) throws Exception {
		HttpResponse<String> response = get("?" + OCTOBER + "&by=feature" + format, accept);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Content-Type")).contains("text/csv;charset=UTF-8");
		assertThat(response.headers().allValues("Cache-Control")).containsExactly("no-store");
		assertThat(response.headers().allValues("Vary")).contains("Accept");
		assertThat(response.body()).isEqualTo(
				"""
						from,feature,requests,total_tokens,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,reasoning_tokens,unreported_requests,unpriced_requests,cost_USD\r
						2026-10-01T00:00:00Z,"'=jd, ""x""\",1,12,10,2,0,0,0,0,0,0.5\r
						2026-10-01T00:00:00Z,cv,2,24,20,4,0,0,0,0,0,1\r
						2026-10-01T00:00:00Z,none,1,7,3,4,0,0,0,0,1,\r
						""");
	}

	@Test
	void answersCallsPageByPage() throws Exception {
		JsonNode first = json(get("/calls?" + OCTOBER + "&size=3"));
		assertThat(first.path("requests")).hasSize(3);
		JsonNode latest = first.path("requests").get(0);
		assertThat(latest.path("model").stringValue()).isEqualTo("llama3.2");
		assertThat(latest.path("timestamp").stringValue()).isEqualTo("2026-10-07T12:00:00Z");
		assertThat(latest.has("cost")).isFalse();
		JsonNode second = json(get("/calls?" + OCTOBER + "&size=3&page=" + first.path("next").stringValue()));
		assertThat(second.path("requests")).hasSize(1);
		assertThat(second.path("requests").get(0).path("tags").path("tenant").stringValue()).isEqualTo("acme");
		assertThat(second.path("requests").get(0).path("cost").path("USD").decimalValue())
			.isEqualByComparingTo(new BigDecimal("0.5"));
		assertThat(second.has("next")).isFalse();
	}

	@Test
	void answersTheDearestCallsOfTenantAsCsv() throws Exception {
		HttpResponse<String> response = get("/calls?" + OCTOBER + "&order=dearest&where=tag:tenant%3D-umbra",
				"text/csv");
		assertThat(response.body().lines()).hasSize(2)
			.last()
			.asString()
			.startsWith("2026-10-06T12:00:00Z,")
			.endsWith(",0.5,USD,'-umbra");
		assertThat(get("/calls?format=csv&" + OCTOBER).body().lines()).hasSize(5);
	}

	@Test
	void answersTheLastWeekUnlessAskedForMore() throws Exception {
		JsonNode json = json(get(""));
		Instant from = Instant.parse(json.path("from").stringValue());
		assertThat(from.plusSeconds(7 * 24 * 3600)).isEqualTo(json.path("to").stringValue());
	}

	@Test
	void takesTimesWithAndWithoutZone() throws Exception {
		for (String from : new String[] { "2026-10-06", "2026-10-06T00:00:00Z", "2026-10-06T02:00%2B02:00",
				"2026-10-06T02:00+02:00", "2026-10-06T00:00:00.000Z" }) {
			JsonNode json = json(get("?to=2026-11-01&from=" + from));
			assertThat(json.path("from").stringValue()).as(from).isEqualTo("2026-10-06T00:00:00Z");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "?from=yesterday", "?by=prompt", "?by=tag:user", "?every=year", "?zone=Moon",
			"?where=feature", "?format=xml", "?from=2026-10-02&to=2026-10-01", "/calls?page=x", "/calls?size=0",
			"/calls?size=many", "/calls?order=best" })
	void saysWhatIsWrong(String query) throws Exception {
		assertThat(get(query).statusCode()).isEqualTo(400);
	}

	@Test
	void hasNothingButCalls() throws Exception {
		assertThat(get("/prompts").statusCode()).isEqualTo(404);
		assertThat(get("/prompts", "text/csv").statusCode()).isEqualTo(404);
	}

	@Test
	void isPartOfTheHealth() throws Exception {
		HttpResponse<String> response = this.client
			.send(HttpRequest.newBuilder(uri(context, "/actuator/health")).build(), BodyHandlers.ofString());
		JsonNode ledger = JSON.readTree(response.body()).path("components").path("tokenLedger");
		assertThat(ledger.path("status").stringValue()).isEqualTo("UP");
		assertThat(ledger.path("details").path("written").intValue()).isEqualTo(4);
	}

	private HttpResponse<String> get(String query, String... accept) throws Exception {
		return get(context, query, accept);
	}

	private HttpResponse<String> get(ConfigurableApplicationContext context, String query, String... accept)
			throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(context, "/actuator/tokenhistory" + query));
		for (String mediaTypes : accept) {
			request.header("Accept", mediaTypes);
		}
		return this.client.send(request.build(), BodyHandlers.ofString());
	}

	private static URI uri(ConfigurableApplicationContext context, String path) {
		return URI.create("http://localhost:"
				+ context.getBean(Environment.class).getRequiredProperty("local.server.port") + path);
	}

	private static JsonNode json(HttpResponse<String> response) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return JSON.readTree(response.body());
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

	}

}
