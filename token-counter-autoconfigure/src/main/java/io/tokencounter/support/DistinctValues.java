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

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the number of distinct values bounded that something is kept apart by. Values
 * come from an application's users, and each one takes memory, and is a time series or a
 * row.
 *
 * @param <T> the type of the values
 * @since 0.1.0
 */
public final class DistinctValues<T> {

	private final int max;

	private final Set<T> values = ConcurrentHashMap.newKeySet();

	/**
	 * Create an empty set.
	 * @param max the number of places
	 */
	public DistinctValues(int max) {
		this.max = max;
	}

	/**
	 * Give a place to a value, if there is one left.
	 * @param value the value
	 * @return whether it has a place
	 */
	public boolean admit(T value) {
		if (this.values.contains(value)) {
			return true;
		}
		synchronized (this) {
			return (this.values.size() < this.max) ? this.values.add(value) : this.values.contains(value);
		}
	}

	/**
	 * Return whether a value has a place.
	 * @param value the value
	 * @return whether it was admitted
	 */
	public boolean contains(T value) {
		return this.values.contains(value);
	}

	/**
	 * Free the place of a value.
	 * @param value the value
	 */
	public synchronized void remove(T value) {
		this.values.remove(value);
	}

	/**
	 * Free all places.
	 */
	public synchronized void clear() {
		this.values.clear();
	}

}
