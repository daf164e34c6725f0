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

package io.tokencounter.autoconfigure;

import io.tokencounter.TokenCounter;
import io.tokencounter.actuate.TokensEndpoint;
import io.tokencounter.actuate.TokensEndpointWebExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterEndpointAutoConfiguration}.
 */
class TokenCounterEndpointAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TokenCounterAutoConfiguration.class, TokenCounterAttributionAutoConfiguration.class,
					TokenCounterSessionAutoConfiguration.class, TokenCounterEndpointAutoConfiguration.class));

	@Test
	void hasEndpointWhereItIsExposedOverHttp() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=tokens")
			.run((context) -> assertThat(context).hasSingleBean(TokensEndpoint.class)
				.hasSingleBean(TokensEndpointWebExtension.class));
	}

	@Test
	void hasNoPageWhereItIsExposedOverJmxOnly() {
		this.contextRunner
			.withPropertyValues("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=tokens")
			.run((context) -> assertThat(context).hasSingleBean(TokensEndpoint.class)
				.doesNotHaveBean(TokensEndpointWebExtension.class));
	}

	@Test
	void isNotExposedByDefault() {
		this.contextRunner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TokensEndpoint.class));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "management.endpoints.web.exposure.exclude=tokens", "management.endpoint.tokens.access=NONE",
					"management.endpoints.access.default=NONE", "token-counter.enabled=false" })
	void isOffByProperty(String property) {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=tokens", property)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(TokensEndpoint.class)
				.doesNotHaveBean(TokensEndpointWebExtension.class));
	}

	@Test
	void backsOffWithoutActuator() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.withPropertyValues("management.endpoints.web.exposure.include=tokens")
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TokenCounter.class)
				.doesNotHaveBean("tokenCounterEndpoint")
				.doesNotHaveBean("tokenCounterEndpointWebExtension"));
	}

	@Test
	void prefersEndpointOfUser() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=tokens")
			.withUserConfiguration(UserConfiguration.class)
			.run((context) -> assertThat(context).getBean(TokensEndpoint.class)
				.isSameAs(context.getBean("userEndpoint")));
	}

	@Test
	void backsOffForAnotherEndpointOfTheSameId() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=tokens")
			.withConfiguration(
					AutoConfigurations.of(EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class))
			.withBean(OwnTokens.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(OwnTokens.class)
				.doesNotHaveBean(TokensEndpoint.class)
				.doesNotHaveBean(TokensEndpointWebExtension.class));
	}

	@Test
	void doesNotBackOffForAnEndpointOfAnotherId() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=tokens")
			.withBean(OtherTokens.class)
			.run((context) -> assertThat(context).hasSingleBean(TokensEndpoint.class));
	}

	@Endpoint(id = "tokens")
	static class OwnTokens {

		@ReadOperation
		String tokens() {
			return "for the arcade";
		}

	}

	@Endpoint(id = "arcadetokens")
	static class OtherTokens {

	}

	@Configuration(proxyBeanMethods = false)
	static class UserConfiguration {

		@Bean
		TokensEndpoint userEndpoint(TokenCounter counter) {
			return new TokensEndpoint(counter);
		}

	}

}
