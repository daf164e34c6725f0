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

package io.tokencounter.ledger;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import io.tokencounter.TokenCall;
import io.tokencounter.testsupport.Conditions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LedgerRecorder}, with real files.
 */
@ExtendWith(OutputCaptureExtension.class)
class LedgerRecorderTests {

	private final MemoryStore store = new MemoryStore();

	private final LedgerCounts counts = new LedgerCounts();

	private final List<LedgerRecorder> recorders = new ArrayList<>();

	@TempDir
	private Path folder;

	@AfterEach
	void close() {
		this.recorders.forEach(LedgerRecorderTests::close);
	}

	@ParameterizedTest
	@EnumSource(SpoolSync.class)
	void writesEveryCallOnce(SpoolSync sync) throws Exception {
		LedgerRecorder recorder = recorder(sync, SegmentFile::new);
		recorder.start();
		Set<UUID> ids = record(recorder, 4, (sync == SpoolSync.ALWAYS) ? 50 : 5000);
		Conditions.await("all are in the store", () -> this.store.size() == ids.size());
		assertThat(new HashSet<>(LedgerCalls.ids(this.store.rows()))).isEqualTo(ids);
		Conditions.await("none waits", () -> this.counts.status().spooled() == 0);
		assertThat(this.counts.status().written()).isEqualTo(ids.size());
		assertThat(this.counts.status().failed()).isZero();
		assertThat(this.counts.status().oldest()).isNull();
		assertThat(this.counts.status().problems()).isEmpty();
	}

	@Test
	void leavesNothingBehindWhenAllIsWritten() throws IOException {
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		recorder.start();
		recorder.onCall(LedgerCalls.of("one"));
		close(recorder);
		assertThat(this.store.size()).isEqualTo(1);
		assertThat(files()).isEmpty();
	}

	@Test
	void keepsCallsOnTheDiskWhileTheStoreIsAway(CapturedOutput output) throws Exception {
		this.store.away = true;
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		recorder.start();
		Set<UUID> ids = record(recorder, 2, 20_000);
		Conditions.await("all are on the disk", () -> this.counts.status().spooled() == ids.size());
		Conditions.await("it is said", () -> !this.counts.status().problems().isEmpty());
		assertThat(this.counts.status().problems().get(0)).contains("wait", "The store is away");
		assertThat(this.counts.status().oldest()).isNotNull();
		this.store.away = false;
		Conditions.await("all are in the store", () -> this.store.size() == ids.size());
		assertThat(new HashSet<>(LedgerCalls.ids(this.store.rows()))).isEqualTo(ids);
		Conditions.await("it is well", () -> this.counts.status().problems().isEmpty());
		assertThat(output.toString().split("cannot be written to the ledger's database, and wait")).hasSize(2);
	}

	@Test
	void writesAtTheNextStartWhatTheStoreDidNotTake() throws Exception {
		this.store.away = true;
		LedgerRecorder first = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		first.start();
		Set<UUID> ids = record(first, 1, 3000);
		close(first);
		assertThat(files()).isNotEmpty();
		this.store.away = false;
		LedgerRecorder second = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		second.start();
		Conditions.await("all are in the store", () -> this.store.size() == ids.size());
		close(second);
		assertThat(files()).isEmpty();
	}

	@Test
	void recordsCallsBeforeItStartsAndAfterItStopped() {
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		recorder.onCall(LedgerCalls.of("before"));
		recorder.start();
		Conditions.await("the first is written", () -> this.store.size() == 1);
		recorder.stop();
		recorder.onCall(LedgerCalls.of("after"));
		assertThat(this.counts.status().spooled()).isEqualTo(1);
		recorder.destroy();
		LedgerRecorder next = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		next.start();
		Conditions.await("the second is written", () -> this.store.size() == 2);
	}

	@Test
	void canBeStartedAgain() {
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		recorder.start();
		recorder.stop();
		recorder.start();
		assertThat(recorder.isRunning()).isTrue();
		recorder.onCall(LedgerCalls.of("one"));
		Conditions.await("it is written", () -> this.store.size() == 1);
	}

	@Test
	void leavesTheFolderOfLivingInstanceAlone() throws IOException {
		Path living = Files.createDirectories(this.folder.resolve("spool/1-living-1"));
		Path segment = Files.write(living.resolve("1.calls"), bytes(LedgerCalls.of("theirs")));
		Path dead = Files.createDirectories(this.folder.resolve("spool/1-dead-1"));
		Files.write(dead.resolve("1.calls"), bytes(LedgerCalls.of("left")));
		// A lock that this process holds looks the same as one of another process
		try (FileChannel channel = FileChannel.open(living.resolve("lock"), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
			recorder(SpoolSync.INTERVAL, SegmentFile::new).start();
			Conditions.await("the dead one's are written", () -> this.store.size() == 1);
			assertThat(lock.isValid()).isTrue();
			assertThat(segment).exists();
		}
		assertThat(this.store.rows().get(0).call().feature()).isEqualTo("left");
		assertThat(dead).doesNotExist();
	}

	@Test
	void takesOverWhatIsLeftWhileItReadsItsOwnFile() throws IOException {
		Path dead = Files.createDirectories(this.folder.resolve("spool/1-dead-1"));
		Files.write(dead.resolve("1.calls"), bytes(LedgerCalls.of("left")));
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		recorder.onCall(LedgerCalls.of("own"));
		recorder.start();
		Conditions.await("both are written", () -> this.store.size() == 2);
	}

	@Test
	void putsAsideWhatIsDamaged(CapturedOutput output) throws IOException {
		byte[] bytes = bytes(LedgerCalls.of("one"), LedgerCalls.of("two"), LedgerCalls.of("three"));
		bytes[bytes.length / 2] ^= 1;
		Path dead = Files.createDirectories(this.folder.resolve("spool/1-dead-1"));
		Files.write(dead.resolve("1.calls"), bytes);
		recorder(SpoolSync.INTERVAL, SegmentFile::new).start();
		Conditions.await("the others are written", () -> this.store.size() == 2);
		Path aside = this.folder.resolve("spool/quarantine/1.calls.damaged");
		assertThat(Files.size(aside)).isEqualTo(bytes.length / 3);
		assertThat(output).contains("damaged", "quarantine");
	}

	@Test
	void putsAsideTheOneCallThatTheStoreDoesNotTake(CapturedOutput output) throws IOException {
		this.store.rejected = "bad";
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		for (int i = 0; i < 100; i++) {
			recorder.onCall(LedgerCalls.of((i == 37) ? "bad" : "good"));
		}
		recorder.start();
		Conditions.await("the others are written", () -> this.counts.status().written() == 99);
		assertThat(this.counts.status().failed()).isEqualTo(1);
		assertThat(this.counts.status().spooled()).isZero();
		assertThat(this.store.rows()).hasSize(99);
		assertThat(output).contains("does not take a call");
		// The documented way to try it again
		close(recorder);
		this.store.rejected = "";
		Path again = Files.createDirectories(this.folder.resolve("spool/again"));
		try (Stream<Path> files = Files.list(this.folder.resolve("spool/quarantine"))) {
			Files.move(files.findFirst().orElseThrow(), again.resolve("1.calls"));
		}
		recorder(SpoolSync.INTERVAL, SegmentFile::new).start();
		Conditions.await("it is written", () -> this.store.size() == 100);
	}

	@Test
	void aRowThatCannotEvenBePutAsideDoesNotHoldUpTheOthers(CapturedOutput output) throws Exception {
		this.store.rejected = "bad";
		Files.createDirectories(this.folder.resolve("spool"));
		Files.writeString(this.folder.resolve("spool/quarantine"), "no folder");
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		for (int i = 0; i < 100; i++) {
			recorder.onCall(LedgerCalls.of((i == 37) ? "bad" : "good"));
		}
		recorder.start();
		Conditions.await("the others are written", () -> this.counts.status().written() == 99);
		assertThat(this.counts.status().failed()).isEqualTo(1);
		assertThat(this.counts.status().spooled()).isZero();
		assertThat(output).contains("is lost, as it cannot be put aside");
	}

	@Test
	void goesOnInMemoryWhileTheDiskIsFull(CapturedOutput output) throws Exception {
		AtomicBoolean full = new AtomicBoolean(true);
		this.store.away = true;
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, (path) -> new FillableFile(path, full));
		recorder.start();
		Set<UUID> ids = record(recorder, 2, 2000);
		Conditions.await("all wait", () -> this.counts.status().spooled() == ids.size()
				&& this.counts.status().problems().stream().anyMatch((problem) -> problem.contains("kept in memory")));
		assertThat(this.counts.status().problems()).anySatisfy((problem) -> assertThat(problem)
			.contains("kept in memory", "No space left on device", this.folder.toString()));
		this.store.away = false;
		Conditions.await("all are in the store", () -> this.store.size() == ids.size());
		assertThat(this.counts.status().failed()).isZero();
		assertThat(output.toString().split("are kept in memory")).hasSize(2);
		assertThat(output).contains("token-counter.ledger.spool.directory");
		full.set(false);
		Conditions.await("it is well again", () -> {
			recorder.onCall(LedgerCalls.of("later"));
			return this.counts.status().problems().isEmpty();
		});
	}

	@Test
	void boundsMemoryWhereNeitherDiskNorStoreCanBeWritten(CapturedOutput output) throws Exception {
		this.store.away = true;
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL,
				(path) -> new FillableFile(path, new AtomicBoolean(true)));
		recorder.start();
		record(recorder, 1, 25_000);
		Conditions.await("all were looked at",
				() -> this.counts.status().spooled() + this.counts.status().failed() == 25_000);
		assertThat(this.counts.status().spooled()).isEqualTo(10_000);
		assertThat(output).contains("Calls are lost");
	}

	@Test
	void goesOnInMemoryWhereTheFolderCannotBeMade(CapturedOutput output) throws IOException {
		Files.writeString(this.folder.resolve("spool"), "no folder");
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		recorder.start();
		recorder.onCall(LedgerCalls.of("one"));
		Conditions.await("it is written", () -> this.store.size() == 1);
		assertThat(this.counts.status().problems()).hasSize(1);
		close(recorder);
		assertThat(output.toString().split(" WARN ")).hasSize(2);
		assertThat(output).contains("are kept in memory");
	}

	@Test
	void interruptedCallerDoesNoHarm() throws Exception {
		LedgerRecorder recorder = recorder(SpoolSync.ALWAYS, SegmentFile::new);
		recorder.start();
		Thread.currentThread().interrupt();
		recorder.onCall(LedgerCalls.of("one"));
		assertThat(Thread.interrupted()).isTrue();
		recorder.onCall(LedgerCalls.of("two"));
		Conditions.await("both are written", () -> this.store.size() == 2);
		assertThat(this.counts.status().problems()).isEmpty();
	}

	@Test
	void isOnTheDiskBeforeTheCallerGoesOnWithAlways() throws Exception {
		this.store.away = true;
		LedgerRecorder recorder = recorder(SpoolSync.ALWAYS, SegmentFile::new);
		recorder.start();
		for (int i = 1; i <= 10; i++) {
			recorder.onCall(LedgerCalls.of("call"));
			assertThat(rowsOnDisk()).isEqualTo(i);
		}
	}

	@Test
	void onlyTheOwnerCanReadTheFiles() throws IOException {
		LedgerRecorder recorder = recorder(SpoolSync.INTERVAL, SegmentFile::new);
		recorder.onCall(LedgerCalls.of("one"));
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.folder.resolve("spool"))))
			.isEqualTo("rwx------");
	}

	private LedgerRecorder recorder(SpoolSync sync, SegmentFile.Opener opener) {
		LedgerSettings settings = new LedgerSettings("shop", "host:1", this.folder.resolve("spool"), sync, null,
				Duration.ofMillis(10), Duration.ofHours(1), Duration.ofSeconds(1), Duration.ofSeconds(10));
		LedgerRecorder recorder = new LedgerRecorder(settings, this.store, this.counts, opener, Clock.systemUTC());
		this.recorders.add(recorder);
		return recorder;
	}

	private static void close(LedgerRecorder recorder) {
		if (recorder.isRunning()) {
			recorder.stop();
		}
		recorder.destroy();
	}

	private static Set<UUID> record(LedgerRecorder recorder, int threads, int calls) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<List<UUID>>> results = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				results.add(executor.submit(() -> {
					List<UUID> ids = new ArrayList<>();
					for (int n = 0; n < calls; n++) {
						TokenCall call = LedgerCalls.of("load");
						recorder.onCall(call);
						ids.add(call.id());
					}
					return ids;
				}));
			}
			Set<UUID> ids = new HashSet<>();
			for (Future<List<UUID>> result : results) {
				ids.addAll(result.get());
			}
			assertThat(ids).hasSize(threads * calls);
			return ids;
		}
		finally {
			executor.shutdown();
		}
	}

	private static byte[] bytes(TokenCall... calls) throws IOException {
		Frames frames = new Frames();
		for (LedgerRow row : LedgerCalls.rows(calls)) {
			frames.add(row);
		}
		return Arrays.copyOf(frames.bytes(), frames.size());
	}

	private int rowsOnDisk() throws IOException {
		List<LedgerRow> rows = new ArrayList<>();
		for (Path file : files()) {
			if (file.toString().endsWith(".calls")) {
				new SegmentReader(file, (path, bytes) -> {
				}).read(rows, 1000, Files.size(file));
			}
		}
		return rows.size();
	}

	private List<Path> files() throws IOException {
		try (Stream<Path> files = Files.walk(this.folder)) {
			return files.filter(Files::isRegularFile).toList();
		}
	}

	/**
	 * A file on a disk that is full, but for the first bytes that are written.
	 */
	private static final class FillableFile extends SegmentFile {

		private final AtomicBoolean full;

		FillableFile(Path path, AtomicBoolean full) throws IOException {
			super(path);
			this.full = full;
		}

		@Override
		void write(byte[] bytes, int length) throws IOException {
			if (this.full.get()) {
				super.write(bytes, Math.min(length, 100));
				throw new IOException("No space left on device");
			}
			super.write(bytes, length);
		}

	}

}
