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

package io.tokencounter.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import okhttp3.Interceptor;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/**
 * Spring AI's two models that are heard, built by hand with interceptors.
 */
enum TappedModels {

	OPENAI {

		@Override
		ChatOptions options(String model) {
			return openAi(model).build();
		}

		@Override
		ChatModel build(String url, int maxRetries, ObservationRegistry registry, List<Interceptor> interceptors) {
			return OpenAiChatModel.builder()
				.options(openAi("gpt-madeup").baseUrl(url + "/v1").apiKey("none").maxRetries(maxRetries).build())
				.httpClientBuilderCustomizer((client) -> interceptors.forEach(client::interceptor))
				.observationRegistry(registry)
				.build();
		}

	},

	ANTHROPIC {

		@Override
		ChatOptions options(String model) {
			return anthropic(model).build();
		}

		@Override
		ChatModel build(String url, int maxRetries, ObservationRegistry registry, List<Interceptor> interceptors) {
			return AnthropicChatModel.builder()
				.options(anthropic("claude-madeup").baseUrl(url).apiKey("none").maxRetries(maxRetries).build())
				.httpClientBuilderCustomizer((client) -> interceptors.forEach(client::interceptor))
				.observationRegistry(registry)
				.build();
		}

	};

	private static OpenAiChatOptions.Builder openAi(String model) {
		return OpenAiChatOptions.builder().model(model);
	}

	private static AnthropicChatOptions.Builder anthropic(String model) {
		return AnthropicChatOptions.builder().model(model).maxTokens(1000);
	}

	/**
	 * Return options that ask for a model.
	 */
	abstract ChatOptions options(String model);

	abstract ChatModel build(String url, int maxRetries, ObservationRegistry registry, List<Interceptor> interceptors);

	/**
	 * Build a model whose answers are heard.
	 * @param url the base URL, without a version
	 * @param answers where to keep what is heard
	 * @param handler is told of the calls
	 * @param others further interceptors
	 */
	ChatModel build(String url, WireAnswers answers, ObservationHandler<?> handler, Interceptor... others) {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(handler);
		List<Interceptor> interceptors = new ArrayList<>(List.of(new UsageInterceptor(answers, () -> null)));
		interceptors.addAll(List.of(others));
		return build(url, 1, registry, interceptors);
	}

	String provider() {
		return name().toLowerCase(Locale.ROOT);
	}

}
