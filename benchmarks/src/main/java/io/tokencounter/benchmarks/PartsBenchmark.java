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
import org.openjdk.jmh.annotations.Warmup;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * One call to a final model, part by part. Calls come so fast that the ledger's writer
 * and drainer never rest, so the time on the clock holds what they take of the caller's
 * processor; {@link CallerProfiler} tells what the caller itself takes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PartsBenchmark {

	/**
	 * What counts the tokens.
	 */
	@Param({ "FINAL_OBSERVED", "FINAL_SPRING_AI", "HANDLER_METERS", "HANDLER_PRICE", "HANDLER_SUMMARY", "HANDLER_ALL",
			"HANDLER_LEDGER", "HANDLER_BUDGET", "HANDLER_REDIS", "HANDLER_LEDGER_BUDGET" })
	public Counting counting;

	private CountedApplication application;

	private ChatModel model;

	private Prompt prompt;

	private Runnable closeSession;

	/**
	 * Start the application.
	 */
	@Setup
	public void start() {
		this.application = new CountedApplication(this.counting, 1);
		this.model = this.application.model();
		this.prompt = this.application.prompt();
		this.application.check(this::call);
	}

	/**
	 * Stop the application.
	 */
	@TearDown
	public void stop() {
		this.application.close();
	}

	/**
	 * Open the session.
	 */
	@Setup(Level.Iteration)
	public void openSession() {
		this.closeSession = this.application.openSession();
	}

	/**
	 * Close the session.
	 */
	@TearDown(Level.Iteration)
	public void closeSession() {
		this.closeSession.run();
	}

	/**
	 * One call.
	 * @return the answer
	 */
	@Benchmark
	public ChatResponse call() {
		return this.model.call(this.prompt);
	}

}
