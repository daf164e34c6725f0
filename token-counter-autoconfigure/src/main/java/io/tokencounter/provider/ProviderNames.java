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

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import io.tokencounter.TokenCall;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.util.ClassUtils;
import org.springframework.util.ConcurrentLruCache;
import org.springframework.util.StringUtils;

/**
 * Tells the {@code gen_ai.provider.name} of a call, with the well-known values of
 * OpenTelemetry where there is one, else {@code cerebras}, {@code naver.clova},
 * {@code github.models}, {@code ollama}, or Spring AI's own name for the provider.
 * <p>
 * Spring AI calls everything that is reached with the OpenAI client {@code openai}; the
 * base URL tells which service it is. An address that is not known stays {@code openai}.
 * So does a local one, as it may be a gateway to OpenAI as well as a model on this very
 * machine; only the port of Ollama tells.
 *
 * @since 0.1.0
 */
public final class ProviderNames {

	private static final String OPENAI = "openai";

	private static final String ANTHROPIC = "anthropic";

	private static final String BEDROCK = "aws.bedrock";

	private static final String BEDROCK_CONVERSE = "bedrock_converse";

	private static final String AZURE_OPENAI = "azure.ai.openai";

	private static final String GITHUB_MODELS = "github.models";

	private static final int OLLAMA_PORT = 11434;

	/**
	 * Domains and what is served below them, the more specific ones first.
	 */
	private static final Map<String, String> DOMAINS = domains();

	private static final boolean openAiPresent = ClassUtils.isPresent("org.springframework.ai.openai.OpenAiChatOptions",
			ProviderNames.class.getClassLoader());

	private static final ConcurrentLruCache<String, String> namesByUrl = new ConcurrentLruCache<>(256,
			ProviderNames::nameOf);

	private ProviderNames() {
	}

	private static Map<String, String> domains() {
		Map<String, String> domains = new LinkedHashMap<>();
		domains.put("models.github.ai", GITHUB_MODELS);
		domains.put("models.inference.ai.azure.com", GITHUB_MODELS);
		domains.put("openai.azure.com", AZURE_OPENAI);
		domains.put("openai.azure.us", AZURE_OPENAI);
		domains.put("cognitiveservices.azure.com", AZURE_OPENAI);
		domains.put("services.ai.azure.com", AZURE_OPENAI);
		domains.put("models.ai.azure.com", "azure.ai.inference");
		domains.put("cerebras.ai", "cerebras");
		domains.put("groq.com", "groq");
		domains.put("clovastudio.stream.ntruss.com", "naver.clova");
		domains.put("clovastudio.apigw.ntruss.com", "naver.clova");
		domains.put("x.ai", "x_ai");
		domains.put("deepseek.com", "deepseek");
		domains.put("perplexity.ai", "perplexity");
		domains.put("mistral.ai", "mistral_ai");
		domains.put("anthropic.com", ANTHROPIC);
		domains.put("generativelanguage.googleapis.com", "gcp.gemini");
		domains.put("aiplatform.googleapis.com", "gcp.vertex_ai");
		domains.put("ollama.com", "ollama");
		return domains;
	}

	/**
	 * Return the name of the provider of a call.
	 * @param provider the provider as Spring AI names it, which may be {@code null}
	 * @param options the options of the request, which may be {@code null}
	 * @param defaultOptions the options of the model, which may be {@code null}; they
	 * know the base URL where the caller brought options of its own
	 * @return the name, {@link TokenCall#UNKNOWN} if there is none
	 */
	public static String resolve(@Nullable String provider, @Nullable ChatOptions options,
			@Nullable ChatOptions defaultOptions) {
		if (!StringUtils.hasText(provider)) {
			return TokenCall.UNKNOWN;
		}
		return switch (provider) {
			case OPENAI -> openAiCompatible(options, defaultOptions);
			case "google_genai" -> "gcp.gemini";
			case "vertex_ai" -> "gcp.vertex_ai";
			case BEDROCK_CONVERSE -> BEDROCK;
			default -> provider;
		};
	}

	private static String openAiCompatible(@Nullable ChatOptions options, @Nullable ChatOptions defaultOptions) {
		if (!openAiPresent) {
			return OPENAI;
		}
		String name = OpenAi.nameOf(options);
		if (name == null) {
			name = OpenAi.nameOf(defaultOptions);
		}
		return (name != null) ? name : OPENAI;
	}

	private static String nameOf(String baseUrl) {
		try {
			URI uri = URI.create(baseUrl.trim());
			String host = uri.getHost();
			if (host == null) {
				return OPENAI;
			}
			if (uri.getPort() == OLLAMA_PORT) {
				return "ollama";
			}
			String dottedHost = "." + host.toLowerCase(Locale.ROOT);
			for (Map.Entry<String, String> domain : DOMAINS.entrySet()) {
				if (dottedHost.endsWith("." + domain.getKey())) {
					return domain.getValue();
				}
			}
			return regional(dottedHost);
		}
		catch (IllegalArgumentException ex) {
			// Not a URL; the client will say so in its own words
			return OPENAI;
		}
	}

	private static String regional(String dottedHost) {
		if (dottedHost.endsWith("-aiplatform.googleapis.com")) {
			return "gcp.vertex_ai";
		}
		// Anybody's load balancer is below amazonaws.com too
		return (dottedHost.startsWith(".bedrock") && dottedHost.endsWith(".amazonaws.com")) ? BEDROCK : OPENAI;
	}

	static boolean isAnthropic(String provider) {
		return ANTHROPIC.equals(provider);
	}

	static boolean isBedrock(String provider) {
		return BEDROCK.equals(provider) || BEDROCK_CONVERSE.equals(provider);
	}

	/**
	 * Inner class to avoid a hard dependency on the OpenAI client.
	 */
	private static final class OpenAi {

		static @Nullable String nameOf(@Nullable ChatOptions options) {
			if (!(options instanceof OpenAiChatOptions openAi)) {
				return null;
			}
			if (openAi.isMicrosoftFoundry()) {
				return AZURE_OPENAI;
			}
			if (openAi.isGitHubModels()) {
				return GITHUB_MODELS;
			}
			String baseUrl = openAi.getBaseUrl();
			return (StringUtils.hasText(baseUrl)) ? namesByUrl.get(baseUrl) : null;
		}

	}

}
