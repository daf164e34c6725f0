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

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.tokencounter.budget.redis.RedisBudgetStore;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several processes that share a budget in one Redis. With {@code -Dbudgets=full} there
 * are eight with 25 threads each, else as many as an ordinary build has time for.
 */
class RedisBudgetProcessesTests {

	private static final boolean FULL = "full".equals(System.getProperty("budgets"));

	private static final int PROCESSES = FULL ? 8 : 2;

	private static final int THREADS = FULL ? 25 : 8;

	private static final long LIMIT = BudgetProcess.BUDGET.limits().tokens();

	private final LocalRedis redis = new LocalRedis();

	private final RedisBudgetStore store = BudgetProcess.store(LocalRedis.connect(this.redis.port()));

	@AfterEach
	void stop() {
		this.redis.close();
	}

	@Test
	void neverPassTheLimitAndChargeWhatTheProviderBills(@TempDir Path folder) throws Exception {
		List<Process> processes = new ArrayList<>();
		for (int i = 0; i < PROCESSES; i++) {
			processes.add(start(THREADS, folder.resolve("result-" + i)));
		}
		int looked = 0;
		while (processes.stream().anyMatch(Process::isAlive)) {
			BudgetWindowState state = state();
			assertThat(state.charged().plus(state.held()).tokens()).isLessThanOrEqualTo(LIMIT);
			looked++;
		}
		assertThat(looked).isPositive();
		long made = 0;
		long billed = 0;
		for (int i = 0; i < PROCESSES; i++) {
			String[] result = Files.readString(folder.resolve("result-" + i)).split(" ");
			assertThat(Long.parseLong(result[0])).isPositive();
			made += Long.parseLong(result[0]);
			billed += Long.parseLong(result[1]);
		}
		BudgetWindowState state = state();
		assertThat(state.spent().tokens()).isEqualTo(billed).isBetween(LIMIT / 2, LIMIT);
		assertThat(state.spent().calls()).isEqualTo(made);
		assertThat(state.held()).isEqualTo(Amounts.NONE);
		assertThat(state.unresolved()).isEqualTo(Amounts.NONE);
		assertThat(state.refused()).isEqualTo(5L * PROCESSES * THREADS);
	}

	@Test
	void whatAKilledProcessHeldIsChargedWithWhatWasLikely(@TempDir Path folder) throws Exception {
		Path file = folder.resolve("held");
		Process process = start(0, file);
		Conditions.await("held", () -> Files.exists(file));
		assertThat(state().held()).isEqualTo(new Amounts(1_024_000, 124, 1));
		process.destroyForcibly().waitFor();
		Conditions.await("expired", () -> this.store.expire() == 1);
		assertThat(state())
			.isEqualTo(new BudgetWindowState(Amounts.NONE, Amounts.NONE, new Amounts(1_024_000, 124, 1), 0));
	}

	private BudgetWindowState state() {
		BudgetWindow.Span window = BudgetProcess.BUDGET.windowAt(Instant.parse("2026-11-25T12:00:00Z"));
		return this.store.read(List.of(new BudgetKey("shared", null, window.key(), window.end()))).get(0);
	}

	private Process start(int threads, Path file) throws IOException {
		String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
		return new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
				BudgetProcess.class.getName(), Integer.toString(this.redis.port()), Integer.toString(threads),
				file.toString())
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.redirectError(ProcessBuilder.Redirect.DISCARD)
			.start();
	}

}
