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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallQuery;
import io.tokencounter.TokenCounterDataSource;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenLedger;
import io.tokencounter.actuate.TokenHistoryEndpoint;
import io.tokencounter.actuate.TokenHistoryEndpointWebExtension;
import io.tokencounter.actuate.TokenLedgerHealthIndicator;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.LedgerCounts;
import io.tokencounter.ledger.LedgerMetrics;
import io.tokencounter.ledger.LedgerRecorder;
import io.tokencounter.ledger.LedgerRow;
import io.tokencounter.ledger.LedgerSetupException;
import io.tokencounter.ledger.LedgerStore;
import io.tokencounter.ledger.SpoolSync;
import io.tokencounter.ledger.jdbc.Databases;
import io.tokencounter.ledger.jdbc.JdbcLedgerStore;
import io.tokencounter.ledger.jdbc.JdbcTokenLedger;
import io.tokencounter.ledger.jdbc.LedgerTables;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.TestCalls;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterLedgerAutoConfiguration} and
 * {@link TokenCounterLedgerEndpointAutoConfiguration}.
 */
class TokenCounterLedgerAutoConfigurationTests {

	private static final Instant NOON = Instant.parse("2026-10-05T12:00:00Z");

	private ApplicationContextRunner contextRunner = new ApplicationContextRunner();

	@TempDir
	private Path folder;

	@BeforeEach
	void prepare() {
		this.contextRunner = this.contextRunner
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterLedgerAutoConfiguration.class, TokenCounterLedgerEndpointAutoConfiguration.class,
					DataSourceAutoConfiguration.class))
			.withPropertyValues("token-counter.ledger.spool.directory=" + this.folder.resolve("spool"),
					"spring.datasource.generate-unique-name=true",
					"management.endpoints.web.exposure.include=tokenhistory");
	}

	private ApplicationContextRunner enabled() {
		return this.contextRunner.withPropertyValues("token-counter.ledger.enabled=true");
	}

	@Test
	void isOffByDefault() {
		this.contextRunner.run(this::hasNothing);
	}

	@Test
	void isOffWithTokenCounter() {
		enabled().withPropertyValues("token-counter.enabled=false").run(this::hasNothing);
	}

	private void hasNothing(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed()
			.doesNotHaveBean(TokenLedger.class)
			.doesNotHaveBean(LedgerRecorder.class)
			.doesNotHaveBean(TokenLedgerDatabaseInitializer.class)
			.doesNotHaveBean(LedgerMetrics.class)
			.doesNotHaveBean(TokenHistoryEndpoint.class)
			.doesNotHaveBean(TokenLedgerHealthIndicator.class);
	}

	@Test
	void writesCallsWhereItIsEnabled() {
		enabled().run((context) -> {
			assertThat(context).hasSingleBean(TokenLedger.class)
				.hasSingleBean(LedgerMetrics.class)
				.hasSingleBean(TokenHistoryEndpoint.class)
				.hasSingleBean(TokenHistoryEndpointWebExtension.class)
				.hasBean("tokenLedgerHealthIndicator");
			context.getBean(LedgerRecorder.class).onCall(LedgerCalls.of("cv", NOON));
			awaitCalls(context, 1);
		});
	}

	@Test
	void hasMetersAndHealth() {
		enabled().run((context) -> {
			MeterRegistry registry = new SimpleMeterRegistry();
			context.getBean(LedgerMetrics.class).bindTo(registry);
			context.getBean(LedgerRecorder.class).onCall(LedgerCalls.of("cv", NOON));
			Conditions.await("it is written", () -> registry.get("llm.ledger.written").functionCounter().count() == 1);
			assertThat(registry.get("llm.ledger.written").functionCounter().getId().getBaseUnit()).isEqualTo("calls");
			assertThat(registry.get("llm.ledger.failed").functionCounter().count()).isZero();
			assertThat(registry.get("llm.ledger.spooled").gauge().value()).isZero();
			assertThat(registry.get("llm.ledger.age").gauge().value()).isZero();
			Health health = context.getBean(TokenLedgerHealthIndicator.class).health();
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).containsEntry("written", 1L);
		});
	}

	@Test
	void isDownWithWhatIsWrong() {
		enabled().withPropertyValues("token-counter.ledger.spool.directory=/dev/null/spool").run((context) -> {
			Health health = context.getBean(TokenLedgerHealthIndicator.class).health();
			assertThat(health.getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.getDetails().get("problems").toString()).contains("/dev/null/spool");
			context.getBean(LedgerRecorder.class).onCall(LedgerCalls.of("cv", NOON));
			awaitCalls(context, 1);
		});
	}

	@Test
	void showsTheAgeOfCallsThatWait() {
		enabled().withBean(LedgerStore.class, AwayStore::new).run((context) -> {
			MeterRegistry registry = new SimpleMeterRegistry();
			context.getBean(LedgerMetrics.class).bindTo(registry);
			context.getBean(LedgerRecorder.class).onCall(LedgerCalls.of("cv", NOON));
			Conditions.await("it waits", () -> registry.get("llm.ledger.spooled").gauge().value() == 1);
			Conditions.await("it ages", () -> registry.get("llm.ledger.age").gauge().value() > 0);
		});
	}

	@Test
	void hasNoMetersWithoutMicrometerOrWhereTheyAreOff() {
		enabled().withPropertyValues("token-counter.metrics.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(TokenLedger.class)
				.doesNotHaveBean(LedgerMetrics.class));
		enabled().withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> assertThat(context).hasSingleBean(TokenLedger.class)
				.doesNotHaveBean("tokenCounterLedgerMetrics"));
	}

	@Test
	void backsOffWithoutActuatorAndHealth() {
		enabled()
			.withClassLoader(
					new FilteredClassLoader("org.springframework.boot.actuate", "org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasSingleBean(TokenLedger.class)
				.doesNotHaveBean("tokenCounterHistoryEndpoint")
				.doesNotHaveBean("tokenLedgerHealthIndicator"));
		enabled()
			.withPropertyValues("management.health.token-ledger.enabled=false",
					"management.endpoint.tokenhistory.access=NONE")
			.run((context) -> assertThat(context).hasSingleBean(TokenLedger.class)
				.doesNotHaveBean(TokenHistoryEndpoint.class)
				.doesNotHaveBean(TokenLedgerHealthIndicator.class));
	}

	@Test
	void saysWhatToAddWithoutJdbc() {
		enabled().withClassLoader(new FilteredClassLoader("org.springframework.jdbc", "org.springframework.boot.jdbc"))
			.run((context) -> assertThat(failure(context).getAction()).contains("spring-boot-starter-jdbc"));
	}

	@Test
	void saysWhatToAddWithoutDataSource() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterLedgerAutoConfiguration.class))
			.withPropertyValues("token-counter.ledger.enabled=true")
			.run((context) -> assertThat(failure(context).getAction()).contains("spring-boot-starter-jdbc",
					"token-counter.ledger.enabled"));
	}

	@Test
	void saysWhichOfSeveralDataSourcesToMark() {
		enabled().withUserConfiguration(TwoDataSources.class)
			.run((context) -> assertThat(failure(context).getAction()).contains("@TokenCounterDataSource"));
	}

	@Test
	void usesTheDataSourceThatIsMarked() {
		enabled().withUserConfiguration(TwoDataSources.class, MarkedDataSource.class).run((context) -> {
			assertThat(tables(context.getBean("marked", DataSource.class))).isEqualTo(4);
			assertThat(tables(context.getBean("first", DataSource.class))).isZero();
		});
	}

	@Test
	void namesTablesAsAsked() {
		enabled().withPropertyValues("token-counter.ledger.jdbc.table-prefix=llm_").run((context) -> {
			JdbcClient client = JdbcClient.create(context.getBean(DataSource.class));
			assertThat(client.sql("SELECT schema_version FROM llm_ledger").query(Integer.class).single()).isEqualTo(1);
		});
		enabled().withPropertyValues("token-counter.ledger.jdbc.table-prefix=a-b")
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("cannot begin the name"));
	}

	@Test
	void stopsTheStartWithoutItsTables() {
		enabled().withPropertyValues("token-counter.ledger.jdbc.initialize-schema=never").run((context) -> {
			FailureAnalysis failure = failure(context);
			assertThat(failure.getDescription()).contains("token_ledger");
			assertThat(failure.getAction()).contains("initialize-schema");
		});
	}

	@Test
	void stopsTheStartWithTablesOfAnotherVersion() {
		DataSource dataSource = h2("other-version");
		enabled().withBean(DataSource.class, () -> dataSource).run((context) -> assertThat(context).hasNotFailed());
		JdbcClient.create(dataSource).sql("UPDATE token_ledger SET schema_version = 7").update();
		enabled().withBean(DataSource.class, () -> dataSource).run((context) -> {
			FailureAnalysis failure = failure(context);
			assertThat(failure.getDescription()).contains("version 7");
			assertThat(failure.getAction()).contains("Upgrade");
		});
	}

	@Test
	void startsWhileTheDatabaseIsAwayAndKeepsCalls() {
		ApplicationContextRunner away = enabled().withPropertyValues(
				"spring.datasource.url=jdbc:postgresql://localhost:1/none",
				"spring.datasource.hikari.connection-timeout=250", "token-counter.ledger.jdbc.initialize-schema=never");
		away.run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(LedgerRecorder.class).onCall(LedgerCalls.of("cv", NOON));
			Conditions.await("it is said",
					() -> context.getBean(TokenLedgerHealthIndicator.class).health().getStatus().equals(Status.DOWN));
			assertThat(context.getBean(TokenLedger.class).status().spooled()).isEqualTo(1);
		});
		enabled().run((context) -> awaitCalls(context, 1));
	}

	@Test
	void groupsByTheTagsOfTheMetersUnlessToldOtherwise() {
		TokenCall call = TestCalls.copyOf(LedgerCalls.of("cv", NOON))
			.tags(Map.of("tenant", "acme", "user", "u"))
			.build();
		enabled().withPropertyValues("token-counter.metrics.tags=tenant").run((context) -> {
			context.getBean(LedgerRecorder.class).onCall(call);
			awaitCalls(context, 1);
			assertThat(history(context, "tag:tenant").get(0).values()).containsEntry("tag:tenant", "acme");
		});
		enabled().withPropertyValues("token-counter.metrics.tags=tenant", "token-counter.ledger.tags=user")
			.run((context) -> {
				context.getBean(LedgerRecorder.class).onCall(call);
				awaitCalls(context, 1);
				assertThat(history(context, "tag:user").get(0).values()).containsEntry("tag:user", "u");
			});
	}

	@Test
	void twoApplicationsOnOnePostgresSeeTheSum() {
		JdbcClient.create(Databases.POSTGRESQL.dataSource()).sql("CREATE SCHEMA IF NOT EXISTS two").update();
		ApplicationContextRunner runner = enabled().withBean(DataSource.class, Databases.POSTGRESQL::dataSource)
			.withPropertyValues("token-counter.ledger.jdbc.initialize-schema=always",
					"token-counter.ledger.jdbc.table-prefix=two.token_", "token-counter.ledger.retention=1d");
		runner.run((first) -> runner.run((second) -> {
			for (int i = 0; i < 100; i++) {
				first.getBean(LedgerRecorder.class).onCall(LedgerCalls.of("cv", Instant.now()));
				second.getBean(LedgerRecorder.class).onCall(LedgerCalls.of("cv", NOON));
			}
			awaitCalls(first, 200);
			awaitCalls(second, 200);
			int hours = first.getBean(JdbcLedgerStore.class).addUpHours(Instant.now())
					+ second.getBean(JdbcLedgerStore.class).addUpHours(Instant.now());
			assertThat(hours).isLessThanOrEqualTo(1);
			first.getBean(JdbcLedgerStore.class)
				.deleteCalls(Instant.now().minus(Duration.ofDays(1)), Duration.ofSeconds(9));
			awaitCalls(second, 200);
			assertThat(second.getBean(TokenLedger.class)
				.calls(TokenCallQuery.between(Instant.MIN, Instant.MAX).page(1000, null))
				.calls()).hasSize(100);
		}));
	}

	@Test
	void prefersTheBeansOfTheUser() {
		enabled().withUserConfiguration(UserConfiguration.class).run((context) -> {
			assertThat(context).getBean(TokenLedger.class).isSameAs(context.getBean("userLedger"));
			assertThat(context).getBean(LedgerStore.class).isSameAs(context.getBean("userStore"));
			assertThat(context).getBean(LedgerCounts.class).isSameAs(context.getBean("userCounts"));
		});
	}

	@Test
	void backsOffForAnotherEndpointOfTheSameId() {
		enabled()
			.withConfiguration(
					AutoConfigurations.of(EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class))
			.withBean(OwnHistory.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(OwnHistory.class)
				.doesNotHaveBean(TokenHistoryEndpoint.class)
				.doesNotHaveBean(TokenHistoryEndpointWebExtension.class));
	}

	@Test
	void prefersTheEndpointOfTheUser() {
		enabled()
			.withBean("userEndpoint", TokenHistoryEndpoint.class,
					() -> new TokenHistoryEndpoint(
							new JdbcTokenLedger(h2("user"), new LedgerTables("token_"), List.of(), () -> null)))
			.run((context) -> assertThat(context).hasSingleBean(TokenHistoryEndpointWebExtension.class)
				.getBean(TokenHistoryEndpoint.class)
				.isSameAs(context.getBean("userEndpoint")));
	}

	@Test
	void hasTheDocumentedDefaults() {
		TokenCounterLedgerProperties properties = new TokenCounterLedgerProperties();
		assertThat(properties.isEnabled()).isFalse();
		assertThat(properties.getTags()).isNull();
		assertThat(properties.getRetention()).isNull();
		assertThat(properties.getSpool().getDirectory()).isNull();
		assertThat(properties.getSpool().getSync()).isEqualTo(SpoolSync.INTERVAL);
		TokenCounterLedgerJdbcProperties jdbc = new TokenCounterLedgerJdbcProperties();
		assertThat(jdbc.getInitializeSchema()).isEqualTo(DatabaseInitializationMode.EMBEDDED);
		assertThat(jdbc.getTablePrefix()).isEqualTo("token_");
		assertThat(jdbc.getSchema()).isEqualTo("classpath:io/tokencounter/ledger/jdbc/schema-@@platform@@.sql");
		assertThat(jdbc.getPlatform()).isNull();
	}

	@Test
	void bindsEachProperty() {
		TokenCounterLedgerProperties properties = new Binder(new MapConfigurationPropertySource(
				Map.of("token-counter.ledger.enabled", "true", "token-counter.ledger.tags", "tenant,user",
						"token-counter.ledger.retention", "90d", "token-counter.ledger.spool.directory", "/var/spool/x",
						"token-counter.ledger.spool.sync", "always")))
			.bind("token-counter.ledger", TokenCounterLedgerProperties.class)
			.get();
		assertThat(properties.isEnabled()).isTrue();
		assertThat(properties.getTags()).containsExactly("tenant", "user");
		assertThat(properties.getRetention()).isEqualTo(Duration.ofDays(90));
		assertThat(properties.getSpool().getDirectory()).isEqualTo(Path.of("/var/spool/x"));
		assertThat(properties.getSpool().getSync()).isEqualTo(SpoolSync.ALWAYS);
	}

	private static FailureAnalysis failure(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		for (Throwable cause = context.getStartupFailure(); cause != null; cause = cause.getCause()) {
			if (cause instanceof LedgerSetupException setup) {
				return new LedgerSetupFailureAnalyzer().analyze(context.getStartupFailure(), setup);
			}
		}
		throw new AssertionError("Another failure", context.getStartupFailure());
	}

	private static void awaitCalls(AssertableApplicationContext context, long calls) {
		Conditions.await(calls + " calls are in the ledger", () -> {
			List<TokenHistory> history = context.getBean(TokenLedger.class)
				.history(TokenHistoryQuery.between(Instant.EPOCH, Instant.now().plusSeconds(60)));
			return !history.isEmpty() && history.get(0).calls() == calls;
		});
	}

	private static List<TokenHistory> history(AssertableApplicationContext context, String by) {
		return context.getBean(TokenLedger.class)
			.history(TokenHistoryQuery.between(NOON, NOON.plusSeconds(3600)).by(by));
	}

	private static long tables(DataSource dataSource) {
		return JdbcClient.create(dataSource)
			.sql("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME LIKE 'TOKEN!_%' ESCAPE '!'")
			.query(Long.class)
			.single();
	}

	private static DataSource h2(String name) {
		return JdbcConnectionPool.create("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(name), "sa", "");
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSources {

		@Bean
		DataSource first() {
			return h2("first");
		}

		@Bean
		DataSource second() {
			return h2("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MarkedDataSource {

		@Bean
		@TokenCounterDataSource
		DataSource marked() {
			return h2("marked");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UserConfiguration {

		@Bean
		TokenLedger userLedger() {
			return new JdbcTokenLedger(h2("user"), new LedgerTables("token_"), List.of(), () -> null);
		}

		@Bean
		LedgerStore userStore() {
			return new AwayStore();
		}

		@Bean
		LedgerCounts userCounts() {
			return new LedgerCounts();
		}

	}

	@Endpoint(id = "tokenhistory")
	static class OwnHistory {

		@ReadOperation
		String history() {
			return "of the arcade";
		}

	}

	static final class AwayStore implements LedgerStore {

		@Override
		public void check() {
			throw new IllegalStateException("The store is away");
		}

		@Override
		public void insert(List<LedgerRow> rows) {
			check();
		}

		@Override
		public int addUpHours(Instant now) {
			return 0;
		}

		@Override
		public long deleteCalls(Instant before, Duration limit) {
			return 0;
		}

	}

}
