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

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

import io.tokencounter.call.HeardAnswer;
import io.tokencounter.call.HeardAnswers;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The answers that were heard and that no call has asked for yet.
 * <p>
 * The request of a stream is made on a thread that knows nothing of the call, so the id
 * of the response is what ties them. Without one, it is the thread that closed the body,
 * or on which it failed, just before the call ended.
 *
 * @since 0.1.0
 */
public final class WireAnswers implements HeardAnswers {

	private static final int MAX_ANSWERS = 4096;

	private static final long KEPT_AFTER_END = Duration.ofMinutes(1).toNanos();

	private static final long LONGEST_CALL = Duration.ofHours(1).toNanos();

	private static final long JUST_NOW = Duration.ofSeconds(1).toNanos();

	private final Map<String, WireAnswer> byId = new LinkedHashMap<>();

	private final ThreadLocal<@Nullable WireAnswer> endedHere = new ThreadLocal<>();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(WireAnswers.class));

	@Override
	public @Nullable HeardAnswer withId(String id, long startedAt, @Nullable Integer outputTokens) {
		try {
			HeardAnswer heard = tell(remove(id, startedAt));
			boolean told = outputTokens != null && outputTokens > 0;
			return (heard != null && told && !outputTokens.equals(heard.usage().getCompletionTokens())) ? null : heard;
		}
		catch (Throwable ex) {
			this.faults.log("What was heard of an answer could not be read", ex);
			return null;
		}
	}

	@Override
	public @Nullable HeardAnswer endedHere(long startedAt, boolean streaming) {
		try {
			WireAnswer answer = this.endedHere.get();
			if (answer == null) {
				return null;
			}
			this.endedHere.remove();
			boolean ofThisCall = answer.isSince(startedAt) && answer.isStreaming() == streaming;
			if (!ofThisCall || (streaming && (answer.isReadWhole() || answer.nanosSinceEnd() > JUST_NOW))) {
				return null;
			}
			return tell(answer);
		}
		catch (Throwable ex) {
			this.faults.log("What was heard of an answer could not be read", ex);
			return null;
		}
	}

	private @Nullable HeardAnswer tell(@Nullable WireAnswer answer) {
		return (answer != null && answer.tell()) ? answer.heard() : null;
	}

	private @Nullable WireAnswer remove(String id, long startedAt) {
		synchronized (this.byId) {
			WireAnswer answer = this.byId.get(id);
			if (answer == null || answer.isShared() || !answer.isSince(startedAt)) {
				return null;
			}
			return this.byId.remove(id);
		}
	}

	/**
	 * Called when the id of a stream has been found.
	 */
	void identified(WireAnswer answer) {
		String id = answer.id();
		if (id == null || !answer.isStreaming()) {
			return;
		}
		synchronized (this.byId) {
			removeOld();
			WireAnswer other = this.byId.remove(id);
			if (other != null) {
				other.share();
				answer.share();
			}
			this.byId.put(id, answer);
		}
	}

	/**
	 * Called when an answer ended on this thread.
	 */
	void endedHere(WireAnswer answer) {
		this.endedHere.set(answer);
	}

	private void removeOld() {
		Iterator<WireAnswer> answers = this.byId.values().iterator();
		while (answers.hasNext()) {
			WireAnswer eldest = answers.next();
			boolean old = eldest.nanosSinceEnd() > KEPT_AFTER_END || eldest.nanosSinceRequest() > LONGEST_CALL;
			if (!old && this.byId.size() < MAX_ANSWERS) {
				return;
			}
			answers.remove();
		}
	}

}
