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

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * One stream. The model is not observed: what Spring AI does with the chunks of an
 * observed one takes many times as long as what is measured here.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class StreamBenchmark {

	/**
	 * What counts the tokens.
	 */
	@Param({ "BARE", "BARE_PROXY_METERS", "BARE_PROXY_ALL" })
	public Counting counting;

	/**
	 * The number of chunks.
	 */
	@Param({ "1", "1000" })
	public int chunks;

	private CountedApplication application;

	private ChatModel model;

	private Prompt prompt;

	/**
	 * Start the application.
	 */
	@Setup
	public void start() {
		this.application = new CountedApplication(this.counting, this.chunks);
		this.model = this.application.model();
		this.prompt = this.application.prompt();
		this.application.check(this::stream);
	}

	/**
	 * Stop the application.
	 */
	@TearDown
	public void stop() {
		this.application.close();
	}

	/**
	 * One stream.
	 * @return the last chunk
	 */
	@Benchmark
	public @Nullable ChatResponse stream() {
		return this.model.stream(this.prompt).blockLast();
	}

}
