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

import io.micrometer.observation.annotation.Observed;
import io.tokencounter.TrackTokens;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An annotated method that does nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TrackedMethodBenchmark {

	private CountedApplication application;

	private Methods methods;

	/**
	 * Start the application.
	 */
	@Setup
	public void start() {
		this.application = new CountedApplication(Counting.PROXY_ALL, 1,
				"management.observations.annotations.enabled=true");
		this.methods = this.application.bean(Methods.class);
	}

	/**
	 * Stop the application.
	 */
	@TearDown
	public void stop() {
		this.application.close();
	}

	/**
	 * Without an annotation, on the same proxy.
	 * @return the method's result
	 */
	@Benchmark
	public int plain() {
		return this.methods.plain(1);
	}

	/**
	 * With Micrometer's annotation.
	 * @return the method's result
	 */
	@Benchmark
	public int observed() {
		return this.methods.observed(1);
	}

	/**
	 * With ours.
	 * @return the method's result
	 */
	@Benchmark
	public int tracked() {
		return this.methods.tracked(1);
	}

	/**
	 * With ours and a tag.
	 * @return the method's result
	 */
	@Benchmark
	public int trackedWithTag() {
		return this.methods.trackedWithTag(1);
	}

	/**
	 * The methods.
	 */
	static class Methods {

		int plain(int number) {
			return number;
		}

		@Observed(name = "benchmark")
		int observed(int number) {
			return number;
		}

		@TrackTokens("benchmark")
		int tracked(int number) {
			return number;
		}

		@TrackTokens(value = "benchmark", tags = "number=#{#number}")
		int trackedWithTag(int number) {
			return number;
		}

	}

}
