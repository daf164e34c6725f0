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

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;

/**
 * File that rows are appended to. It is no {@code FileChannel}, as the interrupt of a
 * caller would close that for all.
 */
class SegmentFile implements Closeable {

	private final Path path;

	private final RandomAccessFile file;

	private final long openedAt = System.nanoTime();

	private volatile long size;

	SegmentFile(Path path) throws IOException {
		this.path = path;
		this.file = new RandomAccessFile(path.toFile(), "rw");
	}

	Path path() {
		return this.path;
	}

	/**
	 * Return up to where the file has whole rows.
	 */
	long size() {
		return this.size;
	}

	Duration age() {
		return Duration.ofNanos(System.nanoTime() - this.openedAt);
	}

	/**
	 * Append all bytes, or none.
	 */
	void append(byte[] bytes, int length) throws IOException {
		try {
			write(bytes, length);
		}
		catch (IOException ex) {
			this.file.setLength(this.size);
			this.file.seek(this.size);
			throw ex;
		}
		this.size += length;
	}

	void write(byte[] bytes, int length) throws IOException {
		this.file.write(bytes, 0, length);
	}

	void sync() throws IOException {
		this.file.getFD().sync();
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

	/**
	 * Opens new files.
	 */
	@FunctionalInterface
	interface Opener {

		SegmentFile open(Path path) throws IOException;

	}

}
