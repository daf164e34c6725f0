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

package io.tokencounter.sample.provider;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

import io.tokencounter.sample.SampleApplication;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EmbeddedProviderInitializerTests {

	private final HttpClient client = HttpClient.newHttpClient();

	@Test
	void stopsTheProviderWithTheContext() throws Exception {
		String url;
		try (ConfigurableApplicationContext context = application(EmptyConfiguration.class).run()) {
			url = context.getEnvironment().getRequiredProperty("spring.ai.ollama.base-url");
			assertThat(context.getEnvironment().getProperty("spring.ai.openai.base-url")).isEqualTo(url + "/v1");
			assertThat(context.getEnvironment().getProperty("spring.ai.openai.api-key")).isNotBlank();
			assertThat(get(url + "/api/chat").statusCode()).isEqualTo(405);
		}
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> get(url + "/api/chat"));
	}

	@Test
	void stopsTheProviderWhenTheContextFailsToStart() {
		FailingConfiguration.url = null;
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> application(FailingConfiguration.class).run())
			.withStackTraceContaining("This bean fails");
		String url = FailingConfiguration.url;
		assertThat(url).isNotNull();
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> get(url + "/api/chat"));
	}

	@Test
	void startsNoProviderWhenSwitchedOff() {
		try (ConfigurableApplicationContext context = application(EmptyConfiguration.class)
			.run("--sample.embedded-provider.enabled=false")) {
			assertThat(context.getBeanFactory().containsBean("embeddedProvider")).isFalse();
			assertThat(context.getEnvironment().getProperty("spring.ai.openai.api-key")).isNotEqualTo("not-needed");
		}
	}

	@Test
	void asksRealProvidersWithTheProfileReal() throws Exception {
		try (EmbeddedProvider real = EmbeddedProvider.start(new ProviderSettings(Duration.ZERO));
				ConfigurableApplicationContext context = new SpringApplicationBuilder(SampleApplication.class)
					.profiles("real")
					.run("--server.port=0", "--spring.ai.openai.api-key=some-key",
							"--spring.ai.openai.base-url=" + real.getUrl() + "/v1",
							"--OLLAMA_BASE_URL=" + real.getUrl())) {
			assertThat(context.getBeanFactory().containsBean("embeddedProvider")).isFalse();
			HttpResponse<String> response = get("http://localhost:"
					+ context.getEnvironment().getProperty("local.server.port") + "/compare?message=hello");
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(response.body()).doesNotContain("error");
		}
	}

	private HttpResponse<String> get(String url) throws Exception {
		return this.client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
	}

	private static SpringApplicationBuilder application(Class<?> configuration) {
		return new SpringApplicationBuilder(configuration).web(WebApplicationType.NONE);
	}

	@Configuration(proxyBeanMethods = false)
	static class EmptyConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingConfiguration {

		private static @Nullable String url;

		@Bean
		Object failingBean(Environment environment) {
			url = environment.getRequiredProperty("spring.ai.ollama.base-url");
			throw new IllegalStateException("This bean fails");
		}

	}

}
