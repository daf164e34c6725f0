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

package io.tokencounter.budget.web;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

import io.tokencounter.TokenBudgetExceededException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BudgetExceededAdvice}, in real servers.
 */
class BudgetExceededAdviceTests {

	private final HttpClient client = HttpClient.newHttpClient();

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void answersARefusedCall(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = run(type, TestApplication.class)) {
			for (String path : new String[] { "/call", "/wrapped", "/future", "/mono", "/flux", "/events" }) {
				HttpResponse<String> response = get(context, path);
				assertThat(response.statusCode()).as(path).isEqualTo(429);
				assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
				assertThat(response.headers().firstValue("Retry-After"))
					.hasValueSatisfying((seconds) -> assertThat(Integer.parseInt(seconds)).isBetween(3500, 3601));
				assertThat(response.body())
					.contains("\"status\":429", "\"title\":\"Budget exceeded\"", "\"budget\":\"daily\"",
							"\"resetsAt\":\"")
					.doesNotContain("acme");
			}
			HttpResponse<String> forever = get(context, "/forever");
			assertThat(forever.statusCode()).isEqualTo(429);
			assertThat(forever.headers().firstValue("Retry-After")).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void leavesAnApplicationThatHandlesItAlone(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = run(type, HandlingApplication.class)) {
			HttpResponse<String> response = get(context, "/call");
			assertThat(response.statusCode()).isEqualTo(402);
			assertThat(response.body()).isEqualTo("pay");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void isOffByProperty(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = run(type, TestApplication.class,
				"--token-counter.budget-responses.enabled=false")) {
			assertThat(get(context, "/call").statusCode()).isEqualTo(500);
		}
	}

	private HttpResponse<String> get(ConfigurableApplicationContext context, String path)
			throws IOException, InterruptedException {
		String port = context.getEnvironment().getProperty("local.server.port");
		return this.client.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build(),
				HttpResponse.BodyHandlers.ofString());
	}

	private static ConfigurableApplicationContext run(WebApplicationType type, Class<?> application, String... more) {
		SpringApplication springApplication = new SpringApplication(application);
		springApplication.setWebApplicationType(type);
		springApplication.setLazyInitialization(true);
		String[] args = Stream
			.concat(Stream.of("--server.port=0", "--spring.main.banner-mode=off",
					"--management.endpoints.access.default=none"), Arrays.stream(more))
			.toArray(String[]::new);
		return springApplication.run(args);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(RefusedController.class)
	static class TestApplication {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ RefusedController.class, OwnAdvice.class })
	static class HandlingApplication {

	}

	@RestControllerAdvice
	static class OwnAdvice {

		@ExceptionHandler
		ResponseEntity<String> refused(TokenBudgetExceededException ex) {
			return ResponseEntity.status(HttpStatus.PAYMENT_REQUIRED).body("pay");
		}

	}

	@RestController
	static class RefusedController {

		@GetMapping("/call")
		String call() {
			throw refused(Instant.now().plus(1, ChronoUnit.HOURS));
		}

		@GetMapping("/wrapped")
		String wrapped() {
			throw new IllegalStateException(refused(Instant.now().plus(1, ChronoUnit.HOURS)));
		}

		@GetMapping("/future")
		CompletableFuture<String> future() {
			return CompletableFuture
				.failedFuture(new CompletionException(refused(Instant.now().plus(1, ChronoUnit.HOURS))));
		}

		@GetMapping("/mono")
		Mono<String> mono() {
			return Mono.error(() -> refused(Instant.now().plus(1, ChronoUnit.HOURS)));
		}

		@GetMapping("/flux")
		Flux<String> flux() {
			return Flux.error(() -> refused(Instant.now().plus(1, ChronoUnit.HOURS)));
		}

		@GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> events() {
			return Flux.error(() -> refused(Instant.now().plus(1, ChronoUnit.HOURS)));
		}

		@GetMapping("/forever")
		String forever() {
			throw refused(null);
		}

		private static TokenBudgetExceededException refused(Instant resetsAt) {
			return new TokenBudgetExceededException("daily", "acme", "calls", BigDecimal.TEN, BigDecimal.TEN,
					BigDecimal.ONE, resetsAt);
		}

	}

}
