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

package io.tokencounter.attribution;

import java.util.Map;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/**
 * Reactor context whose observation is not replaced by a no-op one. A {@code ChatClient}
 * without a registry puts such a one over that of the caller, so that the model, which
 * may well be observed, would not find its parent.
 */
final class KeptObservationContext implements Context {

	private final Context context;

	private KeptObservationContext(Context context) {
		this.context = context;
	}

	static Context of(Context context, Observation observation) {
		return new KeptObservationContext(context.put(ObservationThreadLocalAccessor.KEY, observation));
	}

	@Override
	public Context put(Object key, Object value) {
		if (ObservationThreadLocalAccessor.KEY.equals(key) && value instanceof Observation observation
				&& observation.isNoop()) {
			return this;
		}
		return new KeptObservationContext(this.context.put(key, value));
	}

	@Override
	public Context delete(Object key) {
		return new KeptObservationContext(this.context.delete(key));
	}

	@Override
	public <T> T get(Object key) {
		return this.context.get(key);
	}

	@Override
	public <T> @Nullable T getOrDefault(Object key, @Nullable T defaultValue) {
		return this.context.getOrDefault(key, defaultValue);
	}

	@Override
	public boolean hasKey(Object key) {
		return this.context.hasKey(key);
	}

	@Override
	public int size() {
		return this.context.size();
	}

	@Override
	public Stream<Map.Entry<Object, Object>> stream() {
		return this.context.stream();
	}

	@Override
	public String toString() {
		return this.context.toString();
	}

}
