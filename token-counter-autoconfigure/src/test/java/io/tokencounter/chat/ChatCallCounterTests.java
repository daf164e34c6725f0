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

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.ollama.api.OllamaApi;
import org.springframework.aop.TargetClassAware;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ChatCallCounter} with models that are not Spring AI's own, without
 * observations.
 */
class ChatCallCounterTests {

	private final List<TokenCall> calls = new CopyOnWriteArrayList<>();

	private final ChatCallCounter counter = new ChatCallCounter(
			new CallRecorder((seen) -> seen,
					TestCalls.reader((usage) -> TokenUsage.of(usage.getPromptTokens(), usage.getCompletionTokens())),
					(model, reading, startedAt) -> null, List::of, () -> List.of(this.calls::add)),
			() -> List.of(ObservationRegistry.NOOP), (observation, context) -> CallAttribution.NONE);

	private final ChatModel leaf = this.counter.track(new LeafChatModel());

	@Test
	void countsOverloadsOfTheInterface() {
		assertThat(this.leaf.call("hello")).isEqualTo("answer");
		assertThat(this.leaf.stream("hello").collectList().block()).containsExactly("answer");
		assertThat(this.calls).hasSize(2).allMatch((call) -> call.usage().equals(TokenUsage.of(3, 2)));
	}

	@Test
	void leavesCallsThatAModelMakesWhileItAssemblesAStreamToTheInnerModel() {
		ChatModel eager = this.counter.track(new DelegatingChatModel(this.leaf) {
			@Override
			public Flux<ChatResponse> stream(Prompt prompt) {
				return Flux.just(this.delegate.call(prompt));
			}
		});
		eager.stream("hello").blockLast();
		assertThat(this.calls).singleElement().matches((call) -> !call.streaming());
	}

	@Test
	void namesTheProviderOfASpringAiModelThatIsNotObserved() {
		ChatModel ollama = OllamaChatModel.builder().ollamaApi(OllamaApi.builder().build()).build();
		assertThat(CountedModel.of("ollama", ollama, true).provider()).isEqualTo("ollama");
		assertThat(CountedModel.of("leaf", this.leaf, true).provider()).isNull();
	}

	@Test
	void proxyThatDoesNotKnowItsTargetYetHasNoProvider() {
		ChatModel proxy = new UnreadyProxy();
		assertThat(CountedModel.of("unready", proxy, true).provider()).isNull();
	}

	private static final class UnreadyProxy implements ChatModel, TargetClassAware {

		@Override
		public Class<?> getTargetClass() {
			throw new IllegalStateException("There is no target yet");
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			throw new UnsupportedOperationException();
		}

	}

	private static final class LeafChatModel implements ChatModel {

		@Override
		public ChatResponse call(Prompt prompt) {
			return new ChatResponse(List.of(new Generation(new AssistantMessage("answer"))),
					ChatResponseMetadata.builder().model("leaf").usage(new DefaultUsage(3, 2)).build());
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return Flux.defer(() -> Flux.just(call(prompt)));
		}

	}

	private static class DelegatingChatModel implements ChatModel {

		final ChatModel delegate;

		DelegatingChatModel(ChatModel delegate) {
			this.delegate = delegate;
		}

		@Override
		public ChatResponse call(Prompt prompt) {
			return this.delegate.call(prompt);
		}

		@Override
		public Flux<ChatResponse> stream(Prompt prompt) {
			return this.delegate.stream(prompt);
		}

	}

}
