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
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

import io.tokencounter.CallOutcome;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.HeardAnswers;
import io.tokencounter.call.SeenCall;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

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

	private static final Duration LONGEST_CALL = Duration.ofHours(1);

	private static final long JUST_NOW = Duration.ofSeconds(1).toNanos();

	private final Map<String, WireAnswer> byId = new LinkedHashMap<>();

	private final ThreadLocal<@Nullable WireAnswer> here = new ThreadLocal<>();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(WireAnswers.class));

	@Override
	public SeenCall complete(SeenCall seen) {
		try {
			WireAnswer answer = find(seen);
			if (answer == null || !answer.isOf(seen.request().provider()) || !answer.tell()) {
				return seen;
			}
			SeenCall ended = answer.isClosedByAnother() ? cancelled(seen) : seen;
			HeardAnswer heard = answer.heard();
			return (heard != null && agrees(heard, seen)) ? complete(ended, heard) : ended;
		}
		catch (Throwable ex) {
			this.faults.log("What was heard of an answer could not be read", ex);
			return seen;
		}
	}

	private @Nullable WireAnswer find(SeenCall seen) {
		CallRequest request = seen.request();
		String id = seen.responseId();
		if (!request.streaming()) {
			WireAnswer answer = takeHere(request.startedAt());
			return (answer != null && !answer.isStreaming() && answer.isRequestedHere()) ? answer : null;
		}
		if (StringUtils.hasLength(id)) {
			return remove(id, request.startedAt());
		}
		if (seen.outcome() == CallOutcome.SUCCESS) {
			return null;
		}
		WireAnswer answer = takeHere(request.startedAt());
		return (answer != null && answer.isStreaming() && endedHere(answer, seen.outcome())) ? answer : null;
	}

	/**
	 * Return whether it was this answer whose end was the end of the call on this thread:
	 * closing a body takes time, in which its reader may turn to another one.
	 */
	private static boolean endedHere(WireAnswer answer, CallOutcome outcome) {
		boolean readerKnows = outcome == CallOutcome.ERROR || answer.isClosed();
		boolean here = answer.isClosedHere() || (readerKnows && answer.isReadHere());
		return here && !answer.isReadWhole() && answer.nanosSinceEnd() < JUST_NOW;
	}

	private @Nullable WireAnswer takeHere(Instant startedAt) {
		WireAnswer answer = this.here.get();
		if (answer == null) {
			return null;
		}
		this.here.remove();
		return answer.isSince(startedAt) ? answer : null;
	}

	private @Nullable WireAnswer remove(String id, Instant startedAt) {
		synchronized (this.byId) {
			WireAnswer answer = this.byId.get(id);
			if (answer == null || answer.isShared() || !answer.isSince(startedAt)) {
				return null;
			}
			return this.byId.remove(id);
		}
	}

	private static boolean agrees(HeardAnswer heard, SeenCall seen) {
		boolean sameId = !StringUtils.hasLength(seen.responseId()) || heard.id() == null
				|| seen.responseId().equals(heard.id());
		return sameId && heard.agrees((seen.usage() != null) ? seen.usage().getCompletionTokens() : null);
	}

	/**
	 * What fails because another thread closed the body is cancelled.
	 */
	private static SeenCall cancelled(SeenCall seen) {
		if (!seen.request().streaming() || seen.outcome() != CallOutcome.ERROR) {
			return seen;
		}
		return new SeenCall(seen.request(), CallOutcome.CANCELLED, seen.responseModel(), seen.responseId(),
				seen.usage(), seen.nanos(), seen.firstTokenNanos(), seen.tokenChunks(), null, seen.serviceTier());
	}

	private static SeenCall complete(SeenCall seen, HeardAnswer heard) {
		return new SeenCall(seen.request(), seen.outcome(),
				StringUtils.hasLength(seen.responseModel()) ? seen.responseModel() : heard.model(),
				StringUtils.hasLength(seen.responseId()) ? seen.responseId() : heard.id(), heard.usage(), seen.nanos(),
				seen.firstTokenNanos(), seen.tokenChunks(), seen.error(), heard.serviceTier());
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
	 * Called when an answer is read on this thread, or has ended.
	 */
	void here(WireAnswer answer) {
		if (this.here.get() != answer) {
			this.here.set(answer);
		}
	}

	private void removeOld() {
		Instant longAgo = Instant.now().minus(LONGEST_CALL);
		Iterator<WireAnswer> answers = this.byId.values().iterator();
		while (answers.hasNext()) {
			WireAnswer eldest = answers.next();
			boolean old = eldest.nanosSinceEnd() > KEPT_AFTER_END || eldest.requestedAt().isBefore(longAgo);
			if (!old && this.byId.size() < MAX_ANSWERS) {
				return;
			}
			answers.remove();
		}
	}

}
