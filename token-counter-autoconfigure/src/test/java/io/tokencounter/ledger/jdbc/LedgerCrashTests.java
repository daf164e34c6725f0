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

package io.tokencounter.ledger.jdbc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.tokencounter.TokenCall;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.LedgerCounts;
import io.tokencounter.ledger.LedgerRecorder;
import io.tokencounter.ledger.SpoolSync;
import io.tokencounter.testsupport.Conditions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Kills applications and their PostgreSQL, and looks for calls that are lost or twice
 * there. The system property {@code ledger.kills} says how often.
 */
class LedgerCrashTests {

	private static final int KILLS = Integer.getInteger("ledger.kills", 2);

	private static final int CALLS = Integer.getInteger("ledger.outage-calls", 20_000);

	private static final Duration PATIENCE = Conditions.DEADLINE.plusMillis(CALLS + KILLS * 1000L);

	private final Random random = new Random();

	private int port;

	private @Nullable EmbeddedPostgres postgres;

	@TempDir
	private Path folder;

	@BeforeEach
	void startPostgres() throws IOException {
		start();
		this.port = postgres().getPort();
		Databases.POSTGRESQL.create(postgres().getPostgresDatabase(), new LedgerTables("token_"));
	}

	@AfterEach
	void stopPostgres() throws IOException {
		stop();
	}

	private void start() throws IOException {
		this.postgres = EmbeddedPostgres.builder()
			.setPort(this.port)
			.setDataDirectory(this.folder.resolve("postgres"))
			.setCleanDataDirectory(false)
			.start();
	}

	private void stop() throws IOException {
		if (this.postgres != null) {
			this.postgres.close();
			this.postgres = null;
		}
	}

	private EmbeddedPostgres postgres() {
		assertThat(this.postgres).isNotNull();
		return this.postgres;
	}

	private String url() {
		return "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(this.port);
	}

	/**
	 * With {@link SpoolSync#ALWAYS}, all calls are there that were recorded when the
	 * process was killed. Otherwise a few milliseconds of them may be missing.
	 */
	@ParameterizedTest
	@EnumSource(value = SpoolSync.class, names = { "ALWAYS", "INTERVAL" })
	void losesAndDoublesNothingOverKills(SpoolSync sync) throws Exception {
		Set<UUID> answered = new HashSet<>();
		Set<UUID> recorded = new HashSet<>();
		Map<UUID, Long> age = new HashMap<>();
		for (int kill = 0; kill < KILLS; kill++) {
			boolean outage = kill % 2 == 1;
			if (outage) {
				stop();
			}
			List<String> said = runAndKill(sync, outage);
			long end = said.stream().mapToLong(LedgerCrashTests::time).max().orElse(0);
			for (String line : said) {
				(line.startsWith(RecordingProcess.ANSWERED) ? answered : recorded).add(id(line));
				age.put(id(line), end - time(line));
			}
		}
		drain();
		List<UUID> rows = JdbcClient.create(postgres().getPostgresDatabase())
			.sql("SELECT id FROM token_call")
			.query(UUID.class)
			.list();
		assertThat(rows).isNotEmpty().doesNotHaveDuplicates();
		Set<UUID> missing = new HashSet<>(recorded);
		rows.forEach(missing::remove);
		Set<UUID> made = new HashSet<>(rows);
		made.removeAll(answered);
		assertThat(made).as("rows of calls that were never made").isEmpty();
		if (sync == SpoolSync.ALWAYS) {
			assertThat(missing).as("calls that were recorded").isEmpty();
		}
		else {
			assertThat(missing).allSatisfy((id) -> assertThat(age.get(id)).isLessThan(500));
		}
		System.getLogger(getClass().getName())
			.log(System.Logger.Level.INFO,
					"{0}, {1} kills: {2} calls answered, {3} recorded, {4} rows, {5} missing of the last {6} ms", sync,
					KILLS, answered.size(), recorded.size(), rows.size(), missing.size(),
					missing.stream().mapToLong(age::get).max().orElse(0));
	}

	private List<String> runAndKill(SpoolSync sync, boolean outage) throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), "-Xshare:auto", "-XX:TieredStopAtLevel=1",
				RecordingProcess.class.getName(), url(), this.folder.resolve("spool").toString(), sync.name())
			.redirectError(ProcessBuilder.Redirect.DISCARD)
			.start();
		List<String> said = new ArrayList<>();
		try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
			long killAt = Long.MAX_VALUE;
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				said.add(line);
				if (said.size() == 1) {
					killAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100 + this.random.nextInt(1000));
				}
				if (System.nanoTime() - killAt > 0) {
					killAt = Long.MAX_VALUE;
					if (outage) {
						start();
					}
					// SIGKILL, and what was said until then can still be read
					process.toHandle().destroyForcibly();
				}
			}
		}
		finally {
			process.destroyForcibly().waitFor();
		}
		// The last line may be cut
		return said.stream().filter((line) -> line.split(" ").length == 3 && line.length() == 59).toList();
	}

	private static UUID id(String line) {
		return UUID.fromString(line.split(" ")[1]);
	}

	private static long time(String line) {
		return Long.parseLong(line.split(" ")[2]);
	}

	private void drain() {
		LedgerCounts counts = new LedgerCounts();
		LedgerRecorder last = RecordingProcess.recorder(url(), this.folder.resolve("spool"), SpoolSync.NEVER, counts);
		try {
			last.onCall(LedgerCalls.of("last"));
			last.start();
			Conditions.await("what is left is written", PATIENCE,
					() -> counts.status().written() > 0 && counts.status().spooled() == 0 && files() == 1);
			JdbcClient.create(postgres().getPostgresDatabase())
				.sql("DELETE FROM token_call WHERE feature = 'last'")
				.update();
		}
		finally {
			last.stop();
			last.destroy();
		}
	}

	/**
	 * Return the number of files with calls. One is always written.
	 */
	private long files() throws IOException {
		try (Stream<Path> files = Files.walk(this.folder.resolve("spool"))) {
			return files.filter((file) -> file.toString().endsWith(".calls")).count();
		}
		catch (UncheckedIOException ex) {
			// A folder was deleted meanwhile
			return -1;
		}
	}

	@Test
	void callersNoticeNothingOfAnOutage() throws Exception {
		stop();
		LedgerCounts counts = new LedgerCounts();
		LedgerRecorder recorder = RecordingProcess.recorder(url(), this.folder.resolve("spool"), SpoolSync.INTERVAL,
				counts);
		recorder.start();
		try {
			long longest = 0;
			Set<UUID> ids = new HashSet<>();
			for (int i = 0; i < CALLS; i++) {
				TokenCall call = LedgerCalls.of("outage");
				ids.add(call.id());
				long start = System.nanoTime();
				recorder.onCall(call);
				longest = Math.max(longest, System.nanoTime() - start);
			}
			assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(1));
			Conditions.await("all are on the disk", PATIENCE, () -> counts.status().spooled() == CALLS);
			Conditions.await("it is said", () -> !counts.status().problems().isEmpty());
			start();
			Conditions.await("all are written", PATIENCE, () -> counts.status().written() == CALLS);
			assertThat(JdbcClient.create(postgres().getPostgresDatabase())
				.sql("SELECT COUNT(DISTINCT id) FROM token_call")
				.query(Integer.class)
				.single()).isEqualTo(ids.size());
			assertThat(counts.status().failed()).isZero();
		}
		finally {
			recorder.stop();
			recorder.destroy();
		}
	}

}
