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

import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenUsage;
import io.tokencounter.summary.UsageAggregator;
import io.tokencounter.testsupport.TestCalls;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokensEndpoint} over HTTP and JMX.
 */
class TokensEndpointTests {

	private static final String EXPOSED = "management.endpoints.web.exposure.include=tokens";

	private static final String BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
			+ "image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";

	private static final TokenCall CV = TestCalls.of("chat", "openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18",
			new TokenUsage(100, 20, 40, 10, 5, true), new TokenCost(new BigDecimal("0.000017"), "USD"),
			CallOutcome.SUCCESS, true, Instant.parse("2026-11-23T12:00:00Z"), Duration.ofMillis(700),
			Duration.ofMillis(200), Duration.ofMillis(500), "cv", Map.of("tenant", "acme"), "openAiChatModel");

	private static final TokenCall CHAT = TestCalls.of("chat", "ollama", "llama3.2", null, TokenUsage.unreported(),
			null, CallOutcome.ERROR, false, Instant.parse("2026-11-23T12:00:01Z"), Duration.ofMillis(30), null, null,
			TokenCall.NO_FEATURE, Map.of(), null);

	private static final MBeanServer MBEANS = ManagementFactory.getPlatformMBeanServer();

	private final JsonMapper jsonMapper = new JsonMapper();

	private final HttpClient client = HttpClient.newHttpClient();

	private static ConfigurableApplicationContext exposed;

	private ConfigurableApplicationContext context;

	private String port = "local.server.port";

	@BeforeAll
	static void startExposed() {
		exposed = run(EXPOSED);
	}

	@AfterAll
	static void stopExposed() {
		exposed.close();
	}

	@BeforeEach
	void useExposed() {
		this.context = exposed;
		bean(TokenCounter.class).reset();
	}

	@AfterEach
	void stop() {
		if (this.context != exposed) {
			this.context.close();
		}
	}

	@Test
	void answersTheSummary() throws Exception {
		count(CV, CHAT);
		HttpResponse<String> response = get("/actuator/tokens");
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(json(response)).isEqualTo(json(bean(TokenCounter.class).summary().toJson()));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			GET /actuator/tokens    | /actuator/tokens
			GET /actuator/tokens/cv | /actuator/tokens/cv
			""")
	void answersWhatIsDocumented(String heading, String path) throws Exception {
		count(CV, CHAT);
		String document = Files.readString(Path.of("../docs/endpoint.md"));
		Matcher example = Pattern.compile("## `" + heading + "`.*?```json\\n(.*?)```", Pattern.DOTALL)
			.matcher(document);
		assertThat(example.find()).isTrue();
		ObjectNode documented = (ObjectNode) json(example.group(1));
		JsonNode answered = json(get(path));
		documented.set("since", answered.path("since"));
		assertThat(answered).isEqualTo(documented);
	}

	@Test
	void answersOneFeature() throws Exception {
		count(CV, CV, CHAT);
		JsonNode json = json(get("/actuator/tokens/cv"));
		assertThat(json.path("feature").stringValue()).isEqualTo("cv");
		assertThat(json.path("total_requests").intValue()).isEqualTo(2);
		assertThat(json.path("total_tokens").intValue()).isEqualTo(240);
		assertThat(json.path("requests")).hasSize(2)
			.allSatisfy((call) -> assertThat(call.path("feature").stringValue()).isEqualTo("cv"));
	}

	@Test
	void tellsRejectedCallsAndTheAverageTimeToTheFirstToken() throws Exception {
		TokenCall rejected = TestCalls.of("chat", "openai", "gpt-4o-mini", null, TokenUsage.unreported(), null,
				CallOutcome.REJECTED, true, CV.startedAt(), Duration.ZERO, null, null, "cv", Map.of(), null);
		TokenCall slow = TestCalls.of("chat", "openai", "gpt-4o-mini", null, TokenUsage.unreported(), null,
				CallOutcome.CANCELLED, true, CV.startedAt(), Duration.ofSeconds(1), Duration.ofMillis(500), null, "cv",
				Map.of(), null);
		count(CV, CHAT, rejected, slow);
		JsonNode json = json(get("/actuator/tokens"));
		assertThat(json.path("failed_requests").intValue()).isEqualTo(2);
		assertThat(json.path("rejected_requests").intValue()).isEqualTo(1);
		assertThat(json.path("cancelled_requests").intValue()).isEqualTo(1);
		assertThat(json.path("time_to_first_token_ms").longValue()).isEqualTo((200 + 500) / 2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "unknown", "CV", "cv%20", "%3Cimg%20src=x%3E" })
	void doesNotKnowFeatureThatWasNeverSeen(String feature) throws Exception {
		count(CV);
		assertThat(get("/actuator/tokens/" + feature).statusCode()).isEqualTo(404);
	}

	@Test
	void findsFeatureWithSpecialCharacters() throws Exception {
		count(withFeature("<b>Lebensl\u00e4ufe & more"));
		JsonNode json = json(get("/actuator/tokens/%3Cb%3ELebensl%C3%A4ufe%20&%20more"));
		assertThat(json.path("feature").stringValue()).isEqualTo("<b>Lebensl\u00e4ufe & more");
	}

	@Test
	void resets() throws Exception {
		count(CV);
		assertThat(delete("/actuator/tokens").statusCode()).isEqualTo(204);
		JsonNode json = json(get("/actuator/tokens"));
		assertThat(json.path("total_requests").intValue()).isZero();
		assertThat(json.path("requests")).isEmpty();
		assertThat(get("/actuator/tokens/cv").statusCode()).isEqualTo(404);
	}

	@Test
	void doesNotResetWithReadOnlyAccess() throws Exception {
		start(EXPOSED, "management.endpoint.tokens.access=read-only");
		count(CV);
		assertThat(delete("/actuator/tokens").statusCode()).isEqualTo(405);
		assertThat(json(get("/actuator/tokens")).path("total_requests").intValue()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "management.endpoints.web.exposure.include=health", "management.endpoint.tokens.access=none" })
	void isNotThereUnlessExposedAndAccessible(String property) throws Exception {
		start(EXPOSED, property);
		assertThat(get("/actuator/tokens").statusCode()).isEqualTo(404);
		assertThat(get("/actuator/tokens", BROWSER).statusCode()).isEqualTo(404);
		assertThat(delete("/actuator/tokens").statusCode()).isEqualTo(404);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			*/*                                              | application/vnd.spring-boot.actuator.v3+json
			application/json                                 | application/json
			application/vnd.spring-boot.actuator.v2+json     | application/vnd.spring-boot.actuator.v2+json
			application/vnd.spring-boot.actuator.v3+json     | application/vnd.spring-boot.actuator.v3+json
			application/vnd.spring-boot.actuator.v3+json,*/* | application/vnd.spring-boot.actuator.v3+json
			text/html                                        | text/html
			text/html;q=0.5,application/json                 | application/json
			text/html;q=0                                    | application/vnd.spring-boot.actuator.v3+json
			'text/html;q=0, */*'                             | application/vnd.spring-boot.actuator.v3+json
			""")
	void answersWhatIsAskedFor(String accept, String expected) throws Exception {
		HttpResponse<String> response = get("/actuator/tokens", accept);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(contentType(response)).isEqualTo(expected);
	}

	@Test
	void answersJsonWhenNothingIsAskedFor() throws Exception {
		assertThat(contentType(get("/actuator/tokens"))).isEqualTo("application/vnd.spring-boot.actuator.v3+json");
	}

	@ParameterizedTest
	@CsvSource({ "/actuator/tokens,text/html", "/actuator/tokens,application/json",
			"/actuator/tokens/cv,application/json", "/actuator/tokens/unknown,application/json" })
	void noCacheKeepsOneKindOfAnswerForTheOther(String path, String accept) throws Exception {
		count(CV);
		HttpResponse<String> response = get(path, accept);
		assertThat(response.headers().allValues("Cache-Control")).containsExactly("no-store");
		assertThat(response.headers().allValues("Vary")).contains("Accept");
	}

	@Test
	void leavesOtherEndpointsAlone() throws Exception {
		assertThat(get("/actuator").headers().firstValue("Cache-Control")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "application/x-www-form-urlencoded", "text/plain" })
	void noFormOfAnotherSiteResets(String type) throws Exception {
		start(EXPOSED, "spring.mvc.hiddenmethod.filter.enabled=true");
		count(CV);
		HttpRequest form = HttpRequest.newBuilder(uri("/actuator/tokens?_method=delete"))
			.header("Content-Type", type)
			.POST(HttpRequest.BodyPublishers.ofString("_method=delete"))
			.build();
		assertThat(this.client.send(form, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
		assertThat(json(get("/actuator/tokens")).path("total_requests").intValue()).isEqualTo(1);
		assertThat(delete("/actuator/tokens").statusCode()).isEqualTo(204);
	}

	@Test
	void tellsAsManyCallsAsAskedFor() throws Exception {
		count(CV, CHAT, CV);
		assertThat(json(get("/actuator/tokens")).path("requests")).hasSize(3);
		assertThat(json(get("/actuator/tokens?requests=0")).path("requests")).isEmpty();
		JsonNode json = json(get("/actuator/tokens?requests=2"));
		assertThat(json.path("total_requests").intValue()).isEqualTo(3);
		assertThat(json.path("requests")).extracting((call) -> call.path("provider").stringValue())
			.containsExactly("ollama", "openai");
		assertThat(get("/actuator/tokens?requests=-1").statusCode()).isEqualTo(400);
		assertThat(get("/actuator/tokens?requests=all").statusCode()).isEqualTo(400);
	}

	@Test
	void tellsTheSharesOfAllowedCallerTags() throws Exception {
		start(EXPOSED, "token-counter.metrics.tags=tenant");
		count(CV, CHAT);
		JsonNode tenants = json(get("/actuator/tokens")).path("tags").path("tenant");
		assertThat(tenants).extracting((tenant) -> tenant.path("value").stringValue()).containsExactly("acme", "none");
		assertThat(tenants.path(0).path("total_tokens").intValue()).isEqualTo(120);
	}

	@Test
	void keepsAFeatureThatIsCalledOtherApart() throws Exception {
		count(withFeature("other"), CV);
		JsonNode json = json(get("/actuator/tokens/other_"));
		assertThat(json.path("total_requests").intValue()).isEqualTo(1);
		assertThat(json.path("requests")).hasSize(1);
		assertThat(get("/actuator/tokens/other").statusCode()).isEqualTo(404);
	}

	@Test
	void doesNotAnswerWhatItCannot() throws Exception {
		assertThat(get("/actuator/tokens", "image/png").statusCode()).isEqualTo(406);
	}

	@Test
	void answersBrowserWithPage() throws Exception {
		assertThat(get("/actuator/tokens", BROWSER)).satisfies(this::isPage);
	}

	@Test
	void pageAllowsNothingButItsOwnScriptAndStyle() throws Exception {
		String page = get("/actuator/tokens", BROWSER).body();
		assertThat(page).contains("default-src 'none'", "style-src '%s'".formatted(hash(page, "<style>(.*)</style>")),
				"script-src '%s'".formatted(hash(page, "<script>(.*)</script>")));
		assertThat(page).doesNotContain("src=", "@import", "url(", "innerHTML", "outerHTML", "insertAdjacentHTML",
				"document.write", " style=", " onclick=", " onload=");
	}

	@Test
	void tellsThePageWhereOtherEndpointsAre() throws Exception {
		assertThat(get("/actuator/tokens", BROWSER).body()).contains("id=\"history\"", "id=\"budgets\"")
			.doesNotContain("data-path=\"t", "data-path=\".", "{{");
		start("management.endpoints.web.exposure.include=tokens,tokenhistory,tokenbudgets,health",
				"management.endpoints.web.base-path=/", "management.endpoints.web.path-mapping.tokens=of/tokens",
				"management.endpoints.web.path-mapping.tokenhistory=\"past\"", "token-counter.ledger.enabled=true",
				"spring.datasource.generate-unique-name=true", "token-counter.budgets.all.max-calls=1",
				"token-counter.ledger.tags=user,<b>", "token-counter.metrics.tags=tenant",
				"token-counter.ledger.spool.directory=target/page-spool/${random.uuid}");
		assertThat(get("/of/tokens", BROWSER).body())
			.contains("data-path=\"../&quot;past&quot;\"", "data-path=\"../tokenbudgets\"",
					"<option value=\"tag:user\">user</option><option value=\"tag:&lt;b&gt;\">&lt;b&gt;</option>")
			.doesNotContain("tag:tenant");
	}

	@Test
	void worksBehindContextPathAndOtherBasePath() throws Exception {
		start(EXPOSED, "server.servlet.context-path=/app", "management.endpoints.web.base-path=/manage",
				"management.endpoints.web.path-mapping.tokens=usage");
		count(CV);
		assertThat(json(get("/app/manage/usage")).path("total_requests").intValue()).isEqualTo(1);
		assertThat(get("/app/manage/usage", BROWSER)).satisfies(this::isPage);
		assertThat(get("/app/manage/usage").headers().firstValue("Cache-Control")).hasValue("no-store");
	}

	@Test
	void worksOnSeparateManagementPort() throws Exception {
		start(EXPOSED, "management.server.port=0", "management.server.base-path=/internal");
		count(CV);
		assertThat(get("/actuator/tokens").statusCode()).isEqualTo(404);
		this.port = "local.management.port";
		assertThat(json(get("/internal/actuator/tokens")).path("total_requests").intValue()).isEqualTo(1);
		assertThat(get("/internal/actuator/tokens", BROWSER)).satisfies(this::isPage);
		assertThat(get("/internal/actuator/tokens").headers().firstValue("Cache-Control")).hasValue("no-store");
		assertThat(delete("/internal/actuator/tokens").statusCode()).isEqualTo(204);
		assertThat(json(get("/internal/actuator/tokens")).path("total_requests").intValue()).isZero();
	}

	@Test
	void keepsItsNamesWhateverTheApplicationSetsForItsOwnJson() throws Exception {
		start(EXPOSED, "spring.jackson.property-naming-strategy=UPPER_CAMEL_CASE",
				"spring.jackson.default-property-inclusion=non-empty");
		assertThat(json(get("/actuator/tokens"))).isEqualTo(json(bean(TokenCounter.class).summary().toJson()));
	}

	@Test
	void answersOverJmx() throws Exception {
		start("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=tokens");
		count(CV, CHAT);
		assertThat(invoke("summary")).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("total_requests", 2L);
		assertThat(invoke("feature", "cv")).asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsEntry("feature", "cv")
			.containsEntry("total_requests", 1L);
		assertThat(invoke("feature", "unknown")).isNull();
		invoke("reset");
		assertThat(bean(TokenCounter.class).summary().totals().calls()).isZero();
		assertThat(operations()).containsExactlyInAnyOrder("summary", "feature", "reset");
	}

	@Test
	void doesNotResetOverJmxWithReadOnlyAccess() throws Exception {
		start("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=tokens",
				"management.endpoint.tokens.access=read-only");
		assertThat(operations()).containsExactlyInAnyOrder("summary", "feature");
	}

	private void start(String... properties) {
		this.context = run(properties);
	}

	private static ConfigurableApplicationContext run(String... properties) {
		return new SpringApplicationBuilder(Application.class)
			.properties("server.port=0", "spring.main.banner-mode=off", "spring.ai.model.chat=none",
					"spring.ai.model.embedding=none", "spring.ai.model.embedding.text=none",
					"spring.ai.model.image=none", "spring.ai.model.moderation=none",
					"spring.ai.model.audio.speech=none", "spring.ai.model.audio.transcription=none",
					"spring.jmx.unique-names=true")
			.properties(properties)
			.run();
	}

	private <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	private void count(TokenCall... calls) {
		for (TokenCall call : calls) {
			bean(UsageAggregator.class).onCall(call);
		}
	}

	private static TokenCall withFeature(String feature) {
		return TestCalls.of(CV.operation(), CV.provider(), CV.requestModel(), CV.responseModel(), CV.usage(), CV.cost(),
				CV.outcome(), CV.streaming(), CV.startedAt(), CV.duration(), CV.timeToFirstToken(), CV.generationTime(),
				feature, CV.tags(), CV.modelBean());
	}

	private HttpResponse<String> get(String path, String... accept) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
		for (String mediaTypes : accept) {
			request.header("Accept", mediaTypes);
		}
		return this.client.send(request.build(), BodyHandlers.ofString());
	}

	private HttpResponse<String> delete(String path) throws Exception {
		return this.client.send(HttpRequest.newBuilder(uri(path)).DELETE().build(), BodyHandlers.ofString());
	}

	private URI uri(String path) {
		return URI.create("http://localhost:" + bean(Environment.class).getRequiredProperty(this.port) + path);
	}

	private JsonNode json(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(200);
		return json(response.body());
	}

	private JsonNode json(String text) {
		return this.jsonMapper.readTree(text);
	}

	private void isPage(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(contentType(response)).isEqualTo("text/html");
		assertThat(response.body()).startsWith("<!doctype html>").endsWith("</html>\n");
	}

	private static String hash(String page, String element) throws Exception {
		Matcher matcher = Pattern.compile(element, Pattern.DOTALL).matcher(page);
		assertThat(matcher.find()).isTrue();
		byte[] digest = MessageDigest.getInstance("SHA-256").digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
		return "sha256-" + Base64.getEncoder().encodeToString(digest);
	}

	private static String contentType(HttpResponse<String> response) {
		return response.headers().firstValue("Content-Type").orElse("");
	}

	private @Nullable Object invoke(String operation, String... arguments) throws Exception {
		String[] signature = new String[arguments.length];
		Arrays.fill(signature, String.class.getName());
		return MBEANS.invoke(name(), operation, arguments, signature);
	}

	private static List<String> operations() throws Exception {
		return Stream.of(MBEANS.getMBeanInfo(name()).getOperations()).map(MBeanOperationInfo::getName).toList();
	}

	private static ObjectName name() throws Exception {
		Set<ObjectName> names = MBEANS.queryNames(new ObjectName("org.springframework.boot:type=Endpoint,*"), null);
		assertThat(names).hasSize(1);
		return names.iterator().next();
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

	}

}
