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

import java.time.Duration;
import java.util.Map;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Starts the {@link EmbeddedProvider} before there are any beans, and points Spring AI's
 * models to it. The application context stops it.
 */
final class EmbeddedProviderInitializer implements ApplicationContextInitializer<GenericApplicationContext> {

	private static final String BEAN_NAME = "embeddedProvider";

	@Override
	public void initialize(GenericApplicationContext context) {
		ConfigurableEnvironment environment = context.getEnvironment();
		if (!environment.getProperty("sample.embedded-provider.enabled", Boolean.class, true)) {
			return;
		}
		EmbeddedProvider provider = EmbeddedProvider.start(settings(environment));
		// As a singleton it is also stopped when the context fails to start
		DefaultListableBeanFactory beanFactory = context.getDefaultListableBeanFactory();
		beanFactory.registerSingleton(BEAN_NAME, provider);
		beanFactory.registerDisposableBean(BEAN_NAME, provider::close);
		environment.getPropertySources()
			.addFirst(new MapPropertySource(BEAN_NAME, Map.of("spring.ai.openai.base-url", provider.getUrl() + "/v1",
					"spring.ai.openai.api-key", "not-needed", "spring.ai.ollama.base-url", provider.getUrl())));
	}

	private static ProviderSettings settings(ConfigurableEnvironment environment) {
		return new ProviderSettings(
				environment.getProperty("sample.embedded-provider.token-delay", Duration.class, Duration.ZERO),
				environment.getProperty("sample.embedded-provider.dated-names", Boolean.class, false),
				environment.getProperty("sample.embedded-provider.failure-rate", Double.class, 0.0));
	}

}
