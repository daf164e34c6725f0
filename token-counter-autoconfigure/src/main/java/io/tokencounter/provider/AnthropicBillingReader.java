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

import java.util.Optional;
import java.util.OptionalLong;

import com.anthropic.core.JsonField;
import com.anthropic.core.JsonString;
import com.anthropic.models.messages.MessageDeltaUsage;
import com.anthropic.models.messages.ServerToolUsage;
import com.anthropic.models.messages.Usage;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.SeenCall;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.model.ModelOptions;

/**
 * Reads service tier, region, speed, searches and long-lived cache writes of a call that
 * was made with the Anthropic client. The usage of a stream has only the searches, so the
 * region is then that of the request, and a tier or speed cannot be seen.
 */
final class AnthropicBillingReader implements BillingReader {

	private final UsageNormalizer normalizer;

	AnthropicBillingReader(UsageNormalizer normalizer) {
		this.normalizer = normalizer;
	}

	@Override
	public BillingDetails read(BillingDetails details, SeenCall call, TokenUsage usage) {
		ModelOptions options = BillingReader.options(call);
		Object nativeUsage = BillingReader.nativeUsage(call);
		BillingDetails read = details;
		if (options instanceof AnthropicChatOptions asked) {
			read = read.withInferenceRegion(region(asked.getInferenceGeo()));
			if (asked.getWebSearchTool() != null) {
				read = read.withWebSearches(OptionalLong.empty());
			}
		}
		if (nativeUsage instanceof Usage answered) {
			read = answered(read, answered);
		}
		else if (nativeUsage instanceof MessageDeltaUsage delta) {
			read = read.withWebSearches(searches(delta._serverToolUse()));
		}
		boolean anthropic = options instanceof AnthropicChatOptions || nativeUsage instanceof Usage
				|| nativeUsage instanceof MessageDeltaUsage;
		return (anthropic && usage.cacheWrite() > 0)
				? read.withLongLivedCacheWrites(
						LongLivedCacheWrites.count(usage, call.usage(), options, call.request().defaultOptions()))
				: read;
	}

	private BillingDetails answered(BillingDetails details, Usage usage) {
		BillingDetails read = details.withWebSearches(searches(usage._serverToolUse()))
			.withServiceTier(usage._serviceTier().asKnown().map(Usage.ServiceTier::asString).orElse(null));
		String geo = usage._inferenceGeo().asKnown().orElse(null);
		if (geo != null) {
			read = read.withInferenceRegion(region(geo));
		}
		// Not yet a field of the client's own
		return (usage._additionalProperties().get("speed") instanceof JsonString speed) ? read.withSpeed(speed.value())
				: read;
	}

	private OptionalLong searches(JsonField<ServerToolUsage> toolUse) {
		Optional<Long> searches = toolUse.asKnown()
			.map(ServerToolUsage::_webSearchRequests)
			.flatMap((requests) -> requests.asKnown());
		return OptionalLong.of(this.normalizer.count(searches));
	}

	private static @Nullable String region(@Nullable String geo) {
		return ("global".equalsIgnoreCase(geo) || "not_available".equalsIgnoreCase(geo)) ? null : geo;
	}

}
