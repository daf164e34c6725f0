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

package io.tokencounter.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the few members of an answer that tell its usage, in JSON or in the JSON of
 * server-sent events, as its bytes pass in pieces of any size.
 * <p>
 * Only members of the outermost object are looked at, and those of its {@code message},
 * which is where Anthropic's streams start. The text of an answer is inside a string
 * further in, so whatever it looks like, it is not found. Nothing is allocated but for
 * what is found.
 */
final class UsageScanner {

	/**
	 * Longer values are none of those that are looked for.
	 */
	static final int MAX_LENGTH = 8 * 1024;

	private static final int MAX_KEY_LENGTH = "service_tier".length();

	// What a byte may mean outside of strings and in them

	private static final boolean[] ENDS_TEXT = tableOf("\"\\\n\r");

	private static final boolean[] STRUCTURE = tableOf("\"{}[]\n\r");

	private final WireAnswer answer;

	private final boolean lines;

	private State state = State.LINE_START;

	private boolean inMessage;

	private boolean keyExpected;

	private Member member = Member.OTHER;

	private int depth;

	private boolean escaped;

	private final byte[] key = new byte[MAX_KEY_LENGTH];

	private int keyLength;

	private boolean capturing;

	private byte[] captured = new byte[512];

	private int capturedLength;

	/**
	 * Create a scanner.
	 * @param answer is told what is found
	 * @param lines whether no object goes on after the end of a line, as in server-sent
	 * events
	 */
	UsageScanner(WireAnswer answer, boolean lines) {
		this.answer = answer;
		this.lines = lines;
	}

	/**
	 * Look at the next bytes.
	 * @param data an array that has them
	 * @param from the index of the first one
	 * @param to the index after the last one
	 */
	void scan(byte[] data, int from, int to) {
		if (this.state == State.LINE_START && this.lines && data[to - 1] == '\n' && this.answer.isNamed()
				&& !UsageFilter.mayTell(data, from, to)) {
			return;
		}
		int i = from;
		while (i < to) {
			i = switch (this.state) {
				case LINE_START -> lineStart(data, i);
				case IGNORED_LINE -> ignoredLine(data, i, to);
				case OUTSIDE -> outside(data, i, to);
				case OBJECT -> object(data, i, to);
				case KEY, TEXT, NESTED_TEXT -> text(data, i, to);
				case NESTED -> nested(data, i, to);
			};
		}
	}

	private int lineStart(byte[] data, int i) {
		this.state = (data[i] == ':') ? State.IGNORED_LINE : State.OUTSIDE;
		return i;
	}

	private int ignoredLine(byte[] data, int from, int to) {
		for (int i = from; i < to; i++) {
			if (data[i] == '\n' || data[i] == '\r') {
				return lineEnded(i);
			}
		}
		return to;
	}

	private int outside(byte[] data, int from, int to) {
		for (int i = from; i < to; i++) {
			byte next = data[i];
			if (next == '{') {
				this.state = State.OBJECT;
				memberExpected();
				return i + 1;
			}
			if (next == '\n' || next == '\r') {
				return lineEnded(i);
			}
		}
		return to;
	}

	private int object(byte[] data, int from, int to) {
		for (int i = from; i < to; i++) {
			switch (data[i]) {
				case '"' -> {
					return textStarted(i);
				}
				case ':' -> {
					this.keyExpected = false;
				}
				case ',' -> memberExpected();
				case '{', '[' -> {
					if (!messageStarted(data[i])) {
						return nestedStarted(data, i);
					}
				}
				case '}' -> {
					if (!this.inMessage) {
						this.state = State.OUTSIDE;
						return i + 1;
					}
					this.inMessage = false;
				}
				case '\n', '\r' -> {
					if (this.lines) {
						return lineEnded(i);
					}
				}
				default -> {
					// White space, or a number, true, false or null, of which none counts
				}
			}
		}
		return to;
	}

	private void memberExpected() {
		this.keyExpected = true;
		this.member = Member.OTHER;
	}

	private boolean messageStarted(byte bracket) {
		if (bracket != '{' || this.member != Member.MESSAGE || this.inMessage) {
			return false;
		}
		this.inMessage = true;
		memberExpected();
		return true;
	}

	private int textStarted(int i) {
		if (this.keyExpected) {
			this.state = State.KEY;
			this.keyLength = 0;
		}
		else {
			this.state = State.TEXT;
			capture(this.member.text && !this.answer.knows(this.member));
		}
		return i + 1;
	}

	private int nestedStarted(byte[] data, int i) {
		this.state = State.NESTED;
		this.depth = 0;
		capture(this.member == Member.USAGE && data[i] == '{');
		return i;
	}

	/**
	 * Inside a string: the name of a member, a value, or one further in.
	 */
	private int text(byte[] data, int from, int to) {
		int i = from;
		if (this.escaped) {
			this.escaped = false;
			i++;
		}
		while (i < to && !(data[i] >= 0 && ENDS_TEXT[data[i]])) {
			i++;
		}
		if (i < to && data[i] == '"') {
			keep(data, from, (this.state == State.NESTED_TEXT) ? i + 1 : i);
			textEnded();
			return i + 1;
		}
		int kept = (i < to) ? i + 1 : to;
		keep(data, from, kept);
		if (i < to && data[i] == '\\') {
			this.escaped = true;
			// Names with escapes are left to who can read them
			this.capturing &= (this.state == State.NESTED_TEXT);
		}
		else if (i < to && this.lines) {
			return lineEnded(i);
		}
		return kept;
	}

	private void textEnded() {
		switch (this.state) {
			case KEY -> {
				this.member = Member.of(this.key, this.keyLength);
				this.state = State.OBJECT;
			}
			case TEXT -> {
				if (this.capturing) {
					this.answer.found(this.member,
							new String(this.captured, 0, this.capturedLength, StandardCharsets.UTF_8));
				}
				this.state = State.OBJECT;
			}
			default -> {
				this.state = State.NESTED;
			}
		}
	}

	private int nested(byte[] data, int from, int to) {
		for (int i = from; i < to; i++) {
			byte next = data[i];
			if (next < 0 || !STRUCTURE[next]) {
				continue;
			}
			switch (next) {
				case '"' -> {
					keep(data, from, i + 1);
					this.state = State.NESTED_TEXT;
					return i + 1;
				}
				case '{', '[' -> this.depth++;
				case '}', ']' -> {
					if (--this.depth == 0) {
						keep(data, from, i + 1);
						nestedEnded();
						return i + 1;
					}
				}
				default -> {
					if (this.lines) {
						return lineEnded(i);
					}
				}
			}
		}
		keep(data, from, to);
		return to;
	}

	private void nestedEnded() {
		this.state = State.OBJECT;
		if (this.capturing && tellsNumber()) {
			this.answer.foundUsage(Arrays.copyOf(this.captured, this.capturedLength), this.inMessage);
		}
	}

	/**
	 * Some servers send zeros before or after what they have to say.
	 */
	private boolean tellsNumber() {
		for (int i = 0; i < this.capturedLength; i++) {
			if (this.captured[i] > '0' && this.captured[i] <= '9') {
				return true;
			}
		}
		return false;
	}

	private int lineEnded(int i) {
		this.state = State.LINE_START;
		this.inMessage = false;
		this.escaped = false;
		return i + 1;
	}

	private void capture(boolean capture) {
		this.capturing = capture;
		this.capturedLength = 0;
	}

	private void keep(byte[] data, int from, int to) {
		int length = to - from;
		if (this.state == State.KEY) {
			if (length <= MAX_KEY_LENGTH - this.keyLength) {
				System.arraycopy(data, from, this.key, this.keyLength, length);
				this.keyLength += length;
			}
			else {
				// None of those that are looked for, whatever follows
				this.keyLength = MAX_KEY_LENGTH + 1;
			}
		}
		else if (this.capturing) {
			int needed = this.capturedLength + length;
			if (needed > MAX_LENGTH) {
				this.capturing = false;
				return;
			}
			if (needed > this.captured.length) {
				this.captured = Arrays.copyOf(this.captured, Math.max(needed, this.captured.length * 2));
			}
			System.arraycopy(data, from, this.captured, this.capturedLength, length);
			this.capturedLength = needed;
		}
	}

	private static boolean[] tableOf(String characters) {
		boolean[] table = new boolean[128];
		for (char character : characters.toCharArray()) {
			table[character] = true;
		}
		return table;
	}

	private enum State {

		LINE_START, IGNORED_LINE, OUTSIDE, OBJECT, KEY, TEXT, NESTED, NESTED_TEXT

	}

	/**
	 * What is looked for.
	 */
	enum Member {

		ID("id", true), MODEL("model", true), SERVICE_TIER("service_tier", true), USAGE("usage", false),
		MESSAGE("message", false), OTHER("", false);

		private final byte[] key;

		private final boolean text;

		Member(String key, boolean text) {
			this.key = key.getBytes(StandardCharsets.US_ASCII);
			this.text = text;
		}

		private static final Member[] ALL = values();

		static Member of(byte[] key, int length) {
			for (Member member : ALL) {
				if (member.key.length == length && Arrays.equals(member.key, 0, length, key, 0, length)) {
					return member;
				}
			}
			return OTHER;
		}

	}

}
