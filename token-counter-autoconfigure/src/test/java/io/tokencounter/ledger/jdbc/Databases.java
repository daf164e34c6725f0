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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;

import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * Real databases, with tables of their own for each test.
 */
public enum Databases {

	H2 {

		@Override
		public DataSource dataSource() {
			return JdbcConnectionPool.create("jdbc:h2:mem:ledger;DB_CLOSE_DELAY=-1", "sa", "");
		}

	},

	POSTGRESQL {

		@Override
		public DataSource dataSource() {
			return postgres().getPostgresDatabase();
		}

	};

	private static final AtomicInteger PREFIXES = new AtomicInteger();

	private static @Nullable EmbeddedPostgres postgres;

	public abstract DataSource dataSource();

	/**
	 * Make tables that nobody else has.
	 */
	public LedgerTables tables(DataSource dataSource) {
		String prefix = "t" + PREFIXES.incrementAndGet() + "_";
		LedgerTables tables = new LedgerTables(prefix);
		create(dataSource, tables);
		return tables;
	}

	void create(DataSource dataSource, LedgerTables tables) {
		try {
			String script = new ClassPathResource("schema-%s.sql".formatted(name().toLowerCase(Locale.ROOT)),
					LedgerTables.class)
				.getContentAsString(StandardCharsets.UTF_8);
			DatabasePopulatorUtils.execute(new ResourceDatabasePopulator(
					new ByteArrayResource(tables.rename(script).getBytes(StandardCharsets.UTF_8))), dataSource);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the one server of this JVM.
	 */
	static synchronized EmbeddedPostgres postgres() {
		if (postgres == null) {
			try {
				postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		return postgres;
	}

}
