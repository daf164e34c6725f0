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

import java.time.Duration;

import com.google.genai.Client;
import com.google.genai.types.HttpOptions;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.google.genai.GoogleGenAiChatModel;
import org.springframework.ai.google.genai.GoogleGenAiChatOptions;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.ollama.api.OllamaApi;
import org.springframework.ai.ollama.api.OllamaChatOptions;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/**
 * Spring AI's real models, pointed at a {@link ReplayProvider}.
 */
public final class ReplayedModels {

	private ReplayedModels() {
	}

	/**
	 * Return the model that speaks the protocol of a fixture: its name starts with that
	 * of the provider, and everything unknown is compatible with OpenAI.
	 */
	public static ChatModel model(ReplayProvider provider, String fixture) {
		return model(provider, fixture, ObservationRegistry.NOOP);
	}

	/**
	 * Return the same with observations.
	 */
	public static ChatModel model(ReplayProvider provider, String fixture, ObservationRegistry observations) {
		if (fixture.startsWith("anthropic")) {
			return anthropic(provider.url(fixture), observations);
		}
		if (fixture.startsWith("google-genai")) {
			return googleGenAi(provider.url(fixture), observations);
		}
		if (fixture.startsWith("ollama")) {
			return ollama(provider.url(fixture), observations);
		}
		return openAi(provider.url(fixture), observations);
	}

	private static OpenAiChatModel openAi(String url, ObservationRegistry observations) {
		return OpenAiChatModel.builder()
			.options(OpenAiChatOptions.builder()
				.baseUrl(url + "/v1")
				.apiKey("none")
				.model("asked-for")
				.maxRetries(0)
				.timeout(Duration.ofSeconds(20))
				.build())
			.observationRegistry(observations)
			.build();
	}

	private static AnthropicChatModel anthropic(String url, ObservationRegistry observations) {
		return AnthropicChatModel.builder()
			.options(AnthropicChatOptions.builder()
				.baseUrl(url)
				.apiKey("none")
				.model("asked-for")
				.maxTokens(1000)
				.maxRetries(0)
				.timeout(Duration.ofSeconds(20))
				.build())
			.observationRegistry(observations)
			.build();
	}

	private static GoogleGenAiChatModel googleGenAi(String url, ObservationRegistry observations) {
		return GoogleGenAiChatModel.builder()
			.genAiClient(
					Client.builder().apiKey("none").httpOptions(HttpOptions.builder().baseUrl(url).build()).build())
			.options(GoogleGenAiChatOptions.builder().model("asked-for").build())
			.observationRegistry(observations)
			.build();
	}

	private static OllamaChatModel ollama(String url, ObservationRegistry observations) {
		return OllamaChatModel.builder()
			.ollamaApi(OllamaApi.builder().baseUrl(url).build())
			.options(OllamaChatOptions.builder().model("asked-for").build())
			.observationRegistry(observations)
			.build();
	}

}
