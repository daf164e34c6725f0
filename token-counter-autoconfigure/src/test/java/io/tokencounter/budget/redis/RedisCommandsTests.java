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

package io.tokencounter.budget.redis;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

import io.tokencounter.budget.BudgetStoreUnavailableException;
import io.tokencounter.testsupport.Conditions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RedisCommands}.
 */
class RedisCommandsTests {

	private final Client client = new Client();

	private final RedisCommands commands = new RedisCommands(BudgetScripts.of(this.client), Duration.ofMillis(50));

	private final RedisCommands patient = new RedisCommands(BudgetScripts.of(this.client), Conditions.DEADLINE);

	@Test
	void aTryThatIsCancelledDoesNotKeepTheOthersOut() {
		for (int i = 0; i < 5; i++) {
			assertThatExceptionOfType(BudgetStoreUnavailableException.class).isThrownBy(() -> run(this.commands));
		}
		assertThat(this.commands.available()).isFalse();
		Conditions.await("a try is cancelled", this::isTryCancelled);
		this.client.answer.countDown();
		Conditions.await("somebody is answered", this::isAnswered);
		assertThat(this.commands.available()).isTrue();
	}

	@Test
	void saysWhetherThereWasNoAnswerOrWhichOne() {
		assertThatExceptionOfType(BudgetStoreUnavailableException.class).isThrownBy(() -> run(this.commands))
			.withMessage("Redis did not answer within 50 ms");
		this.client.failure = new IllegalStateException("Error in execution", new IOException("READONLY replica"));
		this.client.answer.countDown();
		assertThatExceptionOfType(BudgetStoreUnavailableException.class).isThrownBy(() -> run(this.patient))
			.withMessage("Redis could not be asked: READONLY replica");
		StepVerifier.create(this.patient.runLater(BudgetScript.READ, List.of("key"), List.of()))
			.verifyErrorMessage("Redis could not be asked: READONLY replica");
	}

	private boolean isTryCancelled() {
		Disposable attempt = this.commands.runLater(BudgetScript.READ, List.of("key"), List.of())
			.subscribe((answer) -> {
			}, (refused) -> {
			});
		boolean waits = !attempt.isDisposed();
		attempt.dispose();
		return waits;
	}

	private boolean isAnswered() {
		try {
			return run(this.commands).isEmpty();
		}
		catch (BudgetStoreUnavailableException ex) {
			return false;
		}
	}

	private static List<String> run(RedisCommands commands) {
		return commands.run(BudgetScript.READ, List.of("key"), List.of());
	}

	/**
	 * A client that waits for an answer.
	 */
	static class Client extends StringRedisTemplate {

		private final CountDownLatch answer = new CountDownLatch(1);

		private volatile @Nullable RuntimeException failure;

		@Override
		public <T> T execute(RedisScript<T> script, List<String> keys, Object... args) {
			try {
				this.answer.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			if (this.failure != null) {
				throw this.failure;
			}
			return Objects.requireNonNull(script.getResultType()).cast(List.of());
		}

	}

}
