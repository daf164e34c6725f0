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

import io.tokencounter.support.FaultLog;
import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, at whose bytes a scanner looks when the client reads them.
 */
final class TappedBody extends ResponseBody {

	private final ResponseBody body;

	private final BufferedSource source;

	TappedBody(ResponseBody body, WireAnswer answer, UsageScanner scanner, @Nullable UnseenCall unseen,
			WireAnswers answers, FaultLog faults) {
		this.body = body;
		this.source = Okio.buffer(new TappedSource(body.source(), answer, scanner, unseen, answers, faults));
	}

	@Override
	public @Nullable MediaType contentType() {
		return this.body.contentType();
	}

	@Override
	public long contentLength() {
		return this.body.contentLength();
	}

	@Override
	public BufferedSource source() {
		return this.source;
	}

	private static final class TappedSource extends ForwardingSource {

		private final WireAnswer answer;

		private final WireAnswers answers;

		private final FaultLog faults;

		private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();

		private @Nullable UsageScanner scanner;

		private @Nullable UnseenCall unseen;

		TappedSource(BufferedSource source, WireAnswer answer, UsageScanner scanner, @Nullable UnseenCall unseen,
				WireAnswers answers, FaultLog faults) {
			super(source);
			this.answer = answer;
			this.scanner = scanner;
			this.unseen = unseen;
			this.answers = answers;
			this.faults = faults;
		}

		@Override
		public long read(Buffer sink, long byteCount) throws IOException {
			reading();
			long read;
			try {
				read = super.read(sink, byteCount);
			}
			catch (Throwable ex) {
				failed();
				throw ex;
			}
			if (read > 0) {
				scan(sink, read);
			}
			else if (read < 0) {
				this.answer.readWhole();
				answered();
			}
			return read;
		}

		@Override
		public void close() throws IOException {
			boolean first = this.answer.closing();
			try {
				super.close();
			}
			finally {
				if (first) {
					ended();
					answered();
				}
			}
		}

		private void reading() {
			try {
				this.answer.reading();
				this.answers.here(this.answer);
			}
			catch (Throwable ex) {
				this.faults.log("An answer could not be looked at", ex);
			}
		}

		private void scan(Buffer sink, long count) {
			UsageScanner scanner = this.scanner;
			if (scanner == null) {
				return;
			}
			try {
				Buffer.UnsafeCursor cursor = sink.readUnsafe(this.cursor);
				try {
					for (int length = cursor.seek(sink.size() - count); length > 0; length = cursor.next()) {
						scanner.scan(cursor.data, cursor.start, cursor.end);
					}
				}
				finally {
					cursor.close();
				}
			}
			catch (Throwable ex) {
				this.scanner = null;
				this.faults.log("The usage in an answer could not be looked for", ex);
			}
		}

		private void answered() {
			UnseenCall unseen = this.unseen;
			this.unseen = null;
			if (unseen == null || !this.answer.isRequestedHere() || !this.answer.isAnswer()) {
				return;
			}
			try {
				unseen.answered();
			}
			catch (Throwable ex) {
				this.faults.log("A call that was only heard could not be counted", ex);
			}
		}

		private void failed() {
			this.unseen = null;
			// If another thread closed the body, it is there that the call ends
			if (!this.answer.isClosed()) {
				ended();
			}
		}

		private void ended() {
			try {
				this.answer.end();
				this.answers.here(this.answer);
			}
			catch (Throwable ex) {
				this.faults.log("The end of an answer could not be kept", ex);
			}
		}

	}

}
