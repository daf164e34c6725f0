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

package io.tokencounter.call;

import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenCall;
import reactor.core.publisher.Mono;

/**
 * Asked before a call is made, and told when it ended.
 *
 * @since 0.1.0
 */
public interface CallGate {

	/**
	 * Let a call pass, or refuse it before anything is sent.
	 * @param request what is known of the call
	 * @throws TokenBudgetExceededException if the call must not be made
	 */
	void admit(CallRequest request);

	/**
	 * As {@link #admit}, for streams: on subscription, without blocking an event loop. It
	 * completes on the subscribing thread, unless that is one which must not block.
	 * @param request what is known of the call
	 * @return completes if the call may be made, and fails with a
	 * {@link TokenBudgetExceededException} if not
	 */
	default Mono<Void> admitLater(CallRequest request) {
		return Mono.fromRunnable(() -> admit(request));
	}

	/**
	 * Called when a call ended that was let pass.
	 * @param call the counted call, of the same id
	 * @param seen what was seen of it
	 */
	default void ended(TokenCall call, SeenCall seen) {
	}

	/**
	 * Called when a call was let pass that turns out to be none: its model calls others,
	 * which are asked for by themselves.
	 * @param request what is known of the call
	 */
	default void withdrawn(CallRequest request) {
	}

}
