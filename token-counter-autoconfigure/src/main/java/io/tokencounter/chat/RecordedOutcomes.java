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

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * Remembers which usages and exceptions calls were recorded with, for as long as somebody
 * holds them. A model that hands on what another one answered, from another thread or
 * from a cache, makes no call of its own.
 */
final class RecordedOutcomes {

	// Causes can go round in a circle
	private static final int MAX_CAUSES = 100;

	private final Map<Outcome, Integer> models = new ConcurrentHashMap<>();

	private final ReferenceQueue<Object> collected = new ReferenceQueue<>();

	/**
	 * Remember an outcome.
	 * @param outcome the usage or the exception
	 * @param model the model whose call was recorded with it
	 */
	void add(@Nullable Object outcome, @Nullable Object model) {
		for (Reference<?> gone = this.collected.poll(); gone != null; gone = this.collected.poll()) {
			this.models.remove(gone);
		}
		if (outcome != null) {
			this.models.putIfAbsent(new Outcome(outcome, this.collected), System.identityHashCode(model));
		}
	}

	/**
	 * Return whether a call of another model was recorded with an outcome.
	 */
	boolean isOfAnother(@Nullable Object usage, @Nullable Throwable error, @Nullable Object model) {
		if (isOfAnother(usage, model)) {
			return true;
		}
		Throwable cause = error;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
			if (isOfAnother(cause, model)) {
				return true;
			}
			cause = cause.getCause();
		}
		return false;
	}

	private boolean isOfAnother(@Nullable Object outcome, @Nullable Object model) {
		Integer recorded = (outcome != null) ? this.models.get(new Outcome(outcome, null)) : null;
		return recorded != null && (model == null || recorded != System.identityHashCode(model));
	}

	/**
	 * Compares by identity, as usages of the same numbers are equal.
	 */
	private static final class Outcome extends WeakReference<Object> {

		private final int hashCode;

		Outcome(Object outcome, @Nullable ReferenceQueue<Object> collected) {
			super(outcome, collected);
			this.hashCode = System.identityHashCode(outcome);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			Object outcome = get();
			return outcome != null && other instanceof Outcome that && that.get() == outcome;
		}

		@Override
		public int hashCode() {
			return this.hashCode;
		}

	}

}
