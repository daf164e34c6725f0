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

import java.util.function.Supplier;

import javax.sql.DataSource;

import io.tokencounter.ledger.LedgerSetupException;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The database of the ledger. It may be away when this is made.
 */
final class LedgerDatabase {

	private static final int TIMEOUT_SECONDS = 60;

	private final DataSource dataSource;

	private final JdbcTemplate template;

	private volatile @Nullable LedgerDialect dialect;

	LedgerDatabase(DataSource dataSource) {
		this.dataSource = dataSource;
		this.template = new JdbcTemplate(dataSource);
	}

	JdbcTemplate template() {
		return this.template;
	}

	JdbcClient client() {
		return JdbcClient.create(this.template);
	}

	LedgerDialect dialect() {
		LedgerDialect dialect = this.dialect;
		if (dialect == null) {
			String product = this.template.execute(
					(ConnectionCallback<String>) (connection) -> connection.getMetaData().getDatabaseProductName());
			dialect = LedgerDialect.of(product);
			if (dialect == null) {
				throw new LedgerSetupException("The ledger cannot use %s".formatted(product),
						"Mark a DataSource of PostgreSQL or H2 with @TokenCounterDataSource.");
			}
			this.dialect = dialect;
		}
		return dialect;
	}

	/**
	 * Do something in a transaction whose statements each see what was committed before.
	 */
	void insert(Runnable work) {
		transaction(TransactionDefinition.ISOLATION_READ_COMMITTED, false).executeWithoutResult((status) -> work.run());
	}

	/**
	 * Do something in a transaction whose statements all see the same rows, whatever is
	 * committed meanwhile.
	 */
	<T> @Nullable T inSnapshot(boolean readOnly, Supplier<T> work) {
		return transaction(dialect().snapshotIsolation(), readOnly).execute((status) -> work.get());
	}

	private TransactionTemplate transaction(int isolation, boolean readOnly) {
		TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(this.dataSource));
		transaction.setIsolationLevel(isolation);
		transaction.setReadOnly(readOnly);
		transaction.setTimeout(TIMEOUT_SECONDS);
		return transaction;
	}

}
