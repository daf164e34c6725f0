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

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

import javax.sql.DataSource;

import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounterDataSource;
import io.tokencounter.TokenLedger;
import io.tokencounter.ledger.LedgerCounts;
import io.tokencounter.ledger.LedgerMetrics;
import io.tokencounter.ledger.LedgerRecorder;
import io.tokencounter.ledger.LedgerSettings;
import io.tokencounter.ledger.LedgerSetupException;
import io.tokencounter.ledger.LedgerStore;
import io.tokencounter.ledger.jdbc.JdbcLedgerStore;
import io.tokencounter.ledger.jdbc.JdbcTokenLedger;
import io.tokencounter.ledger.jdbc.LedgerTables;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.autoconfigure.init.OnDatabaseInitializationCondition;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link TokenLedger}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterAutoConfiguration.class,
		afterName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnBean(TokenCounterProperties.class)
@ConditionalOnTokenCounter(value = "ledger", matchIfMissing = false)
@EnableConfigurationProperties(TokenCounterLedgerProperties.class)
public final class TokenCounterLedgerAutoConfiguration {

	private static final String NEEDED = "Add 'org.springframework.boot:spring-boot-starter-jdbc' and the driver of"
			+ " your database, and set 'spring.datasource.url', or set 'token-counter.ledger.enabled' to false.";

	@Bean
	@ConditionalOnMissingBean
	LedgerCounts tokenCounterLedgerCounts() {
		return new LedgerCounts();
	}

	static List<String> tags(TokenCounterLedgerProperties ledger, TokenCounterProperties properties) {
		return Objects.requireNonNullElseGet(ledger.getTags(), properties.getMetrics()::getTags);
	}

	/**
	 * The ledger in the application's database.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JdbcClient.class, DataSourceScriptDatabaseInitializer.class, JsonMapper.class })
	@EnableConfigurationProperties(TokenCounterLedgerJdbcProperties.class)
	@Import(DatabaseInitializationDependencyConfigurer.class)
	static class JdbcConfiguration {

		private static final Log logger = LogFactory.getLog(TokenCounterLedgerAutoConfiguration.class);

		@Bean
		@ConditionalOnMissingBean
		LedgerTables tokenCounterLedgerTables(TokenCounterLedgerJdbcProperties properties) {
			try {
				return new LedgerTables(properties.getTablePrefix());
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidConfigurationPropertyValueException("token-counter.ledger.jdbc.table-prefix",
						properties.getTablePrefix(), ex.getMessage());
			}
		}

		@Bean
		@ConditionalOnMissingBean
		@Conditional(OnLedgerInitializationCondition.class)
		TokenLedgerDatabaseInitializer tokenCounterLedgerDatabaseInitializer(ObjectProvider<DataSource> dataSources,
				@TokenCounterDataSource ObjectProvider<DataSource> marked, TokenCounterLedgerJdbcProperties properties,
				LedgerTables tables) {
			return new TokenLedgerDatabaseInitializer(dataSource(dataSources, marked), properties, tables);
		}

		@Bean
		@ConditionalOnMissingBean(LedgerStore.class)
		@DependsOnDatabaseInitialization
		JdbcLedgerStore tokenCounterLedgerStore(ObjectProvider<DataSource> dataSources,
				@TokenCounterDataSource ObjectProvider<DataSource> marked, LedgerTables tables,
				TokenCounterLedgerProperties ledger, TokenCounterProperties properties) {
			JdbcLedgerStore store = new JdbcLedgerStore(dataSource(dataSources, marked), tables,
					tags(ledger, properties));
			try {
				store.check();
			}
			catch (DataAccessException ex) {
				// An application that can start without its database does so with us, too
				logger.warn("The ledger's database cannot be reached, so calls wait in files", ex);
			}
			return store;
		}

		@Bean
		@ConditionalOnMissingBean
		LedgerRecorder tokenCounterLedgerRecorder(TokenCounterLedgerProperties properties, Environment environment,
				LedgerStore store, LedgerCounts counts) {
			return new LedgerRecorder(settings(properties, environment), store, counts);
		}

		@Bean
		@ConditionalOnMissingBean(TokenLedger.class)
		@DependsOnDatabaseInitialization
		JdbcTokenLedger tokenCounterCallLedger(ObjectProvider<DataSource> dataSources,
				@TokenCounterDataSource ObjectProvider<DataSource> marked, LedgerTables tables, LedgerCounts counts,
				TokenCounterLedgerProperties ledger, TokenCounterProperties properties) {
			return new JdbcTokenLedger(dataSource(dataSources, marked), tables, tags(ledger, properties),
					counts::status);
		}

		private static DataSource dataSource(ObjectProvider<DataSource> dataSources,
				ObjectProvider<DataSource> marked) {
			DataSource dataSource = marked.getIfAvailable();
			if (dataSource == null) {
				dataSource = dataSources.getIfUnique();
			}
			if (dataSource != null) {
				return dataSource;
			}
			if (dataSources.stream().findAny().isPresent()) {
				throw new LedgerSetupException("There are several DataSource beans, and none is marked for the ledger",
						"Mark one of them with @TokenCounterDataSource or @Primary.");
			}
			throw new LedgerSetupException("The ledger is enabled, and there is no DataSource for it", NEEDED);
		}

		private static LedgerSettings settings(TokenCounterLedgerProperties properties, Environment environment) {
			if (properties.getRetention() != null && properties.getRetention().isNegative()) {
				throw new InvalidConfigurationPropertyValueException("token-counter.ledger.retention",
						properties.getRetention(), "It must not be negative.");
			}
			String application = cut(environment.getProperty("spring.application.name", "application"));
			String host = environment.getProperty("HOSTNAME", "localhost");
			String instance = cut(host) + ":" + ProcessHandle.current().pid();
			return new LedgerSettings(application, instance,
					directory(properties.getSpool().getDirectory(), application), properties.getSpool().getSync(),
					properties.getRetention());
		}

		private static Path directory(@Nullable Path directory, String application) {
			if (directory != null) {
				return directory.toAbsolutePath();
			}
			return Path.of(System.getProperty("java.io.tmpdir"), "token-counter",
					application.replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("^\\.+", "_"));
		}

		private static String cut(String name) {
			int max = TokenCall.MAX_NAME - 20;
			return (name.length() > max) ? name.substring(0, max) : name;
		}

	}

	/**
	 * Meters of the ledger.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	@ConditionalOnTokenCounter("metrics")
	static class MetricsConfiguration {

		@Bean
		@ConditionalOnMissingBean
		LedgerMetrics tokenCounterLedgerMetrics(LedgerCounts counts) {
			return new LedgerMetrics(counts);
		}

	}

	/**
	 * Says what to add, as the ledger was asked for.
	 */
	@Configuration(proxyBeanMethods = false)
	@Conditional(OnMissingJdbcCondition.class)
	static class MissingJdbcConfiguration {

		MissingJdbcConfiguration() {
			throw new LedgerSetupException("The ledger is enabled, and Spring's JDBC support is missing", NEEDED);
		}

	}

	/**
	 * Whether not all is there that {@link JdbcConfiguration} needs.
	 */
	static class OnMissingJdbcCondition extends NoneNestedConditions {

		OnMissingJdbcCondition() {
			super(ConfigurationPhase.PARSE_CONFIGURATION);
		}

		@ConditionalOnClass({ JdbcClient.class, DataSourceScriptDatabaseInitializer.class, JsonMapper.class })
		static class WithJdbc {

		}

	}

	/**
	 * Whether tables may be created.
	 */
	static class OnLedgerInitializationCondition extends OnDatabaseInitializationCondition {

		OnLedgerInitializationCondition() {
			super("Token ledger", "token-counter.ledger.jdbc.initialize-schema");
		}

	}

}
