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

package io.tokencounter.summary;

import java.util.function.BiFunction;
import java.util.function.Function;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TokenUsage;
import io.tokencounter.UsageSummary;
import io.tokencounter.attribution.CallerScopes;
import io.tokencounter.chat.ChatCallCounter;
import io.tokencounter.embedding.EmbeddingCallCounter;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingResponse;

/**
 * Default {@link TokenCounter}.
 *
 * @since 0.1.0
 */
public final class DefaultTokenCounter implements TokenCounter {

	private final UsageAggregator running;

	private final Function<String, UsageAggregator> aggregators;

	private final CallerScopes scopes;

	private final ChatCallCounter chatCalls;

	private final @Nullable EmbeddingCallCounter embeddings;

	private final BiFunction<Usage, String, TokenUsage> reader;

	/**
	 * Create a counter.
	 * @param running the running summary of the application
	 * @param aggregators makes what adds up the calls of a session of the given name
	 * @param scopes opens the scopes of sessions
	 * @param chatCalls counts calls to chat models
	 * @param embeddings counts calls to embedding models, {@code null} if nothing does
	 * @param reader reads the tokens of a usage, given the provider's name
	 */
	public DefaultTokenCounter(UsageAggregator running, Function<String, UsageAggregator> aggregators,
			CallerScopes scopes, ChatCallCounter chatCalls, @Nullable EmbeddingCallCounter embeddings,
			BiFunction<Usage, String, TokenUsage> reader) {
		this.running = running;
		this.aggregators = aggregators;
		this.scopes = scopes;
		this.chatCalls = chatCalls;
		this.embeddings = embeddings;
		this.reader = reader;
	}

	@Override
	public TokenSession openSession(String name) {
		UsageAggregator usage = this.aggregators.apply(name);
		return new DefaultTokenSession(name, usage, this.scopes.openSession(name, usage), this.chatCalls::record);
	}

	@Override
	public UsageSummary summary() {
		return this.running.summary();
	}

	@Override
	public UsageSummary reset() {
		return this.running.reset();
	}

	@Override
	public TokenUsage usageOf(ChatResponse response) {
		return usageOf(response, TokenCall.UNKNOWN);
	}

	@Override
	public TokenUsage usageOf(ChatResponse response, String provider) {
		return this.reader.apply(response.getMetadata().getUsage(), provider);
	}

	@Override
	public TokenUsage usageOf(EmbeddingResponse response) {
		return this.reader.apply(response.getMetadata().getUsage(), TokenCall.UNKNOWN);
	}

	@Override
	public ChatModel track(ChatModel chatModel) {
		return this.chatCalls.track(chatModel);
	}

	@Override
	public EmbeddingModel track(EmbeddingModel embeddingModel) {
		return (this.embeddings != null) ? this.embeddings.track(embeddingModel) : embeddingModel;
	}

}
