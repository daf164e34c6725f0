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

import io.micrometer.observation.ObservationRegistry;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.ollama.api.OllamaApi;
import org.springframework.ai.ollama.api.OllamaChatOptions;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/**
 * Spring AI's real models, built by hand against a {@link BillingProvider}. None of them
 * retries, so that a request is a call.
 */
public final class ChatModels {

	private ChatModels() {
	}

	/**
	 * Build OpenAI's model.
	 * @param provider the provider to ask
	 * @param model the name of the model
	 * @param observationRegistry the registry, {@link ObservationRegistry#NOOP} for none
	 * @return the model
	 */
	public static OpenAiChatModel openAi(BillingProvider provider, String model,
			ObservationRegistry observationRegistry) {
		return openAi(provider, model, observationRegistry, 0);
	}

	/**
	 * Build OpenAI's model.
	 * @param provider the provider to ask
	 * @param model the name of the model
	 * @param observationRegistry the registry, {@link ObservationRegistry#NOOP} for none
	 * @param maxRetries how often its client tries again
	 * @return the model
	 */
	public static OpenAiChatModel openAi(BillingProvider provider, String model,
			ObservationRegistry observationRegistry, int maxRetries) {
		return OpenAiChatModel.builder()
			.options(OpenAiChatOptions.builder()
				.baseUrl(provider.openAiBaseUrl())
				.apiKey("none")
				.model(model)
				.maxRetries(maxRetries)
				.build())
			.observationRegistry(observationRegistry)
			.build();
	}

	/**
	 * Build Anthropic's model.
	 * @param provider the provider to ask
	 * @param model the name of the model
	 * @param observationRegistry the registry, {@link ObservationRegistry#NOOP} for none
	 * @return the model
	 */
	public static AnthropicChatModel anthropic(BillingProvider provider, String model,
			ObservationRegistry observationRegistry) {
		return AnthropicChatModel.builder()
			.options(AnthropicChatOptions.builder()
				.baseUrl(provider.baseUrl())
				.apiKey("none")
				.model(model)
				.maxTokens(1000)
				.maxRetries(0)
				.build())
			.observationRegistry(observationRegistry)
			.build();
	}

	/**
	 * Build Ollama's model.
	 * @param provider the provider to ask
	 * @param model the name of the model
	 * @param observationRegistry the registry, {@link ObservationRegistry#NOOP} for none
	 * @return the model
	 */
	public static OllamaChatModel ollama(BillingProvider provider, String model,
			ObservationRegistry observationRegistry) {
		return OllamaChatModel.builder()
			.ollamaApi(ollamaApi(provider))
			.options(OllamaChatOptions.builder().model(model).build())
			.observationRegistry(observationRegistry)
			.retryTemplate(new RetryTemplate(RetryPolicy.withMaxRetries(0)))
			.build();
	}

	/**
	 * Build Ollama's client, which knows neither observations nor retries.
	 * @param provider the provider to ask
	 * @return the client
	 */
	public static OllamaApi ollamaApi(BillingProvider provider) {
		// Apache's client would retry a 429 by itself
		return OllamaApi.builder()
			.baseUrl(provider.baseUrl())
			.restClientBuilder(RestClient.builder().requestFactory(new JdkClientHttpRequestFactory()))
			.build();
	}

}
