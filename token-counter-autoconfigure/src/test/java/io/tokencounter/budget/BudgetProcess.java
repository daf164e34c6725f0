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

package io.tokencounter.budget;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.budget.redis.BudgetScripts;
import io.tokencounter.budget.redis.RedisBudgetStore;
import io.tokencounter.call.CallRequest;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalRedis;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;

/**
 * One of several processes that share a budget. It says at the end how many calls it made
 * and what a provider would bill for them.
 */
public final class BudgetProcess {

	static final Budget BUDGET = BudgetTestCalls.budget("shared", BudgetTestCalls.tokens(200_000));

	static final Duration HOLD_TIMEOUT = Duration.ofSeconds(5);

	private BudgetProcess() {
	}

	static RedisBudgetStore store(LettuceConnectionFactory connections) {
		return new RedisBudgetStore(BudgetScripts.of(new ReactiveStringRedisTemplate(connections)), "test:",
				Duration.ofSeconds(30), Duration.ofMinutes(10));
	}

	/**
	 * Make calls.
	 * @param args the port of Redis, the number of threads, and the file to write to;
	 * with no thread something is held until the process is killed
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		LettuceConnectionFactory connections = LocalRedis.connect(Integer.parseInt(args[0]));
		int threads = Integer.parseInt(args[1]);
		if (threads == 0) {
			holdForEver(connections, args[2]);
			return;
		}
		BudgetBackground background = new BudgetBackground();
		BudgetTestCalls calls = new BudgetTestCalls(store(connections), background, true, List.of(), BUDGET);
		AtomicLong made = new AtomicLong();
		AtomicLong billed = new AtomicLong();
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		List<Future<?>> running = IntStream.range(0, threads)
			.<Future<?>>mapToObj((i) -> executor.submit(() -> call(calls, new Random(i), made, billed)))
			.toList();
		for (Future<?> thread : running) {
			thread.get();
		}
		Conditions.await("charged", Duration.ofMinutes(2), () -> background.waiting() == 0);
		background.stop();
		write(args[2], "%d %d".formatted(made.get(), billed.get()));
		System.exit(0);
	}

	/**
	 * Calls until nothing more is allowed, and then some.
	 */
	private static void call(BudgetTestCalls calls, Random random, AtomicLong made, AtomicLong billed) {
		int refused = 0;
		while (refused < 5) {
			try {
				CallRequest request = calls.admit(calls.request());
				// As estimated: what is learned of less would make later holds too low
				int input = 24;
				int output = 20 + random.nextInt(80);
				calls.succeed(request, input, output);
				made.incrementAndGet();
				billed.addAndGet(input + output);
			}
			catch (TokenBudgetExceededException ex) {
				refused++;
			}
		}
	}

	private static void holdForEver(LettuceConnectionFactory connections, String file) throws IOException {
		RedisBudgetStore store = new RedisBudgetStore(BudgetScripts.of(new ReactiveStringRedisTemplate(connections)),
				"test:", Duration.ofSeconds(30), HOLD_TIMEOUT);
		BudgetTestCalls calls = new BudgetTestCalls(store, Runnable::run, true, List.of(), BUDGET);
		calls.admit(calls.request());
		write(file, "held");
		while (System.in.read() >= 0) {
			Thread.onSpinWait();
		}
	}

	private static void write(String file, String result) throws IOException {
		Path path = Path.of(file);
		Path written = Files.writeString(path.resolveSibling(path.getFileName() + ".part"), result);
		Files.move(written, path);
	}

}
