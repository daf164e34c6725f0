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

package io.tokencounter.testsupport;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;

import org.springframework.core.Ordered;

/**
 * Keeps the calls that were counted. It is told last, so whoever waits for a call here
 * finds that the other listeners have heard of it too.
 */
public final class CapturedCalls implements TokenCallListener, Ordered {

	private final List<TokenCall> calls = new CopyOnWriteArrayList<>();

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void onCall(TokenCall call) {
		this.calls.add(call);
	}

	/**
	 * Return the calls in the order in which they ended.
	 * @return a copy
	 */
	public List<TokenCall> calls() {
		return List.copyOf(this.calls);
	}

	/**
	 * Wait until a number of calls were counted.
	 * @param count how many calls
	 * @return all calls, which can be more
	 */
	public List<TokenCall> await(int count) {
		Conditions.await("%d counted calls".formatted(count), () -> this.calls.size() >= count);
		return calls();
	}

	/**
	 * Wait for one call.
	 * @return the first call
	 */
	public TokenCall awaitOne() {
		return await(1).get(0);
	}

	/**
	 * Forget all calls.
	 */
	public void reset() {
		this.calls.clear();
	}

}
