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

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.tokencounter.call.HeardAnswer;
import io.tokencounter.call.HeardAnswers;
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

	private final List<Call> calls = new CopyOnWriteArrayList<>();

	HeardCalls(HeardAnswers answers) {
		this.answers = answers;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof ChatModelObservationContext;
	}

	@Override
	public void onStart(ChatModelObservationContext context) {
		context.put(START, System.nanoTime());
	}

	@Override
	public void onStop(ChatModelObservationContext context) {
		ChatResponse response = context.getResponse();
		ChatResponseMetadata metadata = (response != null) ? response.getMetadata() : null;
		long startedAt = context.<Long>getRequired(START);
		HeardAnswer heard = (context.isStreaming() && metadata != null)
				? this.answers.withId(metadata.getId(), startedAt, metadata.getUsage().getCompletionTokens())
				: this.answers.endedHere(startedAt, context.isStreaming());
		this.calls.add(new Call(modelOf(context), heard, context.getError()));
	}

	private static @Nullable String modelOf(ChatModelObservationContext context) {
		ChatOptions options = context.getRequest().getOptions();
		return (options != null) ? options.getModel() : null;
	}

	List<Call> await(int count) {
		Conditions.await("%d ended calls".formatted(count), () -> this.calls.size() >= count);
		return List.copyOf(this.calls);
	}

	Call awaitOne() {
		return await(1).get(0);
	}

	record Call(@Nullable String model, @Nullable HeardAnswer heard, @Nullable Throwable error) {
	}

}
