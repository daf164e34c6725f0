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

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * One call to a model.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallBenchmark {

	/**
	 * One thread.
	 * @param calls the calls
	 * @param session the session of the thread
	 * @return the answer
	 */
	@Benchmark
	@Threads(1)
	public ChatResponse oneThread(Calls calls, Session session) {
		return calls.model.call(calls.prompt);
	}

	/**
	 * Two threads.
	 * @param calls the calls
	 * @param session the session of the thread
	 * @return the answer
	 */
	@Benchmark
	@Threads(2)
	public ChatResponse twoThreads(Calls calls, Session session) {
		return calls.model.call(calls.prompt);
	}

	/**
	 * What is called.
	 */
	@State(Scope.Benchmark)
	public static class Calls {

		/**
		 * What counts the tokens.
		 */
		@Param({ "BARE", "BARE_PROXY_METERS", "BARE_PROXY_ALL", "OBSERVED", "SPRING_AI", "PROXY_METERS", "PROXY_ALL",
				"FINAL_OBSERVED", "FINAL_SPRING_AI", "HANDLER_METERS", "HANDLER_ALL", "OWN_ALL" })
		public Counting counting;

		private CountedApplication application;

		private ChatModel model;

		private Prompt prompt;

		/**
		 * Start the application.
		 */
		@Setup
		public void start() {
			this.application = new CountedApplication(this.counting, 1);
			this.model = this.application.model();
			this.prompt = this.application.prompt();
			this.application.check(() -> this.model.call(this.prompt));
		}

		/**
		 * Stop the application.
		 */
		@TearDown
		public void stop() {
			this.application.close();
		}

	}

	/**
	 * The session that a thread makes its calls in.
	 */
	@State(Scope.Thread)
	public static class Session {

		private Runnable close;

		/**
		 * Open the session.
		 * @param calls the calls
		 */
		@Setup(Level.Iteration)
		public void open(Calls calls) {
			this.close = calls.application.openSession();
		}

		/**
		 * Close the session.
		 */
		@TearDown(Level.Iteration)
		public void close() {
			this.close.run();
		}

	}

}
