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

package io.tokencounter.pricing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names under which a price of a model may be listed. Only parts that are known not
 * to tell models apart are taken off a name; no name is ever matched by its beginning.
 */
final class ModelNames {

	/**
	 * Names that Spring AI and LiteLLM use for a provider, by the name that OpenTelemetry
	 * has for it.
	 */
	private static final Map<String, String> PROVIDERS = Map.ofEntries(Map.entry("openai", "openai"),
			Map.entry("text-completion-openai", "openai"), Map.entry("azure.ai.openai", "azure.ai.openai"),
			Map.entry("az.ai.openai", "azure.ai.openai"), Map.entry("azure", "azure.ai.openai"),
			Map.entry("azure_openai", "azure.ai.openai"), Map.entry("azure-openai", "azure.ai.openai"),
			Map.entry("anthropic", "anthropic"), Map.entry("gcp.gemini", "gcp.gemini"),
			Map.entry("gcp.gen_ai", "gcp.gemini"), Map.entry("google_genai", "gcp.gemini"),
			Map.entry("gemini", "gcp.gemini"), Map.entry("gcp.vertex_ai", "gcp.vertex_ai"),
			Map.entry("vertex_ai", "gcp.vertex_ai"), Map.entry("aws.bedrock", "aws.bedrock"),
			Map.entry("bedrock", "aws.bedrock"), Map.entry("bedrock_converse", "aws.bedrock"),
			Map.entry("mistral_ai", "mistral_ai"), Map.entry("mistral", "mistral_ai"),
			Map.entry("deepseek", "deepseek"), Map.entry("groq", "groq"), Map.entry("x_ai", "x_ai"),
			Map.entry("xai", "x_ai"), Map.entry("cerebras", "cerebras"), Map.entry("ollama", "ollama"),
			Map.entry("perplexity", "perplexity"), Map.entry("cohere", "cohere"), Map.entry("cohere_chat", "cohere"),
			Map.entry("azure.ai.inference", "azure.ai.inference"), Map.entry("azure_ai", "azure.ai.inference"),
			Map.entry("github.models", "github.models"), Map.entry("github", "github.models"),
			Map.entry("naver.clova", "naver.clova"));

	/**
	 * Region of an inference profile, vendor, and name.
	 */
	private static final Pattern BEDROCK = Pattern.compile("(?:(?:us|us-gov|eu|apac|ap|jp|au|ca|global)\\.)?"
			+ "((?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer)"
			+ "\\.(.+))");

	private static final Pattern BEDROCK_VERSION = Pattern.compile("-v\\d+(?::\\d+)?(?::\\d+k)?$");

	private static final Pattern DATE = Pattern.compile("[-@](?:20\\d{2}-\\d{2}-\\d{2}|20\\d{6})$");

	private static final Pattern GEMINI_REVISION = Pattern.compile("(gemini-.+)-00\\d");

	private ModelNames() {
	}

	/**
	 * Return the one name of a provider that has several.
	 * @param provider a name of the provider
	 * @return the name to compare by
	 */
	static String provider(String provider) {
		String name = provider.trim().toLowerCase(Locale.ROOT);
		String known = PROVIDERS.get(name);
		if (known != null) {
			return known;
		}
		// LiteLLM: vertex_ai-language-models, vertex_ai-anthropic_models, ...
		return name.startsWith("vertex_ai-") ? "gcp.vertex_ai" : name;
	}

	static boolean isKnownProvider(String provider) {
		return PROVIDERS.containsKey(provider);
	}

	/**
	 * Return the names of a model, the most exact one first.
	 * @param model a name as a provider writes it
	 * @return the names in lower case: as written, then without a path, region, vendor,
	 * version or date
	 */
	static List<String> of(String model) {
		Set<String> names = new LinkedHashSet<>();
		String name = model.trim().toLowerCase(Locale.ROOT);
		addWithoutDate(names, name);
		String prefix = name.startsWith("arn:") ? "/" : "models/";
		int end = name.lastIndexOf(prefix);
		if (end >= 0) {
			name = name.substring(end + prefix.length());
			addWithoutDate(names, name);
		}
		Matcher bedrock = BEDROCK.matcher(name);
		if (bedrock.matches()) {
			addWithoutVersion(names, name);
			addWithoutVersion(names, bedrock.group(1));
			addWithoutVersion(names, bedrock.group(2));
		}
		return List.copyOf(names);
	}

	private static void addWithoutVersion(Set<String> names, String name) {
		addWithoutDate(names, name);
		addWithoutDate(names, BEDROCK_VERSION.matcher(name).replaceFirst(""));
	}

	private static void addWithoutDate(Set<String> names, String name) {
		names.add(name);
		names.add(DATE.matcher(name).replaceFirst(""));
		Matcher gemini = GEMINI_REVISION.matcher(name);
		if (gemini.matches()) {
			names.add(gemini.group(1));
		}
	}

}
