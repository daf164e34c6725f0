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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

import io.tokencounter.TokenCall;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link SegmentReader}, {@link Frames} and {@link RowCodec}.
 */
class SegmentReaderTests {

	private static final List<LedgerRow> ROWS = LedgerCalls.rows(LedgerCalls.full(), LedgerCalls.empty(),
			LedgerCalls.full());

	private final ByteArrayOutputStream damaged = new ByteArrayOutputStream();

	private final List<Integer> ends = new ArrayList<>();

	private byte[] bytes = {};

	@TempDir
	private Path folder;

	@BeforeEach
	void writeRows() throws IOException {
		Frames frames = new Frames();
		for (LedgerRow row : ROWS) {
			frames.add(row);
			this.ends.add(frames.size());
		}
		this.bytes = Arrays.copyOf(frames.bytes(), frames.size());
	}

	@Test
	void readsWhatWasWritten() throws IOException {
		List<LedgerRow> rows = read(this.bytes, 100);
		assertThat(rows).usingRecursiveComparison().isEqualTo(ROWS);
		assertThat(this.damaged.size()).isZero();
	}

	@Test
	void readsInParts() throws IOException {
		Path file = Files.write(this.folder.resolve("parts"), this.bytes);
		SegmentReader reader = new SegmentReader(file, this::damaged);
		List<LedgerRow> rows = new ArrayList<>();
		reader.read(rows, 1, this.ends.get(0));
		assertThat(rows).hasSize(1);
		reader.read(rows, 100, this.ends.get(0));
		assertThat(rows).hasSize(1);
		reader.read(rows, 2, this.bytes.length);
		assertThat(rows).hasSize(2);
		reader.read(rows, 100, this.bytes.length);
		assertThat(LedgerCalls.ids(rows)).isEqualTo(LedgerCalls.ids(ROWS));
		assertThat(reader.position()).isEqualTo(this.bytes.length);
	}

	@Test
	void readsWholeRowsOfFileThatWasCutAnywhere() throws IOException {
		for (int length = 0; length < this.bytes.length; length++) {
			int end = length;
			List<Integer> whole = this.ends.stream().filter((rowEnd) -> rowEnd <= end).toList();
			List<LedgerRow> rows = read(Arrays.copyOf(this.bytes, length), 100);
			assertThat(LedgerCalls.ids(rows)).as("cut at " + length)
				.isEqualTo(LedgerCalls.ids(ROWS.subList(0, whole.size())));
			int rest = whole.isEmpty() ? 0 : whole.get(whole.size() - 1);
			assertThat(this.damaged.toByteArray()).as("cut at " + length)
				.isEqualTo(Arrays.copyOfRange(this.bytes, rest, length));
		}
	}

	@Test
	void losesNoOtherRowToFlippedBit() throws IOException {
		List<UUID> ids = LedgerCalls.ids(ROWS);
		// All bits of the heads, and one of each other byte
		for (int bit = 0; bit < this.bytes.length * 8; bit += isInHead(bit / 8) ? 1 : 7) {
			byte[] flipped = this.bytes.clone();
			flipped[bit / 8] ^= (byte) (1 << bit % 8);
			int position = bit / 8;
			int hit = (int) this.ends.stream().filter((end) -> end <= position).count();
			List<UUID> others = new ArrayList<>(ids);
			others.remove(hit);
			assertThat(LedgerCalls.ids(read(flipped, 100))).as("bit " + bit).isEqualTo(others);
			int start = (hit > 0) ? this.ends.get(hit - 1) : 0;
			assertThat(this.damaged.toByteArray()).as("bit " + bit)
				.isEqualTo(Arrays.copyOfRange(flipped, start, this.ends.get(hit)));
		}
	}

	@Test
	void findsRowsBehindGarbageThatIsLargerThanItsBuffer() throws IOException {
		byte[] garbage = new byte[9 * Frames.MAX_ROW + 5];
		Arrays.fill(garbage, (byte) 0x54);
		ByteArrayOutputStream content = new ByteArrayOutputStream();
		content.writeBytes(this.bytes);
		content.writeBytes(garbage);
		content.writeBytes(this.bytes);
		assertThat(read(content.toByteArray(), 100)).hasSize(6);
		assertThat(this.damaged.toByteArray()).isEqualTo(garbage);
	}

	@Test
	void setsRowOfLaterVersionAside() throws IOException {
		byte[] later = new byte[this.ends.get(0)];
		Frames frames = new Frames();
		frames.add(ROWS.get(0));
		System.arraycopy(frames.bytes(), 0, later, 0, later.length);
		later[Frames.HEADER] = 99;
		CRC32C checksum = new CRC32C();
		checksum.update(later, 2, 4);
		checksum.update(later, Frames.HEADER, later.length - Frames.HEADER);
		ByteBuffer.wrap(later).putInt(6, (int) checksum.getValue());
		assertThat(read(later, 100)).isEmpty();
		assertThat(this.damaged.toByteArray()).isEqualTo(later);
	}

	@Test
	void writesNothingOfRowThatIsTooLarge() throws IOException {
		TokenCall.Builder call = TestCalls.copyOf(LedgerCalls.full());
		Map<String, String> tags = new HashMap<>();
		for (int i = 0; i < 5000; i++) {
			tags.put("k" + i, "v".repeat(256));
		}
		Frames frames = new Frames();
		frames.add(ROWS.get(0));
		int size = frames.size();
		assertThatIOException().isThrownBy(() -> frames.add(LedgerCalls.rows(call.tags(tags).build()).get(0)));
		assertThat(frames.size()).isEqualTo(size);
	}

	private boolean isInHead(int position) {
		return position < Frames.HEADER
				|| this.ends.stream().anyMatch((end) -> position >= end && position < end + Frames.HEADER);
	}

	private List<LedgerRow> read(byte[] content, int max) throws IOException {
		this.damaged.reset();
		Path file = Files.write(this.folder.resolve("segment"), content);
		SegmentReader reader = new SegmentReader(file, this::damaged);
		List<LedgerRow> rows = new ArrayList<>();
		reader.read(rows, max, content.length);
		return rows;
	}

	private void damaged(Path file, byte[] bytes) {
		this.damaged.writeBytes(bytes);
	}

}
