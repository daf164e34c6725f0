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

import java.util.ArrayList;
import java.util.List;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.CallReader;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Reads calls by what is known of their providers.
 *
 * @since 0.1.0
 */
public final class ProviderCallReader implements CallReader {

	private final TokenUsageReader usageReader;

	private final List<BillingReader> billingReaders;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ProviderCallReader.class));

	/**
	 * Create a reader.
	 * @param usageReader reads usages
	 */
	public ProviderCallReader(TokenUsageReader usageReader) {
		this.usageReader = usageReader;
		this.billingReaders = billingReaders(new UsageNormalizer(this.faults));
	}

	private static List<BillingReader> billingReaders(UsageNormalizer normalizer) {
		ClassLoader classLoader = ProviderCallReader.class.getClassLoader();
		List<BillingReader> readers = new ArrayList<>();
		if (ClassUtils.isPresent("org.springframework.ai.openai.OpenAiChatOptions", classLoader)) {
			readers.add(new OpenAiBillingReader(normalizer));
		}
		if (ClassUtils.isPresent("org.springframework.ai.anthropic.AnthropicChatOptions", classLoader)) {
			readers.add(new AnthropicBillingReader(normalizer));
		}
		if (ClassUtils.isPresent("org.springframework.ai.google.genai.GoogleGenAiChatOptions", classLoader)) {
			readers.add(new GoogleGenAiBillingReader(normalizer));
		}
		return List.copyOf(readers);
	}

	@Override
	public CallReading read(SeenCall call) {
		String provider = provider(call.request());
		TokenUsage usage = this.usageReader.read(call.usage(), provider);
		return new CallReading(provider, responseModel(call, provider), usage, billing(call, usage));
	}

	private String provider(CallRequest request) {
		try {
			return ProviderNames.resolve(request.provider(), request.options(), request.defaultOptions());
		}
		catch (Throwable ex) {
			this.faults.log("The provider of a call could not be told", ex);
			return (request.provider() != null) ? request.provider() : TokenCall.UNKNOWN;
		}
	}

	private static @Nullable String responseModel(SeenCall call, String provider) {
		CallRequest request = call.request();
		return provider.equals(KnownProvider.OLLAMA.id())
				? ResponseModels.nameAtOllama(call.responseModel(), request.model(), request.streaming())
				: ResponseModels.nameOf(call.responseModel());
	}

	private BillingDetails billing(SeenCall call, TokenUsage usage) {
		BillingDetails details = BillingDetails.PLAIN;
		try {
			for (BillingReader reader : this.billingReaders) {
				details = reader.read(details, call, usage);
			}
			return details;
		}
		catch (Throwable ex) {
			this.faults.log("What decides the price of a call could not be told, so it has no cost", ex);
			return details.withServiceTier(TokenCall.UNKNOWN);
		}
	}

}
