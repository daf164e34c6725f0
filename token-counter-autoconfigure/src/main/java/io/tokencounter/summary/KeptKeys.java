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

import java.util.HashSet;
import java.util.Set;

/**
 * Keys that sums are kept apart by: the first ones, up to a number.
 *
 * @param <K> the type of the keys
 */
final class KeptKeys<K> {

	private final int max;

	private final K other;

	private final Set<K> keys = new HashSet<>();

	/**
	 * Create an empty set.
	 * @param max the number of keys to keep
	 * @param other the key that stands for all others
	 */
	KeptKeys(int max, K other) {
		this.max = max;
		this.other = other;
	}

	/**
	 * Return the key to add up by.
	 * @param key the key of a call
	 * @return the key itself, or the one that stands for all others
	 */
	synchronized K keep(K key) {
		if (this.keys.contains(key)) {
			return key;
		}
		if (this.keys.size() >= this.max) {
			return this.other;
		}
		this.keys.add(key);
		return key;
	}

	synchronized void clear() {
		this.keys.clear();
	}

}
