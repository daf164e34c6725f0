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

package io.tokencounter;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingResponse;

/**
 * Counts tokens beside and beyond the meters: sessions, the running summary, and the
 * reading of single responses. Available as a bean.
 *
 * @since 0.1.0
 */
public interface TokenCounter {

	/**
	 * Open a session that sees every call made on this thread until it is closed, and
	 * those made wherever it is carried to. Sessions nest: the outer ones see the calls
	 * of the inner ones, too.
	 * @param name the name of the session, for its summary
	 * @return the session, to be closed on this thread
	 */
	TokenSession openSession(String name);

	/**
	 * Return what was counted since the start or the last reset.
	 * @return a consistent snapshot
	 */
	UsageSummary summary();

	/**
	 * Start the summary anew. Meters are left as they are.
	 * @return what was counted until then
	 */
	UsageSummary reset();

	/**
	 * Read the tokens of a single response, without counting it.
	 * @param response a response of a model
	 * @return the tokens
	 */
	TokenUsage usageOf(ChatResponse response);

	/**
	 * Read the tokens of a single response, without counting it.
	 * @param response a response of a model
	 * @param provider the {@code gen_ai.provider.name}, for providers whose usage objects
	 * can only be told apart by it
	 * @return the tokens
	 */
	TokenUsage usageOf(ChatResponse response, String provider);

	/**
	 * Read the tokens of a single response, without counting it.
	 * @param response a response of an embedding model
	 * @return the tokens, all of them input
	 */
	TokenUsage usageOf(EmbeddingResponse response);

	/**
	 * Wrap a model that is no bean, so that its calls are counted.
	 * @param chatModel the model
	 * @return a model that delegates to the given one, or the given one if it is counted
	 * already
	 */
	ChatModel track(ChatModel chatModel);

	/**
	 * Wrap an embedding model that is no bean, so that its calls are counted.
	 * @param embeddingModel the model
	 * @return a model that delegates to the given one, or the given one if it is counted
	 * already
	 */
	EmbeddingModel track(EmbeddingModel embeddingModel);

}
