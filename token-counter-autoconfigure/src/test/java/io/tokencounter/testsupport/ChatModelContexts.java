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

package io.tokencounter.testsupport;

import java.util.stream.StreamSupport;

import org.springframework.ai.model.anthropic.autoconfigure.AnthropicChatAutoConfiguration;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.model.chat.memory.autoconfigure.ChatMemoryAutoConfiguration;
import org.springframework.ai.model.chat.observation.autoconfigure.ChatObservationAutoConfiguration;
import org.springframework.ai.model.ollama.autoconfigure.OllamaApiAutoConfiguration;
import org.springframework.ai.model.ollama.autoconfigure.OllamaChatAutoConfiguration;
import org.springframework.ai.model.openai.autoconfigure.OpenAiChatAutoConfiguration;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.ai.retry.autoconfigure.SpringAiRetryAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

/**
 * Applications with Spring AI's real auto-configurations, whose models ask a
 * {@link BillingProvider}.
 */
public final class ChatModelContexts {

	/**
	 * Name of OpenAI's model in the applications.
	 */
	public static final String OPENAI_MODEL = "gpt-madeup";

	/**
	 * Name of Anthropic's model in the applications.
	 */
	public static final String ANTHROPIC_MODEL = "claude-madeup";

	/**
	 * Name of Ollama's model in the applications.
	 */
	public static final String OLLAMA_MODEL = "llama-madeup:3b";

	private static final String OUR_PACKAGE = "io.tokencounter.";

	private ChatModelContexts() {
	}

	/**
	 * Return the runner of an application that does not count.
	 * @param provider the provider to ask
	 * @return the runner
	 */
	public static ApplicationContextRunner runner(BillingProvider provider) {
		return runner(provider.baseUrl());
	}

	private static ApplicationContextRunner runner(String baseUrl) {
		return new ApplicationContextRunner().withPropertyValues(properties(baseUrl))
			.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class, MetricsAutoConfiguration.class,
					CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class,
					HttpClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
					ReactiveHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class,
					WebClientAutoConfiguration.class, SpringAiRetryAutoConfiguration.class,
					ToolCallingAutoConfiguration.class, ChatObservationAutoConfiguration.class,
					ChatMemoryAutoConfiguration.class, ChatClientAutoConfiguration.class,
					OpenAiChatAutoConfiguration.class, AnthropicChatAutoConfiguration.class,
					OllamaApiAutoConfiguration.class, OllamaChatAutoConfiguration.class));
	}

	/**
	 * Return the runner of an application that counts, with all auto-configurations that
	 * a user gets.
	 * @param provider the provider to ask
	 * @return the runner
	 */
	public static ApplicationContextRunner countingRunner(BillingProvider provider) {
		return countingRunner(provider.baseUrl());
	}

	/**
	 * Return the runner of an application that counts, with all auto-configurations that
	 * a user gets.
	 * @param baseUrl where the provider is, without a slash at the end
	 * @return the runner
	 */
	public static ApplicationContextRunner countingRunner(String baseUrl) {
		return runner(baseUrl).withConfiguration(AutoConfigurations.of(ourAutoConfigurations()));
	}

	/**
	 * Return the properties that make Spring AI's models ask a provider, without retries.
	 * @param provider the provider to ask
	 * @return pairs of key and value
	 */
	public static String[] properties(BillingProvider provider) {
		return properties(provider.baseUrl());
	}

	/**
	 * Return the properties that make Spring AI's models ask a provider, without retries.
	 * @param baseUrl where the provider is, without a slash at the end
	 * @return pairs of key and value
	 */
	public static String[] properties(String baseUrl) {
		return new String[] { "spring.ai.openai.base-url=" + baseUrl + "/v1", "spring.ai.openai.api-key=none",
				"spring.ai.openai.chat.model=" + OPENAI_MODEL, "spring.ai.openai.max-retries=0",
				"spring.ai.anthropic.base-url=" + baseUrl, "spring.ai.anthropic.api-key=none",
				"spring.ai.anthropic.chat.model=" + ANTHROPIC_MODEL, "spring.ai.anthropic.max-retries=0",
				"spring.ai.ollama.base-url=" + baseUrl, "spring.ai.ollama.chat.model=" + OLLAMA_MODEL,
				"spring.ai.ollama.init.pull-model-strategy=never", "spring.ai.retry.max-attempts=0",
				// Apache's client would retry a 429 by itself
				"spring.http.clients.imperative.factory=jdk" };
	}

	/**
	 * Return the name that a model is asked for by.
	 * @param responseModel the name that it answers with, dated by OpenAI
	 * @return the name without a date
	 */
	public static String requestModel(String responseModel) {
		return responseModel.replace(OpenAiProtocol.DATE, "");
	}

	private static Class<?>[] ourAutoConfigurations() {
		ClassLoader classLoader = ChatModelContexts.class.getClassLoader();
		return StreamSupport.stream(ImportCandidates.load(AutoConfiguration.class, classLoader).spliterator(), false)
			.filter((name) -> name.startsWith(OUR_PACKAGE))
			.map((name) -> load(name, classLoader))
			.toArray(Class<?>[]::new);
	}

	private static Class<?> load(String name, ClassLoader classLoader) {
		try {
			return Class.forName(name, false, classLoader);
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException("Auto-configuration '%s' does not exist".formatted(name), ex);
		}
	}

}
