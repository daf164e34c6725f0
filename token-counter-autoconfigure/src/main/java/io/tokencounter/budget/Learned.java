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

import java.util.Arrays;

/**
 * What was learned of the calls of one kind. Some updates may be lost among threads.
 */
final class Learned {

	private static final double WEIGHT = 0.2;

	private static final int KEPT = 64;

	private static final int ENOUGH = 10;

	private static final double PERCENTILE = 0.95;

	private volatile double average;

	private final long[] last = new long[KEPT];

	private int count;

	private volatile long percentile;

	/**
	 * Return the average, the latest calls counting most.
	 */
	double average(double unknown) {
		return (this.average > 0) ? this.average : unknown;
	}

	/**
	 * Return what 95 of 100 calls do not exceed.
	 */
	long percentile(long unknown) {
		return (this.percentile > 0) ? this.percentile : unknown;
	}

	void learn(double value) {
		if (value > 0) {
			double before = this.average;
			this.average = (before > 0) ? before + WEIGHT * (value - before) : value;
		}
	}

	synchronized void learnDistribution(long value) {
		learn(value);
		this.last[this.count++ % KEPT] = value;
		// Sorting takes longer than all else, and changes little each time
		if (this.count == ENOUGH || this.count > ENOUGH && this.count % 8 == 0) {
			long[] sorted = Arrays.copyOf(this.last, Math.min(this.count, KEPT));
			Arrays.sort(sorted);
			this.percentile = sorted[(int) Math.ceil(sorted.length * PERCENTILE) - 1];
		}
		if (this.count == Integer.MAX_VALUE) {
			this.count = KEPT;
		}
	}

}
