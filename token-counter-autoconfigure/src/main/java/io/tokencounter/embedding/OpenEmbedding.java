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

package io.tokencounter.embedding;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.util.StringUtils;

/**
 * One call to an embedding model, from when it is made to its end.
 */
final class OpenEmbedding {

	private static final String EMBEDDINGS = "embeddings";

	private static final FaultLog faults = new FaultLog(LogFactory.getLog(OpenEmbedding.class));

	private final CallRecorder recorder;

	private final CallRequest request;

	private final long start = System.nanoTime();

	private final AtomicBoolean closed = new AtomicBoolean();

	OpenEmbedding(CallRecorder recorder, @Nullable String provider, @Nullable EmbeddingRequest request,
			CallAttribution attribution, @Nullable String beanName) {
		this.recorder = recorder;
		EmbeddingOptions options = (request != null) ? request.getOptions() : null;
		this.request = new CallRequest(TokenCall.nextId(), EMBEDDINGS, provider, modelOf(options), options, null,
				request, false, Instant.now(), attribution, beanName);
	}

	private static @Nullable String modelOf(@Nullable EmbeddingOptions options) {
		try {
			String model = (options != null) ? options.getModel() : null;
			return StringUtils.hasText(model) ? model : null;
		}
		catch (Throwable ex) {
			faults.log("The model of a request could not be told", ex);
			return null;
		}
	}

	/**
	 * Ask whether the call may be made.
	 * @throws io.tokencounter.TokenBudgetExceededException if it must not
	 */
	void admit() {
		this.recorder.admit(this.request);
	}

	/**
	 * Close the call, and record it, unless it was closed before.
	 */
	void close(@Nullable EmbeddingResponse response, @Nullable Throwable error) {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.recorder.record(seen(response, error));
	}

	private SeenCall seen(@Nullable EmbeddingResponse response, @Nullable Throwable error) {
		CallOutcome outcome = (error != null) ? CallOutcome.ERROR : CallOutcome.SUCCESS;
		long nanos = System.nanoTime() - this.start;
		try {
			EmbeddingResponseMetadata metadata = (response != null) ? response.getMetadata() : null;
			String model = (metadata != null) ? metadata.getModel() : null;
			Usage usage = (metadata != null) ? metadata.getUsage() : null;
			return new SeenCall(this.request, outcome, StringUtils.hasText(model) ? model : null, null, usage, nanos, 0,
					0, error);
		}
		catch (Throwable ex) {
			faults.log("The answer of an embedding model could not be read", ex);
			return new SeenCall(this.request, outcome, null, null, null, nanos, 0, 0, error);
		}
	}

	/**
	 * Forget the call, as others are made in its stead.
	 */
	void discard() {
		if (this.closed.compareAndSet(false, true)) {
			this.recorder.withdraw(this.request);
		}
	}

}
