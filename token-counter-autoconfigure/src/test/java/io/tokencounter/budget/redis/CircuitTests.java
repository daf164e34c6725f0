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

package io.tokencounter.budget.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Circuit}.
 */
class CircuitTests {

	private final AtomicLong now = new AtomicLong();

	private final Circuit circuit = new Circuit(Duration.ofSeconds(1), this.now::get);

	@Test
	void opensAfterFiveFailuresInARow() {
		fail(4);
		this.circuit.succeeded();
		fail(4);
		assertThat(this.circuit.letThrough()).isTrue();
		this.circuit.failed();
		assertThat(this.circuit.letThrough()).isFalse();
		assertThat(this.circuit.isOpen()).isTrue();
	}

	@Test
	void letsOneTryAfterAWhileAndClosesIfItSucceeds() {
		fail(5);
		pass(1000);
		assertThat(this.circuit.letThrough()).isTrue();
		assertThat(this.circuit.letThrough()).isFalse();
		this.circuit.failed();
		pass(999);
		assertThat(this.circuit.letThrough()).isFalse();
		pass(1);
		assertThat(this.circuit.letThrough()).isTrue();
		this.circuit.succeeded();
		assertThat(this.circuit.letThrough()).isTrue();
		assertThat(this.circuit.isOpen()).isFalse();
	}

	@Test
	void isNotKeptOpenByThoseThatItRefusesNorByThoseOnTheirWay() {
		fail(5);
		for (int i = 0; i < 10; i++) {
			pass(100);
			if (i < 9) {
				assertThat(this.circuit.letThrough()).isFalse();
				this.circuit.failed();
			}
		}
		assertThat(this.circuit.letThrough()).isTrue();
	}

	@Test
	void isTriedAgainWhereTheOneWhoTriedHasGoneAway() {
		fail(5);
		pass(1000);
		assertThat(this.circuit.letThrough()).isTrue();
		this.circuit.abandoned();
		assertThat(this.circuit.isOpen()).isTrue();
		assertThat(this.circuit.letThrough()).isTrue();
	}

	private void fail(int times) {
		for (int i = 0; i < times; i++) {
			this.circuit.failed();
		}
	}

	private void pass(long millis) {
		this.now.addAndGet(Duration.ofMillis(millis).toNanos());
	}

}
