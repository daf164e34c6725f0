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

package io.tokencounter.chat;

import io.micrometer.observation.Observation;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.client.advisor.observation.AdvisorObservationContext;
import org.springframework.core.Ordered;

/**
 * Sees the chunks of a stream right above the model, inside of the loops of tool calls
 * and validation. The observation of a stream has the sums only.
 */
class CountingStreamAdvisor implements StreamAdvisor {

	private static final String NAME = "token_counter";

	private final ChatCallCounter counter;

	private final CountedModel model;

	CountingStreamAdvisor(ChatCallCounter counter, CountedModel model) {
		this.counter = counter;
		this.model = model.withOwnObservation(CountingStreamAdvisor::isOwn);
	}

	private static boolean isOwn(Observation observation) {
		return observation.getContext() instanceof AdvisorObservationContext context
				&& NAME.equals(context.getAdvisorName());
	}

	final ChatCallCounter counter() {
		return this.counter;
	}

	final CountedModel model() {
		return this.model;
	}

	@Override
	@SuppressWarnings("NullAway") // As the chain has it
	public final Flux<ChatClientResponse> adviseStream(ChatClientRequest request, StreamAdvisorChain chain) {
		return this.counter.stream(this.model, request.prompt(), () -> chain.nextStream(request),
				ChatClientResponse::chatResponse);
	}

	@Override
	public final String getName() {
		return NAME;
	}

	@Override
	public final int getOrder() {
		return Ordered.LOWEST_PRECEDENCE - 1;
	}

}
