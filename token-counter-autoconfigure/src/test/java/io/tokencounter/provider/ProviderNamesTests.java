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

package io.tokencounter.provider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ProviderNames}.
 */
class ProviderNamesTests {

	@ParameterizedTest
	@CsvSource({ "anthropic, anthropic", "google_genai, gcp.gemini", "vertex_ai, gcp.vertex_ai",
			"bedrock_converse, aws.bedrock", "mistral_ai, mistral_ai", "deepseek, deepseek", "ollama, ollama",
			"openai, openai", "acme, acme" })
	void mapsTheProviderOfSpringAi(String provider, String expected) {
		assertThat(ProviderNames.resolve(provider, null, null)).isEqualTo(expected);
	}

	@Test
	void isUnknownWithoutProvider() {
		assertThat(ProviderNames.resolve(null, null, null)).isEqualTo("unknown");
		assertThat(ProviderNames.resolve(" ", null, null)).isEqualTo("unknown");
	}

	@ParameterizedTest
	@CsvSource({ "https://api.openai.com/v1, openai", "https://acme.openai.azure.com, azure.ai.openai",
			"https://acme.openai.azure.com/openai/v1, azure.ai.openai",
			"https://acme.cognitiveservices.azure.com/, azure.ai.openai",
			"https://acme.services.ai.azure.com/openai/v1, azure.ai.openai",
			"https://acme.eastus2.models.ai.azure.com/v1, azure.ai.inference",
			"https://models.github.ai/inference, github.models", "https://models.inference.ai.azure.com, github.models",
			"https://api.cerebras.ai/v1, cerebras", "https://api.groq.com/openai/v1, groq",
			"HTTPS://API.GROQ.COM/openai/v1, groq", "https://clovastudio.stream.ntruss.com/v1/openai, naver.clova",
			"https://clovastudio.apigw.ntruss.com/v1/openai, naver.clova", "https://api.x.ai/v1, x_ai",
			"https://us-east-1.api.x.ai/v1, x_ai", "https://api.deepseek.com, deepseek",
			"https://api.perplexity.ai, perplexity", "https://api.mistral.ai/v1, mistral_ai",
			"https://api.anthropic.com/v1, anthropic",
			"https://generativelanguage.googleapis.com/v1beta/openai, gcp.gemini",
			"https://aiplatform.googleapis.com/v1, gcp.vertex_ai",
			"https://us-central1-aiplatform.googleapis.com/v1, gcp.vertex_ai",
			"https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1, aws.bedrock",
			"https://ollama.com/v1, ollama.cloud", "http://localhost:11434/v1, ollama",
			"http://192.168.1.7:11434/v1, ollama" })
	void tellsTheServiceByItsBaseUrl(String baseUrl, String expected) {
		assertThat(ProviderNames.resolve("openai", options(baseUrl), null)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://localhost:8000/v1", "http://10.0.0.7/v1", "https://gateway.example/api.groq.com",
			"https://notx.ai/v1", "https://api.groq.com.example/v1", "https://gateway-1.us-west-2.elb.amazonaws.com/v1",
			"not a url", "http://", "api.groq.com", "${URL}" })
	void staysOpenAiWhereTheBaseUrlDoesNotTell(String baseUrl) {
		assertThat(ProviderNames.resolve("openai", options(baseUrl), null)).isEqualTo("openai");
	}

	@Test
	void asksTheModelsOptionsWhereThoseOfTheRequestDoNotTell() {
		OpenAiChatOptions groq = options("https://api.groq.com/openai/v1");
		assertThat(ProviderNames.resolve("openai", OpenAiChatOptions.builder().model("m").build(), groq))
			.isEqualTo("groq");
		assertThat(ProviderNames.resolve("openai", ChatOptions.builder().build(), groq)).isEqualTo("groq");
		assertThat(ProviderNames.resolve("openai", null, groq)).isEqualTo("groq");
		assertThat(ProviderNames.resolve("openai", options("https://api.x.ai/v1"), groq)).isEqualTo("x_ai");
	}

	@Test
	void tellsTheServiceOfEmbeddingsByTheirBaseUrl() {
		OpenAiEmbeddingOptions groq = OpenAiEmbeddingOptions.builder()
			.baseUrl("https://api.groq.com/openai/v1")
			.build();
		assertThat(ProviderNames.resolve("openai", groq, null)).isEqualTo("groq");
		assertThat(ProviderNames.resolve("openai", null, groq)).isEqualTo("groq");
		assertThat(
				ProviderNames.resolve("openai", OpenAiEmbeddingOptions.builder().microsoftFoundry(true).build(), groq))
			.isEqualTo("azure.ai.openai");
	}

	@Test
	void believesTheFlagsOfTheOptions() {
		assertThat(ProviderNames.resolve("openai",
				OpenAiChatOptions.builder().baseUrl("https://gateway.example").microsoftFoundry(true).build(), null))
			.isEqualTo("azure.ai.openai");
		assertThat(ProviderNames.resolve("openai", OpenAiChatOptions.builder().gitHubModels(true).build(), null))
			.isEqualTo("github.models");
	}

	@Test
	void doesNotAskTheBaseUrlOfAnotherProvider() {
		assertThat(ProviderNames.resolve("acme", options("https://api.groq.com/openai/v1"), null)).isEqualTo("acme");
	}

	@ParameterizedTest
	@CsvSource({ "google_genai, gcp.gemini", "gcp.gemini, gcp.gemini", "bedrock_converse, aws.bedrock", "xai, x_ai",
			"OpenAI, openai", "mistral, mistral_ai", "vertex_ai-language-models, gcp.vertex_ai" })
	void knowsProvidersByAllTheirNames(String provider, String name) {
		assertThat(ProviderNames.nameOf(provider)).isEqualTo(name);
	}

	private static OpenAiChatOptions options(String baseUrl) {
		return OpenAiChatOptions.builder().baseUrl(baseUrl).build();
	}

}
