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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The files of the spool: one is written, by whoever has the spool's lock, all are read,
 * by the thread that empties them.
 */
final class SpoolFiles {

	private final FaultLog faults = new FaultLog(LogFactory.getLog(SpoolFiles.class));

	private final Path base;

	private final SegmentFile.Opener opener;

	private @Nullable SpoolDirectory directory;

	private volatile @Nullable SegmentFile written;

	private volatile boolean dirty;

	// Files that are complete, in the order that they are read in
	private final List<Path> complete = new ArrayList<>();

	private final Map<Path, SegmentReader> readers = new HashMap<>();

	SpoolFiles(Path base, SegmentFile.Opener opener) {
		this.base = base;
		this.opener = opener;
	}

	Path base() {
		return this.base;
	}

	/**
	 * Append bytes to the present file.
	 */
	void append(byte[] bytes, int length, long maxSize) throws IOException {
		SegmentFile segment = this.written;
		if (segment == null || segment.size() >= maxSize) {
			segment = roll();
		}
		segment.append(bytes, length);
		this.dirty = true;
	}

	private SegmentFile roll() throws IOException {
		SegmentFile segment = this.opener.open(directory().newSegment());
		completeSegment();
		this.written = segment;
		return segment;
	}

	private synchronized void completeSegment() throws IOException {
		SegmentFile segment = this.written;
		if (segment != null) {
			this.written = null;
			this.complete.add(segment.path());
			try (segment) {
				segment.sync();
			}
		}
	}

	/**
	 * Go on with another file next time, as this one could not be written.
	 */
	void abandonSegment() {
		try {
			completeSegment();
		}
		catch (IOException ex) {
			this.faults.log("A file of the ledger could not be closed", ex);
		}
	}

	void sync() throws IOException {
		if (this.dirty) {
			this.dirty = false;
			SegmentFile segment = this.written;
			if (segment != null) {
				segment.sync();
			}
		}
	}

	private synchronized SpoolDirectory directory() throws IOException {
		if (this.directory == null) {
			this.directory = SpoolDirectory.open(this.base);
		}
		return this.directory;
	}

	void open() throws IOException {
		directory();
	}

	private synchronized boolean isOpen() {
		return this.directory != null;
	}

	/**
	 * Take over what instances have left that are gone.
	 * @return the number of rows that came in
	 */
	long adopt() throws IOException {
		if (!isOpen()) {
			return 0;
		}
		long rows = 0;
		for (Path segment : directory().adopt()) {
			rows += count(segment);
			synchronized (this) {
				this.complete.add(segment);
			}
		}
		return rows;
	}

	private static long count(Path segment) throws IOException {
		SegmentReader reader = new SegmentReader(segment, (path, bytes) -> {
		});
		long count = 0;
		long size = Files.size(segment);
		List<LedgerRow> rows = new ArrayList<>();
		while (reader.position() < size) {
			reader.read(rows, 1000, size);
			count += rows.size();
			rows.clear();
		}
		return count;
	}

	/**
	 * Read the next rows. A file is deleted by the call after the one that has read the
	 * last of its rows, when those are in the store.
	 */
	List<LedgerRow> next(int max) throws IOException {
		List<LedgerRow> rows = new ArrayList<>();
		while (rows.isEmpty()) {
			SegmentFile written = this.written;
			SegmentReader reader = reader(written);
			if (reader == null) {
				break;
			}
			SegmentFile present = (written != null && written.path().equals(reader.path())) ? written : null;
			long size = (present != null) ? present.size() : Files.size(reader.path());
			reader.read(rows, max, size);
			if (rows.isEmpty() && present != null) {
				break;
			}
			if (rows.isEmpty()) {
				delete(reader.path());
			}
		}
		return rows;
	}

	/**
	 * Return a reader of the next complete file, else of the one that is written.
	 */
	private synchronized @Nullable SegmentReader reader(@Nullable SegmentFile written) {
		if (!this.complete.isEmpty()) {
			return reader(this.complete.get(0));
		}
		return (written != null) ? reader(written.path()) : null;
	}

	private SegmentReader reader(Path path) {
		return this.readers.computeIfAbsent(path, (key) -> new SegmentReader(key, this::damaged));
	}

	private synchronized void delete(Path path) throws IOException {
		Files.deleteIfExists(path);
		this.complete.remove(path);
		this.readers.remove(path);
	}

	private void damaged(Path segment, byte[] bytes) {
		this.faults.log("Part of a file of the ledger is damaged, and was put aside into "
				+ this.base.resolve(SpoolDirectory.QUARANTINE), null);
		try {
			directory().quarantine(segment.getFileName() + ".damaged", bytes, bytes.length);
		}
		catch (IOException ex) {
			this.faults.log("Damaged bytes of the ledger could not be put aside", ex);
		}
	}

	/**
	 * Put aside a row that the store does not take.
	 */
	void reject(LedgerRow row) throws IOException {
		Frames frames = new Frames();
		frames.add(row);
		directory().reject(frames.bytes(), frames.size());
	}

	/**
	 * Have no file at all where there is nothing to write, so that little is read again
	 * after a crash.
	 */
	void completeIfRead(Duration age) {
		SegmentFile segment = this.written;
		if (segment != null && isReadToEnd(segment) && segment.age().compareTo(age) > 0) {
			abandonSegment();
		}
	}

	private synchronized boolean isReadToEnd(SegmentFile segment) {
		SegmentReader reader = this.readers.get(segment.path());
		return this.complete.isEmpty() && reader != null && reader.position() == segment.size();
	}

	/**
	 * Let the files go.
	 * @param written whether the rows that were read are in the store
	 */
	synchronized void close(boolean written) throws IOException {
		SegmentFile segment = this.written;
		boolean empty = written && segment != null && isReadToEnd(segment);
		completeSegment();
		if (empty && segment != null) {
			delete(segment.path());
		}
		if (this.directory != null) {
			this.directory.close();
			this.directory = null;
		}
		this.complete.clear();
		this.readers.clear();
	}

}
