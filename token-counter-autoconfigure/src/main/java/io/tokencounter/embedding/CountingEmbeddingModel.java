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

import org.jspecify.annotations.Nullable;

import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/**
 * Delegates to a model and counts its calls. The interface's own methods, such as
 * {@code embed(String)} or {@code dimensions()}, end in the counted one.
 */
final class CountingEmbeddingModel implements EmbeddingModel {

	private final EmbeddingCallCounter counter;

	private final @Nullable String beanName;

	private final EmbeddingModel delegate;

	CountingEmbeddingModel(EmbeddingCallCounter counter, @Nullable String beanName, EmbeddingModel delegate) {
		this.counter = counter;
		this.beanName = beanName;
		this.delegate = delegate;
	}

	@Override
	public EmbeddingResponse call(EmbeddingRequest request) {
		return this.counter.call(this.delegate, this.beanName, request, () -> this.delegate.call(request));
	}

	@Override
	public float[] embed(Document document) {
		return this.counter.call(this.delegate, this.beanName, null, () -> this.delegate.embed(document));
	}

	@Override
	public @Nullable String getEmbeddingContent(Document document) {
		return this.delegate.getEmbeddingContent(document);
	}

}
