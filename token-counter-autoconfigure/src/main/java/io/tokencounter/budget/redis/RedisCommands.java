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

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.tokencounter.budget.BudgetStoreUnavailableException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.core.NestedExceptionUtils;

/**
 * Runs scripts and waits no longer than it is told, however long the client would, and
 * not at all while Redis is away.
 */
final class RedisCommands {

	private static final Duration OPEN = Duration.ofSeconds(1);

	private final BudgetScripts scripts;

	private final Duration timeout;

	private final Circuit circuit = new Circuit(OPEN, System::nanoTime);

	RedisCommands(BudgetScripts scripts, Duration timeout) {
		this.scripts = scripts;
		this.timeout = timeout;
	}

	/**
	 * Not by {@code block()}, which event loops refuse: a call that blocks one does so
	 * without us.
	 */
	// JDK 17 and 25 do not agree on what the future of a Mono holds
	@SuppressWarnings("NullAway")
	List<String> run(BudgetScript script, List<String> keys, List<String> args) {
		checkCircuit();
		CompletableFuture<List<String>> answer = this.scripts.run(script, keys, args).toFuture();
		try {
			List<String> result = answer.get(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
			this.circuit.succeeded();
			return result;
		}
		catch (TimeoutException ex) {
			answer.cancel(true);
			throw failed(ex);
		}
		catch (ExecutionException ex) {
			throw failed((ex.getCause() != null) ? ex.getCause() : ex);
		}
		catch (InterruptedException ex) {
			answer.cancel(true);
			Thread.currentThread().interrupt();
			throw failed(ex);
		}
	}

	/**
	 * Goes on away from the threads of the client, which whatever comes next might block.
	 */
	Mono<List<String>> runLater(BudgetScript script, List<String> keys, List<String> args) {
		return Mono.defer(() -> {
			checkCircuit();
			return this.scripts.run(script, keys, args)
				.timeout(this.timeout)
				.publishOn(Schedulers.parallel())
				.doOnNext((answer) -> this.circuit.succeeded())
				.onErrorMap(this::failed)
				.doOnCancel(this.circuit::abandoned);
		});
	}

	boolean available() {
		return !this.circuit.isOpen();
	}

	private void checkCircuit() {
		if (!this.circuit.letThrough()) {
			throw new BudgetStoreUnavailableException("Redis has not answered lately", null);
		}
	}

	private BudgetStoreUnavailableException failed(Throwable cause) {
		this.circuit.failed();
		String message = (cause instanceof TimeoutException)
				? "Redis did not answer within " + this.timeout.toMillis() + " ms"
				: "Redis could not be asked: " + NestedExceptionUtils.getMostSpecificCause(cause).getMessage();
		return new BudgetStoreUnavailableException(message, cause);
	}

}
