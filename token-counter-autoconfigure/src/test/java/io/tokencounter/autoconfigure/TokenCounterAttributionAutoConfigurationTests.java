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

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.attribution.CallerObservationHandler;
import io.tokencounter.attribution.CallerScopes;
import io.tokencounter.attribution.TrackTokensPostProcessor;
import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

class TokenCounterAttributionAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TokenCounterAutoConfiguration.class, TokenCounterAttributionAutoConfiguration.class));

	@Test
	void isThereByDefault() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(CallerScopes.class).hasSingleBean(TrackTokensPostProcessor.class);
			assertThat(context.getBeansOfType(CallerObservationHandler.class)).hasSize(2);
			assertThat(context.getBean(TrackTokensPostProcessor.class).isProxyTargetClass()).isTrue();
		});
	}

	@Test
	void usesInterfacesIfTheApplicationDoes() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.run((context) -> assertThat(context.getBean(TrackTokensPostProcessor.class).isProxyTargetClass())
				.isFalse());
	}

	@Test
	void worksWithoutChatClient() {
		this.runner.withClassLoader(new FilteredClassLoader(ChatClient.class)).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(CallerScopes.class);
			assertThat(context.getBeansOfType(CallerObservationHandler.class)).hasSize(1);
		});
	}

	@Test
	void aspectIsOffByProperty() {
		this.runner.withPropertyValues("token-counter.track-tokens.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(CallerScopes.class)
				.doesNotHaveBean(TrackTokensPostProcessor.class));
	}

	@Test
	void isOffByProperty() {
		this.runner.withPropertyValues("token-counter.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(CallerScopes.class)
				.doesNotHaveBean(TrackTokensPostProcessor.class));
	}

	@Test
	void isOffWithoutObservations() {
		this.runner.withClassLoader(new FilteredClassLoader(ObservationRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CallerScopes.class));
	}

}
