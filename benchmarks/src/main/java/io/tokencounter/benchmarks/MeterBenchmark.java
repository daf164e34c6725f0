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

import java.time.Instant;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the six meters of one call take by themselves, without anything that tells which
 * meters they are: less than this a call can not cost.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MeterBenchmark {

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final Counter calls = this.registry.counter("calls");

	private final Counter input = this.registry.counter("input");

	private final Counter output = this.registry.counter("output");

	private final Counter cost = this.registry.counter("cost");

	private final Timer duration = this.registry.timer("duration");

	private final DistributionSummary rate = this.registry.summary("rate");

	/**
	 * The meters.
	 */
	@Benchmark
	public void meters() {
		record(1_000_000);
	}

	/**
	 * The meters, and the time of day and the duration of the call.
	 * @return the time of day
	 */
	@Benchmark
	public Instant metersAndClock() {
		Instant startedAt = Instant.now();
		long start = System.nanoTime();
		record(System.nanoTime() - start);
		return startedAt;
	}

	private void record(long nanos) {
		this.calls.increment();
		this.input.increment(1200);
		this.output.increment(350);
		this.cost.increment(0.00039);
		this.duration.record(nanos, TimeUnit.NANOSECONDS);
		this.rate.record(350 * 1e9 / nanos);
	}

}
