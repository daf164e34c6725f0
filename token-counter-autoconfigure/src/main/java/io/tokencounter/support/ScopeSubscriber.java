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

package io.tokencounter.support;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Keeps a scope entered while a stream does its work on the thread of whoever subscribes
 * or requests, and left while the stream's signals are handled further down: that is no
 * longer part of the scope.
 *
 * @param <T> the type of the elements
 * @since 0.1.0
 */
public final class ScopeSubscriber<T> implements CoreSubscriber<T>, Subscription {

	// Where a stream requests from another one, the inner one is entered last
	private static final ThreadLocal<@Nullable Entered> ENTERED = new ThreadLocal<>();

	private final CoreSubscriber<? super T> actual;

	private final Supplier<Runnable> scope;

	private @Nullable Subscription subscription;

	private ScopeSubscriber(CoreSubscriber<? super T> actual, Supplier<Runnable> scope) {
		this.actual = actual;
		this.scope = scope;
	}

	/**
	 * Subscribe to a stream within a scope.
	 * @param <T> the type of the elements
	 * @param stream the stream
	 * @param actual who subscribes
	 * @param scope enters the scope on the current thread and returns what leaves it
	 */
	public static <T> void subscribe(Publisher<T> stream, Subscriber<? super T> actual, Supplier<Runnable> scope) {
		ScopeSubscriber<T> subscriber = new ScopeSubscriber<>(Operators.toCoreSubscriber(actual), scope);
		subscriber.inScope(() -> stream.subscribe(subscriber));
	}

	@Override
	public Context currentContext() {
		return this.actual.currentContext();
	}

	@Override
	public void onSubscribe(Subscription subscription) {
		this.subscription = subscription;
		outOfScope(() -> this.actual.onSubscribe(this));
	}

	@Override
	public void onNext(T element) {
		if (isEntered(ENTERED.get())) {
			outOfScope(() -> this.actual.onNext(element));
		}
		else {
			this.actual.onNext(element);
		}
	}

	@Override
	public void onError(Throwable error) {
		outOfScope(() -> this.actual.onError(error));
	}

	@Override
	public void onComplete() {
		outOfScope(this.actual::onComplete);
	}

	@Override
	public void request(long n) {
		Subscription subscription = this.subscription;
		if (subscription != null) {
			inScope(() -> subscription.request(n));
		}
	}

	@Override
	public void cancel() {
		if (this.subscription != null) {
			this.subscription.cancel();
		}
	}

	private void inScope(Runnable work) {
		Entered outer = ENTERED.get();
		if (isEntered(outer)) {
			work.run();
			return;
		}
		Entered entered = new Entered(this, outer, this.scope.get());
		ENTERED.set(entered);
		try {
			work.run();
		}
		finally {
			entered.leave();
		}
	}

	private void outOfScope(Runnable signal) {
		Entered entered = ENTERED.get();
		if (entered == null || !isEntered(entered)) {
			signal.run();
			return;
		}
		entered.leave();
		try {
			signal.run();
		}
		finally {
			entered.enterAgain();
		}
	}

	private boolean isEntered(@Nullable Entered entered) {
		return entered != null && entered.subscriber == this;
	}

	/**
	 * A scope that a thread is in.
	 */
	private static final class Entered {

		private final ScopeSubscriber<?> subscriber;

		private final @Nullable Entered outer;

		private Runnable leave;

		Entered(ScopeSubscriber<?> subscriber, @Nullable Entered outer, Runnable leave) {
			this.subscriber = subscriber;
			this.outer = outer;
			this.leave = leave;
		}

		void enterAgain() {
			this.leave = this.subscriber.scope.get();
			ENTERED.set(this);
		}

		void leave() {
			if (this.outer != null) {
				ENTERED.set(this.outer);
			}
			else {
				ENTERED.remove();
			}
			this.leave.run();
		}

	}

}
