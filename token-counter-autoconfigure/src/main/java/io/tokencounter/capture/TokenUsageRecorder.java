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

package io.tokencounter.capture;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.util.StringUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Makes one {@link TokenCall} of each call that a capture point saw and hands it to every
 * {@link TokenCallListener}.
 *
 * @since 0.1.0
 */
public final class TokenUsageRecorder {

	private static final Log logger = LogFactory.getLog(TokenUsageRecorder.class);

	private static final String CHAT = "chat";

	private final TokenUsageExtractor extractor;

	private final CallNaming naming;

	private final CallPricing pricing;

	private final Supplier<List<TokenCallListener>> listeners;

	private final FaultLog faults = new FaultLog(logger);

	/**
	 * Create a recorder.
	 * @param extractor reads the tokens of a usage
	 * @param naming names providers and models
	 * @param pricing tells what a call cost
	 * @param listeners who is told of calls; asked for on the first call, not before
	 */
	public TokenUsageRecorder(TokenUsageExtractor extractor, CallNaming naming, CallPricing pricing,
			Supplier<List<TokenCallListener>> listeners) {
		this.extractor = extractor;
		this.naming = naming;
		this.pricing = pricing;
		this.listeners = SingletonSupplier.of(listeners);
	}

	/**
	 * Record a call. Never throws.
	 */
	void record(EndedCall ended) {
		try {
			TokenCall call = toCall(ended);
			notifyEach(this.listeners.get(), call);
			notifyEach(ended.attribution().listeners(), call);
		}
		catch (Throwable ex) {
			this.faults.log("A call to a model could not be counted", ex);
		}
	}

	private void notifyEach(List<TokenCallListener> listeners, TokenCall call) {
		// By index, as an iterator would be one more object for each call
		for (int i = 0; i < listeners.size(); i++) {
			notify(listeners.get(i), call);
		}
	}

	private void notify(TokenCallListener listener, TokenCall call) {
		try {
			listener.onCall(call);
		}
		catch (Throwable ex) {
			this.faults.log("Listener " + listener.getClass().getName() + " failed on a counted call", ex);
		}
	}

	private TokenCall toCall(EndedCall ended) {
		String provider = provider(ended);
		String requestModel = requestModel(ended.options());
		if (requestModel == null) {
			requestModel = requestModel(ended.defaultOptions());
		}
		String responseModel = this.naming.responseModel(ended.responseModel());
		TokenUsage usage = usage(ended.usage(), provider);
		String model = (responseModel != null) ? responseModel : requestModel;
		TokenCost cost = (usage.reported() && model != null) ? cost(provider, model, usage, ended) : null;
		Duration duration = Duration.ofNanos(ended.nanos());
		boolean firstTokenSeen = ended.firstTokenNanos() > 0;
		return new TokenCall(CHAT, provider, requestModel, responseModel, usage, cost, ended.outcome(),
				ended.streaming(), ended.startedAt(), duration,
				firstTokenSeen ? Duration.ofNanos(ended.firstTokenNanos()) : null, generationTime(ended, duration),
				ended.attribution().feature(), ended.attribution().tags(), ended.modelBean());
	}

	private String provider(EndedCall ended) {
		try {
			return this.naming.provider(ended.provider(), ended.options(), ended.defaultOptions());
		}
		catch (Exception | LinkageError ex) {
			this.faults.log("The provider of a call could not be told", ex);
			return (ended.provider() != null) ? ended.provider() : TokenCall.UNKNOWN;
		}
	}

	private @Nullable TokenCost cost(String provider, String model, TokenUsage usage, EndedCall ended) {
		try {
			return this.pricing.cost(provider, model, usage, ended);
		}
		catch (Exception | LinkageError ex) {
			this.faults.log("The cost of a call could not be told", ex);
			return null;
		}
	}

	private TokenUsage usage(@Nullable Usage usage, String provider) {
		if (usage == null) {
			return TokenUsage.unreported();
		}
		TokenUsage tokens = this.extractor.extract(usage, provider);
		return (tokens != null) ? tokens : TokenUsage.unreported();
	}

	private static @Nullable Duration generationTime(EndedCall ended, Duration duration) {
		if (ended.outcome() != CallOutcome.SUCCESS) {
			return null;
		}
		// An answer that came in one chunk was generated before that chunk
		boolean seenApart = ended.tokenChunks() > 1 && ended.firstTokenNanos() > 0;
		return seenApart ? Duration.ofNanos(ended.nanos() - ended.firstTokenNanos()) : duration;
	}

	private @Nullable String requestModel(@Nullable ChatOptions options) {
		try {
			String model = (options != null) ? options.getModel() : null;
			return StringUtils.hasText(model) ? model : null;
		}
		catch (Exception | LinkageError ex) {
			this.faults.log("The model of a request could not be told", ex);
			return null;
		}
	}

}
