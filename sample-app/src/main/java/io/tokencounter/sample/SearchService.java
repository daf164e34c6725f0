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

package io.tokencounter.sample;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

import io.tokencounter.TrackTokens;

import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.stereotype.Service;

/**
 * Compares the embeddings of texts. They are asked for all at once, which is one call.
 */
@Service
class SearchService {

	private final OpenAiEmbeddingModel embeddingModel;

	SearchService(OpenAiEmbeddingModel embeddingModel) {
		this.embeddingModel = embeddingModel;
	}

	/**
	 * Search texts.
	 * @param query what is searched for
	 * @param texts the texts
	 * @return the texts, those that are nearest to the query first
	 */
	@TrackTokens("search")
	List<Hit> search(String query, List<String> texts) {
		List<String> all = new ArrayList<>(texts);
		all.add(query);
		List<float[]> embeddings = this.embeddingModel.embed(all);
		float[] wanted = embeddings.get(texts.size());
		return IntStream.range(0, texts.size())
			.mapToObj((i) -> new Hit(texts.get(i), similarity(wanted, embeddings.get(i))))
			.sorted(Comparator.comparingDouble(Hit::similarity).reversed())
			.toList();
	}

	/**
	 * Return the cosine of two embeddings, which have the length one, in two digits.
	 */
	private static double similarity(float[] one, float[] other) {
		double product = 0;
		for (int i = 0; i < one.length; i++) {
			product += one[i] * other[i];
		}
		return Math.round(product * 100) / 100.0;
	}

	record Hit(String text, double similarity) {
	}

}
