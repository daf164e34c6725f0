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
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.openai.models.completions.CompletionUsage;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.SeenCall;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.openai.AbstractOpenAiOptions;
import org.springframework.ai.openai.OpenAiChatOptions;

/**
 * Reads service tier, audio tokens, searches and region of a call that was made with the
 * OpenAI client.
 * <p>
 * The client drops the tier of the answer, so it is that of the request, unless the
 * answer was seen on the wire. The number of searches is told by nobody. OpenAI charges
 * more at {@code eu.api.openai.com} and its like.
 */
final class OpenAiBillingReader implements BillingReader {

	private static final Pattern REGION = Pattern.compile("([a-z-]+)\\.api\\.openai\\.com");

	private static final Pattern SEARCH_MODEL = Pattern.compile(".*-search-(preview|api)(-.*)?");

	private final UsageNormalizer normalizer;

	OpenAiBillingReader(UsageNormalizer normalizer) {
		this.normalizer = normalizer;
	}

	@Override
	public BillingDetails read(BillingDetails details, SeenCall call, TokenUsage usage) {
		BillingDetails read = details;
		String baseUrl = baseUrl(call.request().options());
		if (baseUrl == null) {
			baseUrl = baseUrl(call.request().defaultOptions());
		}
		if (baseUrl != null && baseUrl.contains(".api.openai.com")) {
			read = read.withInferenceRegion(region(baseUrl));
		}
		if (BillingReader.options(call) instanceof OpenAiChatOptions options) {
			read = asked(read, call, options, usage);
		}
		if (BillingReader.nativeUsage(call) instanceof CompletionUsage nativeUsage) {
			read = withAudio(read, nativeUsage);
		}
		return (call.serviceTier() != null) ? read.withServiceTier(serviceTier(call.serviceTier())) : read;
	}

	private BillingDetails asked(BillingDetails details, SeenCall call, OpenAiChatOptions options, TokenUsage usage) {
		Map<String, Object> more = (options.getExtraBody() != null) ? options.getExtraBody() : Map.of();
		Object tier = (options.getServiceTier() != null) ? options.getServiceTier() : more.get("service_tier");
		BillingDetails read = details.withServiceTier((tier != null) ? serviceTier(tier.toString()) : null);
		if (more.containsKey("web_search_options") || isSearchModel(call)) {
			read = read.withWebSearches(OptionalLong.empty());
		}
		if (usage.cacheWrite() > 0 && more.containsKey("prompt_cache_retention")) {
			read = read.withLongLivedCacheWrites(OptionalLong.empty());
		}
		return read;
	}

	private static boolean isSearchModel(SeenCall call) {
		String model = (call.responseModel() != null) ? call.responseModel() : call.request().model();
		return model != null && model.length() < 256 && SEARCH_MODEL.matcher(model).matches();
	}

	/**
	 * Return the one name of a tier. Priority processing was renamed fast mode on 30 July
	 * 2026; both names can be used.
	 */
	private static String serviceTier(String tier) {
		return "fast".equalsIgnoreCase(tier) ? "priority" : tier;
	}

	private static @Nullable String baseUrl(@Nullable ModelOptions options) {
		if (options instanceof OpenAiChatOptions chat) {
			return chat.getBaseUrl();
		}
		return (options instanceof AbstractOpenAiOptions other) ? other.getBaseUrl() : null;
	}

	private static @Nullable String region(String baseUrl) {
		String host = URI.create(baseUrl.trim()).getHost();
		Matcher region = REGION.matcher((host != null) ? host.toLowerCase(Locale.ROOT) : "");
		return region.matches() ? region.group(1) : null;
	}

	private BillingDetails withAudio(BillingDetails details, CompletionUsage usage) {
		long input = usage._promptTokensDetails()
			.asKnown()
			.map((prompt) -> this.normalizer.count(prompt._audioTokens().asKnown()))
			.orElse(0L);
		long output = usage._completionTokensDetails()
			.asKnown()
			.map((completion) -> this.normalizer.count(completion._audioTokens().asKnown()))
			.orElse(0L);
		return details.withAudio(input, output, OptionalLong.empty());
	}

}
