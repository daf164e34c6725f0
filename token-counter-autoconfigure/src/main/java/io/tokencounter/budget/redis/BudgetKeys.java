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

package io.tokencounter.budget.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Pattern;

import io.tokencounter.budget.BudgetKey;
import org.jspecify.annotations.Nullable;

/**
 * Names of keys. One hash tag holds them together on one node of a cluster.
 */
final class BudgetKeys {

	// A call may end after its window
	private static final Duration KEEP = Duration.ofDays(1);

	private static final Pattern SIMPLE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

	private final String prefix;

	BudgetKeys(String prefix) {
		this.prefix = prefix + "{budgets}:";
	}

	String window(BudgetKey key) {
		return this.prefix + "b:" + key.budget() + ":" + encode(key.subject()) + ":" + key.window();
	}

	String subjects(String budget, String window) {
		return this.prefix + "s:" + budget + ":" + window;
	}

	String hold(String id) {
		return this.prefix + "h:" + id;
	}

	String hold(UUID id) {
		return hold(id.toString());
	}

	String expiries() {
		return this.prefix + "x";
	}

	/**
	 * When a window is to be forgotten, in milliseconds, 0 for never.
	 */
	static String expiry(BudgetKey key) {
		return (key.end() != null) ? Long.toString(key.end().plus(KEEP).toEpochMilli()) : "0";
	}

	/**
	 * Subjects come from users: they get neither long nor strange into a key.
	 */
	private static String encode(@Nullable String subject) {
		if (subject == null) {
			return "-";
		}
		return SIMPLE.matcher(subject).matches() ? subject : "~" + hash(subject);
	}

	private static String hash(String subject) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(subject.getBytes(StandardCharsets.UTF_8));
			return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
