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

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.CRC32C;

/**
 * Rows one after the other, each as a mark, its length, a checksum and its bytes. After
 * damage, the next mark with a right checksum is where reading goes on.
 */
final class Frames {

	/**
	 * Number of bytes of a row at the most.
	 */
	static final int MAX_ROW = 1 << 20;

	static final int HEADER = 10;

	private static final int MARK = 0x54B1;

	private final Buffer buffer = new Buffer();

	private final DataOutputStream out = new DataOutputStream(this.buffer);

	/**
	 * Add a row to the bytes, or nothing of it if it fails.
	 */
	void add(LedgerRow row) throws IOException {
		int start = this.buffer.size();
		try {
			this.out.write(new byte[HEADER]);
			RowCodec.write(row, this.out);
			int length = this.buffer.size() - start - HEADER;
			if (length > MAX_ROW) {
				throw new IOException("Row of %d bytes is too large".formatted(length));
			}
			this.buffer.header(start, length);
		}
		catch (IOException | RuntimeException ex) {
			this.buffer.cut(start);
			throw ex;
		}
	}

	byte[] bytes() {
		return this.buffer.array();
	}

	int size() {
		return this.buffer.size();
	}

	void clear() {
		this.buffer.clear();
	}

	/**
	 * Return the length of the row whose frame starts at a position.
	 * @return its bytes, -1 if there is no whole row
	 */
	static int rowAt(byte[] bytes, int position, int end) {
		if (end - position < HEADER || (readInt(bytes, position) >>> 16) != MARK) {
			return -1;
		}
		int length = readInt(bytes, position + 2);
		if (length < 0 || length > MAX_ROW || length > end - position - HEADER) {
			return -1;
		}
		return (readInt(bytes, position + 6) == checksum(bytes, position, length)) ? length : -1;
	}

	private static int checksum(byte[] bytes, int position, int length) {
		CRC32C crc = new CRC32C();
		crc.update(bytes, position + 2, 4);
		crc.update(bytes, position + HEADER, length);
		return (int) crc.getValue();
	}

	private static int readInt(byte[] bytes, int position) {
		return (bytes[position] & 0xFF) << 24 | (bytes[position + 1] & 0xFF) << 16 | (bytes[position + 2] & 0xFF) << 8
				| bytes[position + 3] & 0xFF;
	}

	private static void writeInt(byte[] bytes, int position, int value) {
		bytes[position] = (byte) (value >>> 24);
		bytes[position + 1] = (byte) (value >>> 16);
		bytes[position + 2] = (byte) (value >>> 8);
		bytes[position + 3] = (byte) value;
	}

	/**
	 * A buffer whose bytes can be changed and need not be copied.
	 */
	private static final class Buffer extends ByteArrayOutputStream {

		private static final int KEPT = 1 << 20;

		Buffer() {
			super(8192);
		}

		byte[] array() {
			return this.buf;
		}

		void cut(int size) {
			this.count = size;
		}

		void clear() {
			this.count = 0;
			if (this.buf.length > KEPT) {
				this.buf = new byte[8192];
			}
		}

		void header(int position, int length) {
			this.buf[position] = (byte) (MARK >>> 8);
			this.buf[position + 1] = (byte) MARK;
			writeInt(this.buf, position + 2, length);
			writeInt(this.buf, position + 6, checksum(this.buf, position, length));
		}

	}

}
