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

import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The one list of what is known of providers: the name, with OpenTelemetry's well-known
 * value where there is one, the other names that Spring AI and LiteLLM have for it, the
 * domains that it is reached at, and how its plain usage is to be read. Usages that have
 * a class of their own are read by a {@link NativeUsageExtractor}, and what else decides
 * the price by a {@link BillingReader}.
 */
enum KnownProvider {

	OPENAI("openai", Set.of("text-completion-openai"), Set.of("openai.com")),

	AZURE_OPENAI("azure.ai.openai", Set.of("az.ai.openai", "azure", "azure_openai", "azure-openai"),
			Set.of("openai.azure.com", "openai.azure.us", "cognitiveservices.azure.com", "services.ai.azure.com")),

	AZURE_INFERENCE("azure.ai.inference", Set.of("azure_ai"), Set.of("models.ai.azure.com")),

	GITHUB_MODELS("github.models", Set.of("github"), Set.of("models.github.ai", "models.inference.ai.azure.com")),

	ANTHROPIC("anthropic", Set.of(), Set.of("anthropic.com")),

	GEMINI("gcp.gemini", Set.of("gcp.gen_ai", "google_genai", "gemini"), Set.of("generativelanguage.googleapis.com")),

	VERTEX_AI("gcp.vertex_ai", Set.of("vertex_ai"), Set.of("aiplatform.googleapis.com")) {

		@Override
		boolean serves(String host, int port) {
			return super.serves(host, port) || host.endsWith("-aiplatform.googleapis.com");
		}

	},

	BEDROCK("aws.bedrock", Set.of("bedrock", "bedrock_converse"), Set.of()) {

		@Override
		boolean serves(String host, int port) {
			// Anybody's load balancer is below amazonaws.com too
			return host.startsWith("bedrock") && host.endsWith(".amazonaws.com");
		}

	},

	MISTRAL("mistral_ai", Set.of("mistral"), Set.of("mistral.ai")),

	DEEPSEEK("deepseek", Set.of(), Set.of("deepseek.com")),

	GROQ("groq", Set.of(), Set.of("groq.com")),

	XAI("x_ai", Set.of("xai"), Set.of("x.ai")),

	CEREBRAS("cerebras", Set.of(), Set.of("cerebras.ai")),

	PERPLEXITY("perplexity", Set.of(), Set.of("perplexity.ai")),

	COHERE("cohere", Set.of("cohere_chat"), Set.of("cohere.com", "cohere.ai")),

	CLOVA("naver.clova", Set.of(), Set.of("clovastudio.stream.ntruss.com", "clovastudio.apigw.ntruss.com")),

	OLLAMA("ollama", Set.of("ollama_chat"), Set.of()) {

		@Override
		boolean serves(String host, int port) {
			return port == OLLAMA_PORT;
		}

	},

	/**
	 * Not free of charge, as models on a machine of one's own are.
	 */
	OLLAMA_CLOUD("ollama.cloud", Set.of(), Set.of("ollama.com"));

	private static final int OLLAMA_PORT = 11434;

	private static final Map<String, KnownProvider> BY_ALIAS = byAlias();

	private final String id;

	private final Set<String> aliases;

	private final Set<String> domains;

	KnownProvider(String id, Set<String> aliases, Set<String> domains) {
		this.id = id;
		this.aliases = aliases;
		this.domains = domains;
	}

	/**
	 * Return the {@code gen_ai.provider.name}.
	 */
	String id() {
		return this.id;
	}

	/**
	 * Return whether the prompt tokens of a plain usage leave out those that were read
	 * from and written to a cache.
	 */
	boolean countsCacheApart() {
		return this == ANTHROPIC || this == BEDROCK;
	}

	/**
	 * Return whether this is what answers at an address.
	 * @param host the name of the host, in lower case
	 * @param port the port, negative if the address has none
	 */
	boolean serves(String host, int port) {
		String dottedHost = "." + host;
		return this.domains.stream().anyMatch((domain) -> dottedHost.endsWith("." + domain));
	}

	static @Nullable KnownProvider at(String host, int port) {
		if (OLLAMA.serves(host, port)) {
			return OLLAMA;
		}
		for (KnownProvider provider : values()) {
			if (provider.serves(host, port)) {
				return provider;
			}
		}
		return null;
	}

	static @Nullable KnownProvider named(String name) {
		KnownProvider named = BY_ALIAS.get(name);
		if (named != null) {
			return named;
		}
		String alias = name.trim().toLowerCase(Locale.ROOT);
		// LiteLLM: vertex_ai-language-models, vertex_ai-anthropic_models, ...
		return alias.startsWith("vertex_ai-") ? VERTEX_AI : BY_ALIAS.get(alias);
	}

	private static Map<String, KnownProvider> byAlias() {
		Map<String, KnownProvider> providers = new HashMap<>();
		for (KnownProvider provider : values()) {
			providers.put(provider.id, provider);
			provider.aliases.forEach((alias) -> providers.put(alias, provider));
		}
		return Collections.unmodifiableMap(providers);
	}

}
