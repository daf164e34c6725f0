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

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.util.StringUtils;

/**
 * One answer, and what has been found of it so far. Written by the thread that reads the
 * body, read by the one that ends the call.
 */
final class WireAnswer {

	private final WireProtocol protocol;

	private final boolean streaming;

	private final Instant requestedAt;

	private final Thread requestedBy = Thread.currentThread();

	private final Consumer<WireAnswer> onId;

	private volatile @Nullable String id;

	private volatile @Nullable String model;

	private volatile @Nullable String serviceTier;

	private volatile byte @Nullable [] startUsage;

	private volatile byte @Nullable [] usage;

	private volatile @Nullable Thread readBy;

	private final AtomicReference<@Nullable Thread> closedBy = new AtomicReference<>();

	private volatile boolean readWhole;

	private volatile long endedAt;

	private volatile boolean ended;

	private volatile boolean shared;

	private final AtomicBoolean told = new AtomicBoolean();

	/**
	 * Create an answer to a request that this thread made.
	 * @param protocol the protocol that it is in
	 * @param streaming whether it is a stream
	 * @param requestedAt when the request was made
	 * @param onId called when the id has been found
	 */
	WireAnswer(WireProtocol protocol, boolean streaming, Instant requestedAt, Consumer<WireAnswer> onId) {
		this.protocol = protocol;
		this.streaming = streaming;
		this.requestedAt = requestedAt;
		this.onId = onId;
	}

	boolean knows(WireMember member) {
		return switch (member) {
			case ID -> this.id != null;
			case MODEL -> this.model != null;
			case SERVICE_TIER -> this.serviceTier != null;
			default -> false;
		};
	}

	/**
	 * Return whether there is nothing to be found any more but a usage.
	 */
	boolean isNamed() {
		return this.id != null && this.model != null;
	}

	/**
	 * Return whether this is an answer of a model, and nothing else that came with a good
	 * status.
	 */
	boolean isAnswer() {
		return isNamed() || this.usage != null;
	}

	void found(WireMember member, String text) {
		if (!StringUtils.hasText(text)) {
			// Azure begins with a chunk that has no names
			return;
		}
		switch (member) {
			case ID -> {
				this.id = text;
				this.onId.accept(this);
			}
			case MODEL -> {
				this.model = text;
			}
			case SERVICE_TIER -> {
				this.serviceTier = text;
			}
			default -> throw new IllegalArgumentException(member + " is not a text");
		}
	}

	void foundUsage(byte[] json, boolean atStart) {
		if (atStart) {
			this.startUsage = json;
		}
		else {
			this.usage = json;
		}
	}

	/**
	 * Called before this thread reads.
	 */
	void reading() {
		Thread current = Thread.currentThread();
		if (this.readBy != current) {
			this.readBy = current;
		}
	}

	boolean isReadHere() {
		return this.readBy == Thread.currentThread();
	}

	/**
	 * Called when the body has been read to its end.
	 */
	void readWhole() {
		this.readWhole = true;
		end();
	}

	/**
	 * Called before the body is closed.
	 * @return whether this thread is the first to do so
	 */
	boolean closing() {
		return this.closedBy.compareAndSet(null, Thread.currentThread());
	}

	void end() {
		this.endedAt = System.nanoTime();
		this.ended = true;
	}

	boolean isClosed() {
		return this.closedBy.get() != null;
	}

	boolean isClosedHere() {
		return this.closedBy.get() == Thread.currentThread();
	}

	/**
	 * Return whether another thread closed the body than the one that reads it.
	 */
	boolean isClosedByAnother() {
		Thread thread = this.closedBy.get();
		return thread != null && thread != this.readBy;
	}

	boolean isReadWhole() {
		return this.readWhole;
	}

	boolean isStreaming() {
		return this.streaming;
	}

	boolean isRequestedHere() {
		return this.requestedBy == Thread.currentThread();
	}

	/**
	 * Return whether the request was made no earlier than at the given time.
	 */
	boolean isSince(Instant time) {
		return !this.requestedAt.isBefore(time);
	}

	Instant requestedAt() {
		return this.requestedAt;
	}

	boolean isOf(@Nullable String provider) {
		return provider == null || provider.equals(this.protocol.provider());
	}

	/**
	 * Return how long ago the answer ended, in nanoseconds, or -1 if it has not.
	 */
	long nanosSinceEnd() {
		return this.ended ? Math.max(0, System.nanoTime() - this.endedAt) : -1;
	}

	@Nullable String id() {
		return this.id;
	}

	/**
	 * Called if another answer has the same id, so that nothing is told by it.
	 */
	void share() {
		this.shared = true;
	}

	boolean isShared() {
		return this.shared;
	}

	/**
	 * Return whether nobody has been told this answer before.
	 */
	boolean tell() {
		return this.told.compareAndSet(false, true);
	}

	/**
	 * Return what has been heard so far, {@code null} if there is no usage.
	 */
	@Nullable HeardAnswer heard() {
		byte[] start = this.startUsage;
		byte[] last = this.usage;
		if (start == null && last == null) {
			return null;
		}
		Usage usage = this.protocol.read(start, last);
		return new HeardAnswer(this.id, this.model, usage, this.serviceTier);
	}

}
