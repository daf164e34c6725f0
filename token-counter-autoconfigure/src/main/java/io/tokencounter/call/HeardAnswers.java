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

import org.jspecify.annotations.Nullable;

/**
 * Tells what was heard of an answer below the client that made the call. To be asked once
 * for each call, at its end, on the thread that ended it: no answer is told twice.
 *
 * @since 0.1.0
 */
public interface HeardAnswers {

	/**
	 * Nothing is heard.
	 */
	HeardAnswers NONE = new HeardAnswers() {

		@Override
		public @Nullable HeardAnswer withId(String id, long startedAt, @Nullable Integer outputTokens) {
			return null;
		}

		@Override
		public @Nullable HeardAnswer endedHere(long startedAt, boolean streaming) {
			return null;
		}

	};

	/**
	 * Return what was heard of the stream whose answer had an id.
	 * @param id the id of the response
	 * @param startedAt when the call was made, by {@link System#nanoTime()}
	 * @param outputTokens the output tokens that the client told. Some servers give out
	 * an id twice, so an answer with another number is not the one. {@code null} or 0 if
	 * the client told none.
	 * @return what was heard, {@code null} if nothing was, or if it may be of another
	 * call
	 */
	@Nullable HeardAnswer withId(String id, long startedAt, @Nullable Integer outputTokens);

	/**
	 * Return what was heard of the answer that ended last on this thread: of a
	 * synchronous call, or of a stream that was closed here or failed here before its
	 * end.
	 * @param startedAt when the call was made, by {@link System#nanoTime()}
	 * @param streaming whether it is a stream
	 * @return what was heard, {@code null} if nothing was, or if it may be of another
	 * call
	 */
	@Nullable HeardAnswer endedHere(long startedAt, boolean streaming);

}
