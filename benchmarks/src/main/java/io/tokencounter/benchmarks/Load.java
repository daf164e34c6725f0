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

package io.tokencounter.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import com.sun.management.OperatingSystemMXBean;
import io.tokencounter.TokenLedger;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * An application that asks OpenAI's model, so many times a second, and tells what it
 * took. Each call is timed from when it was due.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public final class Load {

	private static final Log logger = LogFactory.getLog(Load.class);

	private static final int THREADS = 64;

	private static final int WARM_UP_SECONDS = 10;

	/**
	 * Run.
	 * @param args properties: {@code load.rate} (calls a second), {@code load.seconds},
	 * and where the provider is
	 * @throws Exception if a call fails, or if not all agree on what was spent
	 */
	public static void main(String[] args) throws Exception {
		try (ConfigurableApplicationContext context = SpringApplication.run(Load.class, args)) {
			Environment environment = context.getEnvironment();
			int rate = environment.getRequiredProperty("load.rate", Integer.class);
			int seconds = environment.getRequiredProperty("load.seconds", Integer.class);
			ChatModel model = context.getBean(ChatModel.class);
			TokenLedger ledger = context.getBeanProvider(TokenLedger.class).getIfAvailable();
			int warmUp = rate * Math.min(seconds, WARM_UP_SECONDS);
			call(model, rate, warmUp);
			awaitWritten(ledger, warmUp);
			long before = processorNanos();
			long[] nanos = call(model, rate, rate * seconds);
			awaitWritten(ledger, warmUp + nanos.length);
			double millis = (processorNanos() - before) / 1e6 / nanos.length;
			Arrays.sort(nanos);
			logger.info("%d calls, each %.3f ms of the processor, latency %.2f ms (median), %.2f ms (p99)"
				.formatted(nanos.length, millis, nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 99 / 100] / 1e6));
			if (ledger != null) {
				logger.info("All agree with the provider: " + LoadSums.agreed(context, ledger));
			}
		}
	}

	private static long[] call(ChatModel model, int rate, int calls) throws Exception {
		long[] nanos = new long[calls];
		AtomicInteger next = new AtomicInteger();
		long start = System.nanoTime();
		ExecutorService executor = Executors.newFixedThreadPool(THREADS);
		List<Future<?>> threads = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			threads.add(executor.submit(() -> {
				for (int call = next.getAndIncrement(); call < calls; call = next.getAndIncrement()) {
					long due = start + TimeUnit.SECONDS.toNanos(call) / rate;
					awaitTime(due);
					model.call("What do pebbles do?");
					nanos[call] = System.nanoTime() - due;
				}
			}));
		}
		for (Future<?> thread : threads) {
			thread.get();
		}
		executor.shutdown();
		return nanos;
	}

	private static void awaitTime(long due) {
		for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

	/**
	 * What the ledger takes for these calls is a part of what they take.
	 */
	private static void awaitWritten(@Nullable TokenLedger ledger, int calls) {
		while (ledger != null && ledger.status().written() < calls) {
			awaitTime(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10));
		}
	}

	private static long processorNanos() {
		return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
	}

}
