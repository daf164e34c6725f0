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
import java.util.Locale;

import io.tokencounter.TokenCall;
import io.tokencounter.support.KnownAnswers;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.openai.AbstractOpenAiOptions;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.util.ClassUtils;
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

	private static final boolean openAiPresent = ClassUtils
		.isPresent("org.springframework.ai.openai.AbstractOpenAiOptions", ProviderNames.class.getClassLoader());

	private static final KnownAnswers<String, KnownProvider> providersByUrl = new KnownAnswers<>(256,
			ProviderNames::at);

	private ProviderNames() {
	}

	/**
	 * Return the name of the provider of a call.
	 * @param provider the provider as Spring AI names it, which may be {@code null}
	 * @param options the options of the request, which may be {@code null}
	 * @param defaultOptions the options of the model, which may be {@code null}; they
	 * know the base URL where the caller brought options of its own
	 * @return the name, {@link TokenCall#UNKNOWN} if there is none
	 */
	public static String resolve(@Nullable String provider, @Nullable ModelOptions options,
			@Nullable ModelOptions defaultOptions) {
		if (!StringUtils.hasText(provider)) {
			return TokenCall.UNKNOWN;
		}
		KnownProvider known = KnownProvider.named(provider);
		if (known == KnownProvider.OPENAI) {
			return openAiCompatible(options, defaultOptions).id();
		}
		return (known != null) ? known.id() : provider;
	}

	/**
	 * Return the one name of a provider that has several.
	 * @param alias a name that Spring AI or a price list has for a provider, in any case
	 * @return the name, {@code null} if the provider is not known
	 */
	public static @Nullable String nameOf(String alias) {
		KnownProvider provider = KnownProvider.named(alias);
		return (provider != null) ? provider.id() : null;
	}

	private static KnownProvider openAiCompatible(@Nullable ModelOptions options,
			@Nullable ModelOptions defaultOptions) {
		if (!openAiPresent) {
			return KnownProvider.OPENAI;
		}
		KnownProvider provider = OpenAi.providerOf(options);
		if (provider == null) {
			provider = OpenAi.providerOf(defaultOptions);
		}
		return (provider != null) ? provider : KnownProvider.OPENAI;
	}

	private static KnownProvider at(String baseUrl) {
		try {
			URI uri = URI.create(baseUrl.trim());
			KnownProvider provider = (uri.getHost() != null)
					? KnownProvider.at(uri.getHost().toLowerCase(Locale.ROOT), uri.getPort()) : null;
			return (provider != null) ? provider : KnownProvider.OPENAI;
		}
		catch (IllegalArgumentException ex) {
			// Not a URL; the client will say so in its own words
			return KnownProvider.OPENAI;
		}
	}

	/**
	 * Inner class to avoid a hard dependency on the OpenAI client.
	 */
	private static final class OpenAi {

		static @Nullable KnownProvider providerOf(@Nullable ModelOptions options) {
			if (options instanceof OpenAiChatOptions chat) {
				return providerOf(chat.isMicrosoftFoundry(), chat.isGitHubModels(), chat.getBaseUrl());
			}
			return (options instanceof AbstractOpenAiOptions other)
					? providerOf(other.isMicrosoftFoundry(), other.isGitHubModels(), other.getBaseUrl()) : null;
		}

		private static @Nullable KnownProvider providerOf(boolean microsoftFoundry, boolean gitHubModels,
				@Nullable String baseUrl) {
			if (microsoftFoundry) {
				return KnownProvider.AZURE_OPENAI;
			}
			if (gitHubModels) {
				return KnownProvider.GITHUB_MODELS;
			}
			return StringUtils.hasText(baseUrl) ? providersByUrl.get(baseUrl) : null;
		}

	}

}
