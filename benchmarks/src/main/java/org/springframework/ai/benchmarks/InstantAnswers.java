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

package org.springframework.ai.benchmarks;

import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * Answers without a provider, observed as Spring AI's own models observe their calls.
 */
final class InstantAnswers {

	private static final String MODEL = "gpt-4o-mini";

	private static final String PROVIDER = "openai";

	private static final ChatModelObservationConvention CONVENTION = new DefaultChatModelObservationConvention();

	private final ObservationRegistry observationRegistry;

	private final ChatOptions options = ChatOptions.builder().model(MODEL).temperature(0.7).build();

	private final ChatResponse answer;

	private final ChatResponse[] chunks;

	InstantAnswers(ObservationRegistry observationRegistry, int chunks) {
		this.observationRegistry = observationRegistry;
		this.answer = response("Pebbles gossip.", true);
		this.chunks = new ChatResponse[chunks];
		for (int i = 0; i < chunks; i++) {
			this.chunks[i] = response("Pebbles ", i == chunks - 1);
		}
	}

	private static ChatResponse response(String text, boolean withUsage) {
		ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder().id("1").model(MODEL);
		if (withUsage) {
			metadata.usage(new DefaultUsage(1200, 350));
		}
		return new ChatResponse(List.of(new Generation(new AssistantMessage(text))), metadata.build());
	}

	ChatOptions options() {
		return this.options;
	}

	ChatResponse call(Prompt prompt) {
		if (this.observationRegistry.isNoop()) {
			return this.answer;
		}
		ChatModelObservationContext context = context(prompt, false);
		return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION
			.observation(null, CONVENTION, () -> context, this.observationRegistry)
			.observe(() -> {
				context.setResponse(this.answer);
				return this.answer;
			});
	}

	Flux<ChatResponse> stream(Prompt prompt) {
		if (this.observationRegistry.isNoop()) {
			return Flux.fromArray(this.chunks);
		}
		return Flux.deferContextual((contextView) -> {
			ChatModelObservationContext context = context(prompt, true);
			Observation observation = ChatModelObservationDocumentation.CHAT_MODEL_OPERATION
				.observation(null, CONVENTION, () -> context, this.observationRegistry)
				.parentObservation(contextView.getOrDefault(ObservationThreadLocalAccessor.KEY, null))
				.start();
			Flux<ChatResponse> answer = Flux.fromArray(this.chunks)
				.doOnError(observation::error)
				.doFinally((signal) -> observation.stop())
				.contextWrite((write) -> write.put(ObservationThreadLocalAccessor.KEY, observation));
			return new MessageAggregator().aggregate(answer, context::setResponse);
		});
	}

	private static ChatModelObservationContext context(Prompt prompt, boolean streaming) {
		return ChatModelObservationContext.builder().prompt(prompt).provider(PROVIDER).streaming(streaming).build();
	}

}
