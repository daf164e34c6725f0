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

	private final WireAnswer answer;

	private final boolean lines;

	private State state = State.LINE_START;

	private boolean inMessage;

	private boolean keyExpected;

	private WireMember member = WireMember.OTHER;

	private int depth;

	private boolean escaped;

	private final MemberName name = new MemberName();

	private final CapturedValue value = new CapturedValue();

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
				case IGNORED_LINE, OUTSIDE -> outside(data, i, to);
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

	private int outside(byte[] data, int from, int to) {
		for (int i = from; i < to; i++) {
			byte next = data[i];
			if (next == '{' && this.state == State.OUTSIDE) {
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
					if (this.inMessage || this.member != WireMember.MESSAGE || data[i] != '{') {
						return nestedStarted(data, i);
					}
					this.inMessage = true;
					memberExpected();
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
		this.member = WireMember.OTHER;
	}

	private int textStarted(int i) {
		if (this.keyExpected) {
			this.state = State.KEY;
			this.name.start();
		}
		else {
			this.state = State.TEXT;
			this.value.start(this.member.isText() && !this.answer.knows(this.member));
		}
		return i + 1;
	}

	private int nestedStarted(byte[] data, int i) {
		this.state = State.NESTED;
		this.depth = 0;
		this.value.start(this.member == WireMember.USAGE && data[i] == '{');
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
		while (i < to && !mayEndText(data[i])) {
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
			if (this.state != State.NESTED_TEXT) {
				this.value.giveUp();
			}
		}
		else if (i < to && this.lines) {
			return lineEnded(i);
		}
		return kept;
	}

	private void textEnded() {
		if (this.state == State.NESTED_TEXT) {
			this.state = State.NESTED;
			return;
		}
		if (this.state == State.KEY) {
			this.member = this.name.member();
		}
		else if (this.value.isWhole()) {
			this.answer.found(this.member, this.value.text());
		}
		this.state = State.OBJECT;
	}

	private int nested(byte[] data, int from, int to) {
		for (int i = from; i < to; i++) {
			switch (data[i]) {
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
				case '\n', '\r' -> {
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
		if (this.value.isWhole() && this.value.tellsNumber()) {
			this.answer.foundUsage(this.value.bytes(), this.inMessage);
		}
	}

	private int lineEnded(int i) {
		this.state = State.LINE_START;
		this.inMessage = false;
		this.escaped = false;
		return i + 1;
	}

	private void keep(byte[] data, int from, int to) {
		if (this.state == State.KEY) {
			this.name.add(data, from, to);
		}
		else {
			this.value.add(data, from, to);
		}
	}

	private static boolean mayEndText(byte next) {
		return next == '"' || next == '\\' || next == '\n' || next == '\r';
	}

	private enum State {

		LINE_START, IGNORED_LINE, OUTSIDE, OBJECT, KEY, TEXT, NESTED, NESTED_TEXT

	}

}
