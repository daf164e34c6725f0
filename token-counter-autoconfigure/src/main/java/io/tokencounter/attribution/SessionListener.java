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

import java.util.List;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;

/**
 * Tells a session of its calls, and knows whether further calls may join it.
 */
final class SessionListener implements TokenCallListener {

	private final TokenCallListener delegate;

	private volatile boolean closed;

	SessionListener(TokenCallListener delegate) {
		this.delegate = delegate;
	}

	@Override
	public void onCall(TokenCall call) {
		// Also of those that were made before the end and ended after it
		this.delegate.onCall(call);
	}

	void close() {
		this.closed = true;
	}

	/**
	 * Return the listeners without those of closed sessions.
	 */
	static List<TokenCallListener> withoutClosed(List<TokenCallListener> listeners) {
		for (TokenCallListener listener : listeners) {
			if (isClosed(listener)) {
				return listeners.stream().filter((candidate) -> !isClosed(candidate)).toList();
			}
		}
		return listeners;
	}

	private static boolean isClosed(TokenCallListener listener) {
		return listener instanceof SessionListener session && session.closed;
	}

}
