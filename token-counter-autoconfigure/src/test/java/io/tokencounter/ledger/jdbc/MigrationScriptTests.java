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

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.init.ScriptUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the versioned scripts, which lead to the tables that the script for all of
 * them makes.
 */
class MigrationScriptTests {

	private static final String FOLDER = "io/tokencounter/ledger/jdbc/";

	@ParameterizedTest
	@EnumSource
	void leadToTheSameTables(Databases database) throws Exception {
		String platform = database.name().toLowerCase(Locale.ROOT);
		Resource[] versions = new PathMatchingResourcePatternResolver()
			.getResources("classpath:%smigration/%s/V*__*.sql".formatted(FOLDER, platform));
		assertThat(versions).hasSize(LedgerTables.VERSION);
		Arrays.sort(versions, Comparator.comparing((script) -> version(Objects.requireNonNull(script.getFilename()))));
		List<Map<String, Object>> migrated = run(database, "migrated", versions);
		assertThat(migrated).hasSizeGreaterThan(50)
			.isEqualTo(run(database, "made", new ClassPathResource(FOLDER + "schema-%s.sql".formatted(platform))));
	}

	private static int version(String file) {
		return Integer.parseInt(file.substring(1, file.indexOf("__")));
	}

	/**
	 * Run scripts in a schema of their own, and return all columns and indexes of it.
	 */
	private static List<Map<String, Object>> run(Databases database, String schema, Resource... scripts)
			throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE SCHEMA \"%s\"".formatted(schema));
			connection.setSchema(schema);
			for (Resource script : scripts) {
				ScriptUtils.executeSqlScript(connection, script);
			}
			JdbcClient client = JdbcClient.create(new SingleConnectionDataSource(connection, true));
			assertThat(client.sql("SELECT schema_version FROM token_ledger").query(Integer.class).single())
				.isEqualTo(LedgerTables.VERSION);
			List<Map<String, Object>> columns = client.sql("""
					SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length,
						numeric_precision, numeric_scale, datetime_precision, is_nullable, column_default
					FROM information_schema.columns WHERE table_schema = ? ORDER BY 1, 3
					""").param(schema).query().listOfRows();
			columns.addAll(client.sql(indexes(database)).param(schema).query().listOfRows());
			statement.execute("DROP SCHEMA \"%s\" CASCADE".formatted(schema));
			return columns;
		}
	}

	private static String indexes(Databases database) {
		return switch (database) {
			case H2 -> """
					SELECT table_name, index_name, ordinal_position, column_name, is_unique
					FROM information_schema.index_columns WHERE table_schema = ?
						AND index_name NOT LIKE 'PRIMARY%' ORDER BY 1, 2, 3
					""";
			case POSTGRESQL -> """
					SELECT tablename, indexname, REPLACE(indexdef, schemaname || '.', '') AS definition
					FROM pg_indexes WHERE schemaname = ? ORDER BY 1, 2
					""";
		};
	}

}
