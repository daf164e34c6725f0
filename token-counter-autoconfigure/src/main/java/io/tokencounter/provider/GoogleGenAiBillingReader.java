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

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import com.google.genai.types.GenerateContentResponseUsageMetadata;
import com.google.genai.types.MediaModality;
import com.google.genai.types.ModalityTokenCount;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.SeenCall;

import org.springframework.ai.google.genai.GoogleGenAiChatOptions;

/**
 * Reads service tier, audio tokens and searches of a call that was made with Google's
 * client. The number of searches is told by nobody, and some are free of charge.
 */
final class GoogleGenAiBillingReader implements BillingReader {

	private static final String ON_DEMAND = "ON_DEMAND";

	private final UsageNormalizer normalizer;

	GoogleGenAiBillingReader(UsageNormalizer normalizer) {
		this.normalizer = normalizer;
	}

	@Override
	public BillingDetails read(BillingDetails details, SeenCall call, TokenUsage usage) {
		BillingDetails read = details;
		if (BillingReader.options(call) instanceof GoogleGenAiChatOptions options) {
			if (Boolean.TRUE.equals(options.getGoogleSearchRetrieval())) {
				read = read.withWebSearches(OptionalLong.empty());
			}
			if (options.getServiceTier() != null) {
				read = read.withServiceTier(options.getServiceTier().name());
			}
		}
		return (BillingReader.nativeUsage(call) instanceof GenerateContentResponseUsageMetadata nativeUsage)
				? answered(read, nativeUsage) : read;
	}

	private BillingDetails answered(BillingDetails details, GenerateContentResponseUsageMetadata usage) {
		long input = audio(usage.promptTokensDetails()) + audio(usage.toolUsePromptTokensDetails());
		OptionalLong cached = usage.cacheTokensDetails().isPresent()
				? OptionalLong.of(audio(usage.cacheTokensDetails())) : OptionalLong.empty();
		BillingDetails read = details.withAudio(input, audio(usage.candidatesTokensDetails()), cached);
		String traffic = usage.trafficType().map(Object::toString).orElse("");
		if (traffic.equals(ON_DEMAND)) {
			return read.withServiceTier(null);
		}
		if (traffic.startsWith(ON_DEMAND + "_")) {
			return read.withServiceTier(traffic.substring(ON_DEMAND.length() + 1));
		}
		return traffic.equals("PROVISIONED_THROUGHPUT") ? read.withServiceTier("provisioned") : read;
	}

	private long audio(Optional<List<ModalityTokenCount>> details) {
		long sum = 0;
		for (ModalityTokenCount count : details.orElse(List.of())) {
			if (count.modality().map(MediaModality::knownEnum).orElse(null) == MediaModality.Known.AUDIO) {
				sum += this.normalizer.count(count.tokenCount());
			}
		}
		return sum;
	}

}
