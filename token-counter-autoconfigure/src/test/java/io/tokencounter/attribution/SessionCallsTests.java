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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.testsupport.Conditions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class SessionCallsTests {

	private final List<TokenCall> told = new ArrayList<>();

	private final TokenCallListener session = this.told::add;

	private final SessionCalls calls = new SessionCalls(this.session);

	private final Object call = new Object();

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	@AfterEach
	void shutDown() {
		this.executor.shutdownNow();
	}

	@Test
	void waitsForACallWhoseEndWasSeenElsewhere() throws Exception {
		this.calls.begun(this.call);
		this.executor.submit(this.calls::endSeen).get();
		Thread waiting = new Thread(this.calls::awaitCounted);
		waiting.start();
		Conditions.await("wait", () -> waiting.getState() == Thread.State.TIMED_WAITING);
		this.calls.counted(this.call);
		waiting.join();
		assertThat(this.calls.isEnding()).isFalse();
	}

	@Test
	void doesNotWaitForACallThatGoesOn() {
		this.calls.begun(this.call);
		assertThat(nanos(this.calls::awaitCounted)).isLessThan(SessionCalls.MAX_WAIT);
		assertThat(this.calls.isEnding()).isFalse();
	}

	@Test
	void doesNotWaitForEver() throws Exception {
		this.calls.begun(this.call);
		this.executor.submit(this.calls::endSeen).get();
		long first = nanos(this.calls::awaitCounted);
		assertThat(Duration.ofNanos(first)).isLessThan(Duration.ofSeconds(30));
		assertThat(nanos(this.calls::awaitCounted)).isLessThan(SessionCalls.MAX_WAIT);
		assertThat(this.calls.isEnding()).isTrue();
	}

	@Test
	void doesNotKeepTheThreadThatIsToCount() throws Exception {
		this.calls.begun(this.call);
		Future<Long> waited = this.executor.submit(() -> {
			this.calls.endSeen();
			return nanos(this.calls::awaitCounted);
		});
		assertThat(waited.get(20, TimeUnit.SECONDS)).isLessThan(SessionCalls.MAX_WAIT / 2);
	}

	@Test
	void doesNotBlockAnEventLoop() throws Exception {
		this.calls.begun(this.call);
		this.executor.submit(this.calls::endSeen).get();
		Long waited = Mono.fromCallable(() -> nanos(this.calls::awaitCounted))
			.subscribeOn(Schedulers.parallel())
			.block();
		assertThat(waited).isLessThan(SessionCalls.MAX_WAIT / 2);
		assertThat(this.calls.isEnding()).isTrue();
	}

	@Test
	void keepsAnInterruption() throws Exception {
		this.calls.begun(this.call);
		this.executor.submit(this.calls::endSeen).get();
		Thread.currentThread().interrupt();
		this.calls.awaitCounted();
		assertThat(Thread.interrupted()).isTrue();
	}

	private static long nanos(Runnable task) {
		long start = System.nanoTime();
		task.run();
		return System.nanoTime() - start;
	}

}
