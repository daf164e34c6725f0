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

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.call.CallRun;
import org.jspecify.annotations.Nullable;

/**
 * Something that calls belong to: a run of a tracked method, a session, or tags that were
 * told where the caller was still near. Each is one of its own, so it is compared by
 * identity.
 */
final class Caller {

	private final @Nullable String feature;

	private final Map<String, String> tags;

	private final @Nullable TokenCallListener listener;

	private final @Nullable CallRun run;

	private Caller(@Nullable String feature, Map<String, String> tags, @Nullable TokenCallListener listener,
			@Nullable String name) {
		this.feature = feature;
		this.tags = tags;
		this.listener = listener;
		this.run = (name != null) ? new CallRun(TokenCall.nextId().toString(), name) : null;
	}

	/**
	 * Create a caller that decides the feature and all tags: a run of a tracked method if
	 * somebody listens.
	 */
	static Caller of(String feature, Map<String, String> tags, @Nullable TokenCallListener listener) {
		return new Caller(feature, tags, listener, (listener != null) ? feature : null);
	}

	/**
	 * Create a caller whose calls have the feature and the tags of what is around it.
	 */
	static Caller of(SessionCalls session, String name) {
		return new Caller(null, Map.of(), session, name);
	}

	/**
	 * Return the feature, {@code null} if it is that of what is around.
	 */
	@Nullable String feature() {
		return this.feature;
	}

	Map<String, String> tags() {
		return this.tags;
	}

	@Nullable TokenCallListener listener() {
		return this.listener;
	}

	/**
	 * Return the run of a tracked method, or the session.
	 */
	@Nullable CallRun run() {
		return this.run;
	}

	@Nullable SessionCalls session() {
		return (this.listener instanceof SessionCalls session) ? session : null;
	}

	/**
	 * Return whether no further call can belong to it.
	 */
	boolean isOver() {
		return this.listener instanceof SessionCalls session && session.isOver();
	}

}
