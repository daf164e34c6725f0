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

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as bytes and reads them again. The first byte is the version of the format,
 * so that files of an older version can still be read after an upgrade.
 */
final class RowCodec {

	private static final byte VERSION = 1;

	private static final CallOutcome[] OUTCOMES = CallOutcome.values();

	private RowCodec() {
	}

	static void write(LedgerRow row, DataOutputStream out) throws IOException {
		TokenCall call = row.call();
		out.writeByte(VERSION);
		out.writeLong(call.id().getMostSignificantBits());
		out.writeLong(call.id().getLeastSignificantBits());
		out.writeUTF(row.application());
		out.writeUTF(row.instance());
		out.writeUTF(call.operation());
		out.writeUTF(call.provider());
		writeNullable(call.requestModel(), out);
		writeNullable(call.responseModel(), out);
		writeNullable(call.responseId(), out);
		writeUsage(call.usage(), out);
		writeCost(call.cost(), out);
		out.writeByte(call.outcome().ordinal());
		out.writeBoolean(call.streaming());
		out.writeLong(call.startedAt().getEpochSecond());
		out.writeInt(call.startedAt().getNano());
		writeDuration(call.duration(), out);
		writeDuration(call.timeToFirstToken(), out);
		writeDuration(call.generationTime(), out);
		out.writeUTF(call.feature());
		out.writeInt(call.tags().size());
		for (Map.Entry<String, String> tag : call.tags().entrySet()) {
			out.writeUTF(tag.getKey());
			out.writeUTF(tag.getValue());
		}
		writeNullable(call.modelBean(), out);
	}

	static LedgerRow read(byte[] bytes, int offset, int length) throws IOException {
		DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, offset, length));
		byte version = in.readByte();
		if (version != VERSION) {
			throw new IOException("Row of the unknown version " + version);
		}
		UUID id = new UUID(in.readLong(), in.readLong());
		String application = in.readUTF();
		String instance = in.readUTF();
		TokenCall call = TokenCall.builder(in.readUTF(), in.readUTF())
			.id(id)
			.requestModel(readNullable(in))
			.responseModel(readNullable(in))
			.responseId(readNullable(in))
			.usage(new TokenUsage(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong(),
					in.readBoolean()))
			.cost(readCost(in))
			.outcome(OUTCOMES[in.readByte()])
			.streaming(in.readBoolean())
			.startedAt(Instant.ofEpochSecond(in.readLong(), in.readInt()))
			.duration(Duration.ofNanos(in.readLong()))
			.timeToFirstToken(readDuration(in))
			.generationTime(readDuration(in))
			.feature(in.readUTF())
			.tags(readTags(in))
			.modelBean(readNullable(in))
			.build();
		return new LedgerRow(call, application, instance);
	}

	private static void writeUsage(TokenUsage usage, DataOutput out) throws IOException {
		out.writeLong(usage.input());
		out.writeLong(usage.output());
		out.writeLong(usage.cacheRead());
		out.writeLong(usage.cacheWrite());
		out.writeLong(usage.reasoning());
		out.writeBoolean(usage.reported());
	}

	private static void writeCost(@Nullable TokenCost cost, DataOutput out) throws IOException {
		writeNullable((cost != null) ? cost.currency() : null, out);
		if (cost != null) {
			byte[] unscaled = cost.amount().unscaledValue().toByteArray();
			out.writeInt(cost.amount().scale());
			out.writeShort(unscaled.length);
			out.write(unscaled);
		}
	}

	private static @Nullable TokenCost readCost(DataInputStream in) throws IOException {
		String currency = readNullable(in);
		if (currency == null) {
			return null;
		}
		int scale = in.readInt();
		byte[] unscaled = new byte[in.readUnsignedShort()];
		in.readFully(unscaled);
		return new TokenCost(new BigDecimal(new BigInteger(unscaled), scale), currency);
	}

	private static void writeDuration(@Nullable Duration duration, DataOutput out) throws IOException {
		out.writeLong((duration != null) ? duration.toNanos() : -1);
	}

	private static @Nullable Duration readDuration(DataInputStream in) throws IOException {
		long nanos = in.readLong();
		return (nanos >= 0) ? Duration.ofNanos(nanos) : null;
	}

	private static Map<String, String> readTags(DataInputStream in) throws IOException {
		Map<String, String> tags = new HashMap<>();
		for (int i = in.readInt(); i > 0; i--) {
			tags.put(in.readUTF(), in.readUTF());
		}
		return tags;
	}

	private static void writeNullable(@Nullable String text, DataOutput out) throws IOException {
		out.writeBoolean(text != null);
		if (text != null) {
			out.writeUTF(text);
		}
	}

	private static @Nullable String readNullable(DataInputStream in) throws IOException {
		return in.readBoolean() ? in.readUTF() : null;
	}

}
