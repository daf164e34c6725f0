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

import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionDefinition;

/**
 * What the databases say in different words.
 */
enum LedgerDialect {

	H2("H2") {

		@Override
		String insert(String table, String columns) {
			return "MERGE INTO %s (%s) KEY (id) VALUES (%s)".formatted(table, columns, parameters(columns));
		}

		@Override
		int snapshotIsolation() {
			// With REPEATABLE READ, each table is seen as it was when it was first read,
			// and those of a sub-select in a derived table as they are
			return TransactionDefinition.ISOLATION_SERIALIZABLE;
		}

	},

	POSTGRESQL("PostgreSQL") {

		@Override
		String insert(String table, String columns) {
			return "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (id) DO NOTHING".formatted(table, columns,
					parameters(columns));
		}

		@Override
		int snapshotIsolation() {
			return TransactionDefinition.ISOLATION_REPEATABLE_READ;
		}

	};

	private final String product;

	LedgerDialect(String product) {
		this.product = product;
	}

	/**
	 * Return a statement that inserts a row, unless there is one of that id.
	 */
	abstract String insert(String table, String columns);

	/**
	 * Return the isolation of a transaction whose statements all see the same rows.
	 */
	abstract int snapshotIsolation();

	static @Nullable LedgerDialect of(@Nullable String product) {
		return Stream.of(values()).filter((dialect) -> dialect.product.equals(product)).findFirst().orElse(null);
	}

	private static String parameters(String columns) {
		return Stream.of(columns.split(",")).map((column) -> "?").collect(Collectors.joining(", "));
	}

}
