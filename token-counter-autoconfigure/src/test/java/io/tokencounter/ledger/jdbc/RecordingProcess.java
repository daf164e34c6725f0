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

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import io.tokencounter.TokenCall;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.LedgerCounts;
import io.tokencounter.ledger.LedgerRecorder;
import io.tokencounter.ledger.LedgerSettings;
import io.tokencounter.ledger.SpoolSync;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * An application that records calls until it is killed. It says of each when its answer
 * had arrived, and when it was recorded.
 */
public final class RecordingProcess {

	static final String ANSWERED = "answered ";

	static final String RECORDED = "recorded ";

	private RecordingProcess() {
	}

	public static void main(String[] arguments) {
		// Not buffered, so that nothing of it is lost with the process
		FileOutputStream out = new FileOutputStream(FileDescriptor.out);
		LedgerRecorder recorder = recorder(arguments[0], Path.of(arguments[1]), SpoolSync.valueOf(arguments[2]),
				new LedgerCounts());
		recorder.start();
		for (int i = 0; i < 3; i++) {
			new Thread(() -> record(recorder, out)).start();
		}
	}

	private static void record(LedgerRecorder recorder, FileOutputStream out) {
		while (true) {
			TokenCall call = LedgerCalls.of("load", Instant.now());
			say(ANSWERED, call, out);
			recorder.onCall(call);
			say(RECORDED, call, out);
			LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
		}
	}

	private static void say(String what, TokenCall call, FileOutputStream out) {
		try {
			out.write((what + call.id() + " " + System.currentTimeMillis() + "\n").getBytes(StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static LedgerRecorder recorder(String url, Path folder, SpoolSync sync, LedgerCounts counts) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(url);
		JdbcLedgerStore store = new JdbcLedgerStore(dataSource, new LedgerTables("token_"), List.of());
		LedgerSettings settings = new LedgerSettings("crash", "crash:" + ProcessHandle.current().pid(), folder, sync,
				null, Duration.ofMillis(20), Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofSeconds(10));
		return new LedgerRecorder(settings, store, counts);
	}

}
