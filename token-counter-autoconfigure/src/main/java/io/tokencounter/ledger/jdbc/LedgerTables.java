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

import java.util.regex.Pattern;

/**
 * Names of the ledger's tables.
 *
 * @since 0.1.0
 */
public final class LedgerTables {

	/**
	 * The version of the tables that this version of the ledger works with.
	 */
	static final int VERSION = 1;

	private static final Pattern PREFIX = Pattern
		.compile("(?:[A-Za-z_][A-Za-z0-9_]{0,40}\\.)?[A-Za-z_][A-Za-z0-9_]{0,40}");

	private final String prefix;

	/**
	 * Create names.
	 * @param prefix what they begin with, such as {@code token_} or {@code audit.token_}
	 * @throws IllegalArgumentException if it is none that needs no quotes
	 */
	public LedgerTables(String prefix) {
		if (!PREFIX.matcher(prefix).matches()) {
			throw new IllegalArgumentException(
					"'%s' cannot begin the name of a table: letters, digits, '_' and one '.' can".formatted(prefix));
		}
		this.prefix = prefix;
	}

	/**
	 * Return a script for these tables.
	 * @param script one for tables of the usual names
	 * @return the script
	 */
	public String rename(String script) {
		String index = this.prefix.substring(this.prefix.indexOf('.') + 1);
		return script.replace("INDEX IF NOT EXISTS token_", "INDEX IF NOT EXISTS " + index)
			.replaceAll("(TABLE IF NOT EXISTS|ON|INTO|FROM) token_", "$1 " + this.prefix);
	}

	String calls() {
		return this.prefix + "call";
	}

	String hours() {
		return this.prefix + "usage_hour";
	}

	String changes() {
		return this.prefix + "hour_change";
	}

	String ledger() {
		return this.prefix + "ledger";
	}

}
