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

import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.ModelOptions;

/**
 * Reads calls by what is known of their providers.
 *
 * @since 0.1.0
 */
public final class ProviderCallReader implements CallReader {

	private final TokenUsageReader usageReader;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ProviderCallReader.class));

	/**
	 * Create a reader.
	 * @param usageReader reads usages
	 */
	public ProviderCallReader(TokenUsageReader usageReader) {
		this.usageReader = usageReader;
	}

	@Override
	public CallReading read(SeenCall call) {
		String provider = provider(call.request());
		TokenUsage usage = this.usageReader.read(call.usage(), provider);
		return new CallReading(provider, ResponseModels.nameOf(call.responseModel()), usage, billing(call, usage));
	}

	private String provider(CallRequest request) {
		try {
			return ProviderNames.resolve(request.provider(), chatOptions(request.options()),
					chatOptions(request.defaultOptions()));
		}
		catch (Throwable ex) {
			this.faults.log("The provider of a call could not be told", ex);
			return (request.provider() != null) ? request.provider() : TokenCall.UNKNOWN;
		}
	}

	private BillingDetails billing(SeenCall call, TokenUsage usage) {
		if (usage.cacheWrite() == 0) {
			return BillingDetails.PLAIN;
		}
		return BillingDetails.PLAIN.withLongLivedCacheWrites(LongLivedCacheWrites.count(usage, call.usage(),
				chatOptions(call.request().options()), chatOptions(call.request().defaultOptions())));
	}

	private static @Nullable ChatOptions chatOptions(@Nullable ModelOptions options) {
		return (options instanceof ChatOptions chatOptions) ? chatOptions : null;
	}

}
