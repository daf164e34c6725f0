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
import java.time.Instant;
import java.util.List;

import io.tokencounter.TokenBudgets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TokenBudgetsEndpoint}, over HTTP.
 */
class TokenBudgetsEndpointTests {

	private static ConfigurableApplicationContext context;

	private static RestClient client;

	@BeforeAll
	static void start() {
		SpringApplication application = new SpringApplication(TestApplication.class);
		application.setWebApplicationType(WebApplicationType.SERVLET);
		context = application.run("--server.port=0", "--management.endpoints.web.exposure.include=tokenbudgets",
				"--spring.ai.openai.api-key=none", "--spring.ai.anthropic.api-key=none",
				"--spring.ai.google.genai.api-key=none", "--spring.ai.model.embedding=none",
				"--spring.main.banner-mode=off", "--spring.main.lazy-initialization=true",
				"--spring.ai.model.image=none", "--spring.ai.model.audio.speech=none");
		client = RestClient
			.create("http://localhost:" + context.getEnvironment().getProperty("local.server.port") + "/actuator");
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	@Test
	void tellsHowAllBudgetsStand() {
		String json = get("/tokenbudgets");
		assertThat(json).contains("\"budgets\":[{\"budget\":\"monthly\",\"window\":\"2026-11\"")
			.contains(
					"{\"unit\":\"cost\",\"currency\":\"USD\",\"limit\":100,\"spent\":12.5,\"estimated\":0.5,\"held\":1}")
			.contains("\"share\":0.125,\"refused\":3,\"resetsAt\":\"2026-12-01T00:00:00Z\"");
	}

	@Test
	void tellsHowOneBudgetStands() {
		assertThat(get("/tokenbudgets/monthly")).startsWith("{\"budget\":\"monthly\",\"window\"");
		assertThat(get("/tokenbudgets/monthly?subject=acme")).contains("\"budget\":\"monthly\",\"subject\":\"acme\"");
	}

	@Test
	void answers404ForABudgetThatIsNone() {
		assertThatExceptionOfType(HttpClientErrorException.NotFound.class).isThrownBy(() -> get("/tokenbudgets/other"));
	}

	private String get(String path) {
		return client.get().uri(path).retrieve().body(String.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class TestApplication {

		@Bean
		TokenBudgets ownBudgets() {
			return new FixedBudgets();
		}

	}

	private static final class FixedBudgets implements TokenBudgets {

		@Override
		public List<Status> statuses() {
			return List.of(status("monthly", null));
		}

		@Override
		public @Nullable Status status(String budget, @Nullable String subject) {
			if (!budget.equals("monthly")) {
				return null;
			}
			Amount amount = new Amount("cost", "USD", BigDecimal.valueOf(100), new BigDecimal("12.5"),
					new BigDecimal("0.5"), BigDecimal.ONE);
			return new Status(budget, subject, "2026-11", List.of(amount), 0.125, 3,
					Instant.parse("2026-12-01T00:00:00Z"));
		}

	}

}
