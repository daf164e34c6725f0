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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

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
 * Opens the page of the endpoint {@code tokens} in a browser where no other endpoint is
 * exposed.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "management.endpoints.web.exposure.include=tokens", "token-counter.ledger.enabled=false" })
class TokensPageAloneTests {

	@Autowired
	private PathsFilter filter;

	@LocalServerPort
	private int port;

	@Test
	void hasNeitherHistoryNorBudgetsAndDoesNotAskForThem(@TempDir(cleanup = CleanupMode.NEVER) Path directory)
			throws Exception {
		Optional<Path> chromium = Browser.find();
		assumeTrue(chromium.isPresent(), "No Chromium on the PATH, so the page is not tested");
		try (Browser browser = Browser.start(chromium.get(), directory)) {
			browser.open("http://localhost:" + this.port + "/actuator/tokens");
			// The page itself, and two times its numbers
			await().atMost(Duration.ofSeconds(60)).until(() -> this.filter.paths.size() > 2);
			assertThat(this.filter.paths).containsOnly("/actuator/tokens");
			assertThat(browser.text("updated")).startsWith("Updated");
			assertThat(browser.text("history")).isEmpty();
			assertThat(browser.text("budgets")).isEmpty();
			assertThat(browser.errors()).isEmpty();
		}
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Configuration {

		@Bean
		PathsFilter pathsFilter() {
			return new PathsFilter();
		}

	}

	/**
	 * Sees what the page asks for.
	 */
	static class PathsFilter extends OncePerRequestFilter {

		private final List<String> paths = new CopyOnWriteArrayList<>();

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			this.paths.add(request.getRequestURI());
			chain.doFilter(request, response);
		}

	}

}
