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

package io.tokencounter.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import javax.sql.DataSource;

import io.tokencounter.ledger.jdbc.LedgerTables;

import org.springframework.boot.jdbc.init.PropertiesBasedDataSourceScriptDatabaseInitializer;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.datasource.init.ScriptException;

/**
 * Creates the ledger's tables.
 *
 * @since 0.1.0
 */
public class TokenLedgerDatabaseInitializer
		extends PropertiesBasedDataSourceScriptDatabaseInitializer<TokenCounterLedgerJdbcProperties> {

	private final LedgerTables tables;

	/**
	 * Create an initializer.
	 * @param dataSource where to create the tables
	 * @param properties whether and how to
	 * @param tables the names of the tables
	 */
	public TokenLedgerDatabaseInitializer(DataSource dataSource, TokenCounterLedgerJdbcProperties properties,
			LedgerTables tables) {
		super(dataSource, properties);
		this.tables = tables;
	}

	@Override
	protected void runScripts(Scripts scripts) {
		Charset charset = Objects.requireNonNullElse(scripts.getEncoding(), StandardCharsets.UTF_8);
		List<Resource> renamed = new ArrayList<>();
		for (Resource script : scripts) {
			try {
				String text = this.tables.rename(script.getContentAsString(charset));
				renamed.add(new ByteArrayResource(text.getBytes(charset), script.getDescription()));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		Scripts own = new Scripts(renamed).continueOnError(scripts.isContinueOnError())
			.separator(scripts.getSeparator())
			.encoding(charset);
		try {
			super.runScripts(own);
		}
		catch (ScriptException ex) {
			// Two instances that start at once create the same table, and one fails
			super.runScripts(own);
		}
	}

}
