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

package io.tokencounter.wire;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.HeardAnswers;
import io.tokencounter.call.SeenCall;
import io.tokencounter.testsupport.Conditions;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.ChatOptions;

/**
 * Asks for what was heard at the end of each observed call, as a capture point does.
 */
final class HeardCalls implements ObservationHandler<ChatModelObservationContext> {

	private static final String START = HeardCalls.class.getName();

	private final HeardAnswers answers;

	private final List<SeenCall> calls = new CopyOnWriteArrayList<>();

	HeardCalls(HeardAnswers answers) {
		this.answers = answers;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof ChatModelObservationContext;
	}

	@Override
	public void onStart(ChatModelObservationContext context) {
		context.put(START, Instant.now());
	}

	@Override
	public void onStop(ChatModelObservationContext context) {
		Throwable error = context.getError();
		ChatResponse response = context.getResponse();
		CallOutcome outcome = (response == null && context.isStreaming()) ? CallOutcome.CANCELLED : CallOutcome.SUCCESS;
		this.calls.add(this.answers.complete(seen(context.getOperationMetadata().provider(), modelOf(context),
				context.isStreaming(), context.getRequired(START), (error != null) ? CallOutcome.ERROR : outcome,
				(response != null) ? response.getMetadata() : new ChatResponseMetadata(), error)));
	}

	static SeenCall seen(String provider, @Nullable String model, boolean streaming, Instant startedAt,
			CallOutcome outcome, ChatResponseMetadata metadata, @Nullable Throwable error) {
		CallRequest request = new CallRequest(TokenCall.nextId(), "chat", provider, model, null, null, null, streaming,
				startedAt, CallAttribution.NONE, null);
		return new SeenCall(request, outcome, metadata.getModel(), metadata.getId(), metadata.getUsage(), 0, 0, 0,
				error);
	}

	private static @Nullable String modelOf(ChatModelObservationContext context) {
		ChatOptions options = context.getRequest().getOptions();
		return (options != null) ? options.getModel() : null;
	}

	List<SeenCall> await(int count) {
		Conditions.await("%d ended calls".formatted(count), () -> this.calls.size() >= count);
		return List.copyOf(this.calls);
	}

	SeenCall awaitOne() {
		return await(1).get(0);
	}

}
