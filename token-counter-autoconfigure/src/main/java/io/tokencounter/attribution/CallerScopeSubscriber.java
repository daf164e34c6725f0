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

package io.tokencounter.attribution;

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
 */
final class CallerScopeSubscriber<T> implements CoreSubscriber<T>, Subscription {

	private final CoreSubscriber<? super T> actual;

	private final CallerScope scope;

	private volatile @Nullable Thread inside;

	private @Nullable Runnable leave;

	private @Nullable Subscription subscription;

	private CallerScopeSubscriber(CoreSubscriber<? super T> actual, CallerScope scope) {
		this.actual = actual;
		this.scope = scope;
	}

	static <T> void subscribe(Publisher<T> stream, Subscriber<? super T> actual, CallerScope scope) {
		CallerScopeSubscriber<T> subscriber = new CallerScopeSubscriber<>(Operators.toCoreSubscriber(actual), scope);
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
		if (this.inside == null) {
			this.actual.onNext(element);
		}
		else {
			outOfScope(() -> this.actual.onNext(element));
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
		if (this.inside != null) {
			// Another thread is at work, or this one already is in the scope
			work.run();
			return;
		}
		enter();
		try {
			work.run();
		}
		finally {
			leave();
		}
	}

	private void outOfScope(Runnable signal) {
		if (this.inside != Thread.currentThread()) {
			signal.run();
			return;
		}
		leave();
		try {
			signal.run();
		}
		finally {
			enter();
		}
	}

	private void enter() {
		this.leave = this.scope.enter();
		this.inside = Thread.currentThread();
	}

	private void leave() {
		this.inside = null;
		if (this.leave != null) {
			this.leave.run();
		}
	}

}
