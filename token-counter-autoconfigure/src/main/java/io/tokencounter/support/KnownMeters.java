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

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Meters that are looked up in their registry once, and anew after any was removed.
 *
 * @param <K> the type of what tells meters apart
 * @param <M> the type of the meters
 * @since 0.1.0
 */
public final class KnownMeters<K, M> {

	private final Map<K, M> meters = new ConcurrentHashMap<>();

	/**
	 * Forget all meters whenever one is removed from their registry, say by
	 * {@code clear()}: it must not be counted on unseen. A {@code MeterFilter} may have
	 * renamed it, so any removal counts.
	 * <p>
	 * A registry may be shared by applications and outlive this one, and there is no way
	 * to take a listener off it. So it holds none of our objects.
	 * @param registry the registry
	 */
	public void forgetRemoved(MeterRegistry registry) {
		WeakReference<Map<K, M>> reference = new WeakReference<>(this.meters);
		registry.config().onMeterRemoved((meter) -> {
			Map<K, M> known = reference.get();
			if (known != null) {
				known.clear();
			}
		});
	}

	/**
	 * Return a meter that was looked up before.
	 * @param key the key of the meter
	 * @return the meter, or {@code null} if it was not looked up
	 */
	public @Nullable M find(K key) {
		return this.meters.get(key);
	}

	/**
	 * Return a meter.
	 * @param key the key of the meter
	 * @param lookUp looks it up, or makes it
	 * @return the meter
	 */
	public M get(K key, Function<K, M> lookUp) {
		M known = this.meters.get(key);
		return (known != null) ? known : this.meters.computeIfAbsent(key, lookUp);
	}

}
