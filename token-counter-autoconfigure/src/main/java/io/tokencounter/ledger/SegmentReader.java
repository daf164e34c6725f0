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
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Reads the rows of one file. What is no row is passed on and skipped.
 */
final class SegmentReader {

	private static final int MAX_CHUNK = 8 * Frames.MAX_ROW;

	private final Path path;

	private final BiConsumer<Path, byte[]> damaged;

	private byte[] bytes = new byte[0];

	// Where the bytes are in the file, and where in them to go on
	private long start;

	private int next;

	/**
	 * Create a reader.
	 * @param path the file
	 * @param damaged told of bytes that are no row
	 */
	SegmentReader(Path path, BiConsumer<Path, byte[]> damaged) {
		this.path = path;
		this.damaged = damaged;
	}

	Path path() {
		return this.path;
	}

	/**
	 * Return up to where the file has been read.
	 */
	long position() {
		return this.start + this.next;
	}

	/**
	 * Read further rows.
	 * @param rows where to put them
	 * @param max number of rows to have at the most
	 * @param size up to where the file can be read
	 */
	void read(List<LedgerRow> rows, int max, long size) throws IOException {
		while (rows.size() < max && position() < size) {
			if (!readFrom(this.next, rows) && !fill(size)) {
				skipDamage(size);
			}
		}
	}

	private boolean readFrom(int position, List<LedgerRow> rows) {
		int length = Frames.rowAt(this.bytes, position, this.bytes.length);
		if (length < 0) {
			return false;
		}
		int row = position + Frames.HEADER;
		try {
			rows.add(RowCodec.read(this.bytes, row, length));
		}
		catch (IOException | RuntimeException ex) {
			// Of another version, so it is whole but not for us
			this.damaged.accept(this.path, copy(position, row + length));
		}
		this.next = row + length;
		return true;
	}

	/**
	 * Read more bytes.
	 * @return whether there were any
	 */
	private boolean fill(long size) throws IOException {
		long position = position();
		long available = this.start + this.bytes.length;
		long wanted = Math.min(size, position + MAX_CHUNK);
		if (wanted <= available) {
			return false;
		}
		byte[] read = new byte[(int) (wanted - position)];
		try (RandomAccessFile file = new RandomAccessFile(this.path.toFile(), "r")) {
			file.seek(position);
			file.readFully(read);
		}
		this.bytes = read;
		this.start = position;
		this.next = 0;
		return true;
	}

	private void skipDamage(long size) {
		int end = this.bytes.length;
		int position = this.next + 1;
		while (position < end && Frames.rowAt(this.bytes, position, end) < 0) {
			position++;
		}
		if (position == end && this.start + end < size) {
			// A row may begin here that ends in bytes that are not read yet
			position = Math.max(this.next + 1, end - Frames.MAX_ROW - Frames.HEADER);
		}
		this.damaged.accept(this.path, copy(this.next, position));
		this.next = position;
	}

	private byte[] copy(int from, int to) {
		return Arrays.copyOfRange(this.bytes, from, to);
	}

}
