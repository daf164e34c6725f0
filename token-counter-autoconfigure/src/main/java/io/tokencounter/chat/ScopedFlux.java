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

package io.tokencounter.chat;

import java.util.function.Function;

import io.tokencounter.CallOutcome;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.ai.chat.model.ChatResponse;

/**
 * A stream whose every subscription is a call of its own. The scope is the current one of
 * the thread while the source is being subscribed to, which is when Spring AI's models
 * start their observation, or asked for more, and in the Reactor context after that.
 * Signals pass through unchanged: nothing is buffered and nothing more is requested.
 *
 * @param <T> the type of the chunks
 */
final class ScopedFlux<T> extends FluxOperator<T, T> {

	private final ChatCallCounter counter;

	private final Function<ContextView, @Nullable CallScope> opener;

	private final Function<? super T, @Nullable ChatResponse> toResponse;

	ScopedFlux(Flux<T> source, ChatCallCounter counter, Function<ContextView, @Nullable CallScope> opener,
			Function<? super T, @Nullable ChatResponse> toResponse) {
		super(source);
		this.counter = counter;
		this.opener = opener;
		this.toResponse = toResponse;
	}

	@Override
	public void subscribe(CoreSubscriber<? super T> actual) {
		CallScope scope = this.opener.apply(actual.currentContext());
		if (scope == null) {
			this.source.subscribe(actual);
			return;
		}
		CallScope previous = CallScope.makeCurrent(scope);
		ScopedSubscriber<T> subscriber = new ScopedSubscriber<>(actual, this.counter, scope, this.toResponse, previous);
		try {
			this.source.subscribe(subscriber);
		}
		catch (Throwable ex) {
			this.counter.end(scope, CallOutcome.ERROR, ex);
			throw ex;
		}
		finally {
			CallScope.restore(previous);
		}
	}

	private static final class ScopedSubscriber<T> implements CoreSubscriber<T>, Subscription, Scannable {

		private final CoreSubscriber<? super T> actual;

		private final ChatCallCounter counter;

		private final CallScope scope;

		private final Function<? super T, @Nullable ChatResponse> toResponse;

		private final @Nullable CallScope outside;

		private final Context context;

		private @Nullable Subscription subscription;

		ScopedSubscriber(CoreSubscriber<? super T> actual, ChatCallCounter counter, CallScope scope,
				Function<? super T, @Nullable ChatResponse> toResponse, @Nullable CallScope outside) {
			this.actual = actual;
			this.counter = counter;
			this.scope = scope;
			this.toResponse = toResponse;
			this.outside = outside;
			this.context = scope.addTo(actual.currentContext());
		}

		@Override
		public Context currentContext() {
			return this.context;
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			this.subscription = subscription;
			if (isInScope()) {
				leaveScope(() -> this.actual.onSubscribe(this));
			}
			else {
				this.actual.onSubscribe(this);
			}
		}

		@Override
		public void onNext(T chunk) {
			this.counter.saw(this.scope, this.toResponse.apply(chunk));
			if (!isInScope()) {
				this.actual.onNext(chunk);
				return;
			}
			// As leaveScope, without an object for each chunk
			CallScope.restore(this.outside);
			try {
				this.actual.onNext(chunk);
			}
			finally {
				CallScope.restore(this.scope);
			}
		}

		@Override
		public void onError(Throwable error) {
			this.counter.end(this.scope, CallOutcome.ERROR, error);
			if (isInScope()) {
				leaveScope(() -> this.actual.onError(error));
			}
			else {
				this.actual.onError(error);
			}
		}

		@Override
		public void onComplete() {
			this.counter.end(this.scope, CallOutcome.SUCCESS, null);
			if (isInScope()) {
				leaveScope(() -> this.actual.onComplete());
			}
			else {
				this.actual.onComplete();
			}
		}

		@Override
		public void request(long n) {
			Subscription subscription = this.subscription;
			if (subscription == null) {
				return;
			}
			// What is only done when it is asked for, such as Mono.fromCallable
			CallScope previous = CallScope.makeCurrent(this.scope);
			try {
				subscription.request(n);
			}
			finally {
				CallScope.restore(previous);
			}
		}

		@Override
		public void cancel() {
			this.scope.cancelling();
			try {
				if (this.subscription != null) {
					// What was heard of an answer is told on the thread that closes it
					this.subscription.cancel();
				}
			}
			finally {
				this.counter.end(this.scope, CallOutcome.CANCELLED, null);
			}
		}

		private boolean isInScope() {
			return CallScope.current() == this.scope;
		}

		/**
		 * A source may send signals while it is being subscribed to or asked. What the
		 * application does with them, such as another call, is not done inside of this
		 * one.
		 */
		private void leaveScope(Runnable signal) {
			CallScope.restore(this.outside);
			try {
				signal.run();
			}
			finally {
				CallScope.restore(this.scope);
			}
		}

		@Override
		@SuppressWarnings("rawtypes")
		public @Nullable Object scanUnsafe(Attr key) {
			if (key == Attr.PARENT) {
				return this.subscription;
			}
			if (key == Attr.ACTUAL) {
				return this.actual;
			}
			return (key == Attr.RUN_STYLE) ? Attr.RunStyle.SYNC : null;
		}

	}

}
