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

import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.tokencounter.CallTagsProvider;
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
 * One call, of a different tenant each time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TagSetsBenchmark {

	/**
	 * The number of tenants.
	 */
	@Param({ "10", "1000", "100000" })
	public int tenants;

	/**
	 * The number of tenants that have meters of their own.
	 */
	@Param({ "100", "1000000" })
	public int maxTagValues;

	private CountedApplication application;

	private ChatModel model;

	private Prompt prompt;

	/**
	 * Start the application, and make the meters of each tenant.
	 */
	@Setup
	public void start() {
		this.application = new CountedApplication(Counting.PROXY_ALL, 1, "token-counter.metrics.tags=tenant",
				"token-counter.metrics.max-tag-values=" + this.maxTagValues);
		this.application.bean(Tenants.class).use(this.tenants);
		this.model = this.application.model();
		this.prompt = this.application.prompt();
		for (int i = 0; i < this.tenants; i++) {
			call();
		}
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
	 * One call.
	 * @return the answer
	 */
	@Benchmark
	public ChatResponse call() {
		return this.model.call(this.prompt);
	}

	/**
	 * The tenants, one after the other.
	 */
	static class Tenants implements CallTagsProvider {

		private Map<String, String>[] tags = tags(1);

		private int next;

		void use(int tenants) {
			this.tags = tags(tenants);
		}

		@SuppressWarnings({ "unchecked", "rawtypes" })
		private static Map<String, String>[] tags(int tenants) {
			Map<String, String>[] tags = new Map[tenants];
			for (int i = 0; i < tenants; i++) {
				tags[i] = Map.of("tenant", "tenant-" + i);
			}
			return tags;
		}

		@Override
		public Map<String, String> tags() {
			this.next = (this.next + 1 < this.tags.length) ? this.next + 1 : 0;
			return this.tags[this.next];
		}

	}

}
