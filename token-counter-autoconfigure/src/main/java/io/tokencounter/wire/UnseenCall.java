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

package io.tokencounter.wire;

import java.io.IOException;
import java.time.Instant;

import io.tokencounter.call.UnseenCalls;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A synchronous call that nothing sees but who hears its answer.
 */
final class UnseenCall {

	// In a prompt, the quotes would be escaped
	private static final ByteString STREAM = ByteString.encodeUtf8("\"stream\":true");

	private final UnseenCalls calls;

	private final WireProtocol protocol;

	private final Request request;

	private final Instant requestedAt;

	private final long start;

	private UnseenCall(UnseenCalls calls, WireProtocol protocol, Request request, Instant requestedAt, long start) {
		this.calls = calls;
		this.protocol = protocol;
		this.request = request;
		this.requestedAt = requestedAt;
		this.start = start;
	}

	/**
	 * Return the call that a request on this thread is of.
	 * @param start when the request was made, by the clock of {@link System#nanoTime()}
	 * @return the call, {@code null} if something else sees it, or if it is a stream, of
	 * which this thread knows nothing
	 */
	static @Nullable UnseenCall of(UnseenCalls calls, WireProtocol protocol, Request request, Instant requestedAt,
			long start) throws IOException {
		boolean unseen = calls.isUnseen(protocol.provider()) && !mayStream(request.body());
		return unseen ? new UnseenCall(calls, protocol, request, requestedAt, start) : null;
	}

	/**
	 * Some servers answer a request for a stream with something else.
	 */
	private static boolean mayStream(@Nullable RequestBody body) throws IOException {
		if (body == null || body.isOneShot()) {
			return true;
		}
		Buffer written = new Buffer();
		body.writeTo(written);
		return written.indexOf(STREAM) >= 0;
	}

	void answered() {
		this.calls.record(this.protocol.provider(), this.protocol.options(this.request.url()), this.requestedAt,
				System.nanoTime() - this.start);
	}

}
