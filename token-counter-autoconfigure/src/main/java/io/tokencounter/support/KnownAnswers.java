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

package io.tokencounter.support;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Answers that are looked up and kept. If there are too many, which only made-up names
 * bring about, all are forgotten, and what is in use is soon known again.
 * <p>
 * Unlike those of an LRU cache, reads write nothing, so threads do not hold up each
 * other.
 *
 * @param <K> the type of what is asked for
 * @param <V> the type of the answers
 * @since 0.1.0
 */
public final class KnownAnswers<K, V> {

	private final int max;

	private final Function<K, V> lookUp;

	private final Map<K, V> known = new ConcurrentHashMap<>();

	/**
	 * Create answers of which none is known.
	 * @param max the number of answers to keep; threads that look one up at the same time
	 * may keep one more each
	 * @param lookUp looks up an answer, maybe on several threads at the same time; if it
	 * fails, it is asked again
	 */
	public KnownAnswers(int max, Function<K, V> lookUp) {
		this.max = max;
		this.lookUp = lookUp;
	}

	/**
	 * Return an answer.
	 * @param key what is asked for
	 * @return the answer
	 */
	public V get(K key) {
		V known = this.known.get(key);
		if (known != null) {
			return known;
		}
		V answer = this.lookUp.apply(key);
		if (this.known.size() >= this.max) {
			this.known.clear();
		}
		this.known.put(key, answer);
		return answer;
	}

}
