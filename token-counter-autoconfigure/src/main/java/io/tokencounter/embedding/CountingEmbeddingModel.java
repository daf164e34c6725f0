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

import java.lang.reflect.Method;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.AbstractEmbeddingModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.util.ClassUtils;

/**
 * Delegates to a model and counts its calls. The interface's own methods, such as
 * {@code embed(String)}, end in the counted one.
 */
final class CountingEmbeddingModel implements EmbeddingModel {

	private static final Method DIMENSIONS = ClassUtils.getMethod(EmbeddingModel.class, "dimensions");

	private static final Set<Class<?>> ASKING = Set.of(EmbeddingModel.class, AbstractEmbeddingModel.class);

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

	/**
	 * Where Spring AI asks the model, it asks this one, so that the call is counted. Any
	 * other model knows.
	 */
	@Override
	public int dimensions() {
		Method method = ClassUtils.getMostSpecificMethod(DIMENSIONS, this.delegate.getClass());
		return ASKING.contains(method.getDeclaringClass()) ? EmbeddingModel.super.dimensions()
				: this.delegate.dimensions();
	}

}
