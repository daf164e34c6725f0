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

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ThreadScopesTests {

	private final List<TokenCallListener> sessions = new ArrayList<>();

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	@AfterEach
	void threadsAreClean() throws Exception {
		assertThat(ThreadScopes.current()).isNull();
		assertThat(this.executor.submit(ThreadScopes::current).get(20, TimeUnit.SECONDS)).isNull();
		this.executor.shutdownNow();
	}

	@Test
	void sessionThatOutlivesTheRunItWasOpenedInLosesItsFeature() {
		ThreadScopes.Entry run = ThreadScopes.enter(run("acme", null));
		SessionCalls session = session();
		ThreadScopes.Entry opened = ThreadScopes
			.enter(CallerScope.of(Caller.of(session, "test"), ThreadScopes.current(), null));
		assertThat(feature()).isEqualTo("acme");
		run.leave();
		assertThat(feature()).isEqualTo("none");
		assertThat(ThreadScopes.current().attribution().listeners()).containsExactly(session);
		opened.leave();
		assertThat(ThreadScopes.current()).isNull();
	}

	@Test
	void scopeThatWasLeftIsNotCurrentAgainWhenAnInnerOneIsLeft() {
		ThreadScopes.Entry outer = ThreadScopes.enter(run("outer", null));
		ThreadScopes.Entry inner = ThreadScopes.enter(run("inner", ThreadScopes.current()));
		outer.leave();
		assertThat(feature()).isEqualTo("inner");
		inner.leave();
		assertThat(ThreadScopes.current()).isNull();
		outer.leave();
		inner.leave();
		assertThat(ThreadScopes.current()).isNull();
	}

	@RepeatedTest(50)
	void whatWasLeftIsGoneInWhateverOrder(RepetitionInfo repetition) {
		Random random = new Random(repetition.getCurrentRepetition());
		Map<Caller, ThreadScopes.Entry> open = new LinkedHashMap<>();
		for (int step = 0; step < 200; step++) {
			if (random.nextBoolean() && open.size() < 20) {
				Caller caller = random.nextBoolean() ? Caller.of(session(), "test")
						: Caller.of("f" + step, Map.of(), null);
				open.put(caller, ThreadScopes.enter(CallerScope.of(caller, ThreadScopes.current(), null)));
			}
			else if (!open.isEmpty()) {
				Caller caller = new ArrayList<>(open.keySet()).get(random.nextInt(open.size()));
				open.remove(caller).leave();
			}
			CallerScope current = ThreadScopes.current();
			for (Caller caller : open.keySet()) {
				assertThat(current).isNotNull();
				assertThat(current.contains(caller)).isTrue();
			}
			assertThat(callers(current)).isEqualTo(open.size());
		}
		open.values().forEach(ThreadScopes.Entry::leave);
	}

	@Test
	void closedSessionIsNotCurrentOnTheThreadThatOpenedIt() throws Exception {
		SessionCalls session = session();
		ThreadScopes.Entry entry = this.executor
			.submit(() -> ThreadScopes.enter(CallerScope.of(Caller.of(session, "test"), null, null)))
			.get(20, TimeUnit.SECONDS);
		session.close();
		entry.leave();
		assertThat(this.executor.submit(ThreadScopes::current).get(20, TimeUnit.SECONDS)).isNull();
	}

	@Test
	void noMoreThanAHundredCallersAreTold() {
		List<ThreadScopes.Entry> entries = new ArrayList<>();
		ThreadScopes.Entry run = ThreadScopes.enter(run("outermost", null));
		for (int i = 0; i < 3000; i++) {
			entries.add(ThreadScopes.enter(CallerScope.of(Caller.of(session(), "test"), ThreadScopes.current(), null)));
		}
		assertThat(callers(ThreadScopes.current())).isEqualTo(CallerScope.MAX_DEPTH);
		entries.forEach(ThreadScopes.Entry::leave);
		run.leave();
	}

	@Test
	void isPropagatedWithoutObservations() throws Exception {
		ExecutorService propagating = ContextExecutorService.wrap(this.executor,
				ContextSnapshotFactory.builder().build()::captureAll);
		ThreadScopes.Entry run = ThreadScopes.enter(run("propagated", null));
		CompletableFuture<Void> left = new CompletableFuture<>();
		CompletableFuture<String> feature = CompletableFuture.supplyAsync(() -> {
			left.join();
			return feature();
		}, propagating);
		run.leave();
		left.complete(null);
		assertThat(feature.get(20, TimeUnit.SECONDS)).isEqualTo("propagated");
	}

	@Test
	void whatIsNotClosedInAPropagatedTaskHasNoPartOfIt() {
		ThreadScopes.Entry run = ThreadScopes.enter(run("acme", null));
		ContextSnapshot snapshot = ContextSnapshotFactory.builder().build().captureAll();
		run.leave();
		AtomicReference<ThreadScopes.Entry> left = new AtomicReference<>();
		snapshot.wrap(() -> {
			assertThat(feature()).isEqualTo("acme");
			left.set(ThreadScopes.enter(CallerScope.of(Caller.of(session(), "test"), ThreadScopes.current(), null)));
		}).run();
		assertThat(feature()).isEqualTo("none");
		left.get().leave();
	}

	@Test
	void snapshotOfNothingHidesTheScopeWhileItIsSet() {
		ContextSnapshot snapshot = ContextSnapshotFactory.builder().clearMissing(true).build().captureAll();
		ThreadScopes.Entry run = ThreadScopes.enter(run("acme", null));
		snapshot.wrap(() -> assertThat(ThreadScopes.current()).isNull()).run();
		assertThat(feature()).isEqualTo("acme");
		run.leave();
	}

	private SessionCalls session() {
		TokenCallListener held = new TokenCallListener() {

			@Override
			public void onCall(TokenCall call) {
			}

		};
		this.sessions.add(held);
		return new SessionCalls(held);
	}

	private static CallerScope run(String feature, @Nullable CallerScope outer) {
		return CallerScope.of(Caller.of(feature, Map.of(), null), outer, null);
	}

	private static String feature() {
		CallerScope current = ThreadScopes.current();
		return (current != null) ? current.attribution().feature() : "nothing";
	}

	private static int callers(@Nullable CallerScope scope) {
		return (scope != null) ? scope.depth() : 0;
	}

}
