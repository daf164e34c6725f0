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

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.tokencounter.TokenCallListener;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.SafeObservation;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Stops the observations of sessions that nobody closed and nobody has any more, as
 * registries keep observations until they stop.
 */
final class AbandonedSessions {

	private final Map<Reference<?>, SafeObservation> observations = new ConcurrentHashMap<>();

	private final ReferenceQueue<TokenCallListener> abandoned = new ReferenceQueue<>();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(AbandonedSessions.class));

	/**
	 * Watch a session.
	 * @param calls forgets the session when it is closed
	 * @param session is gone when nobody has the session any more
	 * @param observation the observation of the session, if any
	 */
	void watch(SessionCalls calls, TokenCallListener session, @Nullable SafeObservation observation) {
		if (observation != null) {
			Reference<?> reference = new WeakReference<>(session, this.abandoned);
			this.observations.put(reference, observation);
			calls.onClose(() -> this.observations.remove(reference));
		}
	}

	/**
	 * Stop the observations of what was abandoned so far.
	 */
	void stop() {
		for (Reference<?> gone = this.abandoned.poll(); gone != null; gone = this.abandoned.poll()) {
			SafeObservation observation = this.observations.remove(gone);
			if (observation != null) {
				this.faults.log("A session was never closed, use try-with-resources", null);
				observation.stop();
			}
		}
	}

}
