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
import java.lang.management.ThreadInfo;
import java.util.Collection;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;

import com.sun.management.ThreadMXBean;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Tells the processor time and the bytes that the calling threads take of a call. On a
 * machine that does other things as well, the time on the clock is mostly that of those,
 * and the bytes of JMH's own profiler are those of all threads.
 */
public class CallerProfiler implements InternalProfiler {

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private long nanosBefore;

	private long bytesBefore;

	@Override
	public String getDescription() {
		return "Processor time and bytes of the calling threads";
	}

	@Override
	public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
		this.nanosBefore = ofCallers(this.threads::getThreadCpuTime);
		this.bytesBefore = ofCallers(this.threads::getThreadAllocatedBytes);
	}

	@Override
	public Collection<? extends Result<?>> afterIteration(BenchmarkParams benchmark, IterationParams iteration,
			IterationResult result) {
		double calls = result.getMetadata().getAllOps();
		double nanos = (ofCallers(this.threads::getThreadCpuTime) - this.nanosBefore) / calls;
		double bytes = (ofCallers(this.threads::getThreadAllocatedBytes) - this.bytesBefore) / calls;
		return List.of(new ScalarResult("caller.cpu", nanos, "ns/op", AggregationPolicy.AVG),
				new ScalarResult("caller.alloc", bytes, "B/op", AggregationPolicy.AVG));
	}

	private long ofCallers(LongUnaryOperator taken) {
		return LongStream.of(this.threads.getAllThreadIds()).filter(this::isCaller).map(taken).sum();
	}

	private boolean isCaller(long id) {
		ThreadInfo thread = this.threads.getThreadInfo(id);
		return thread != null && thread.getThreadName().contains("jmh-worker");
	}

}
