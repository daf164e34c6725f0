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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tokencounter.BudgetLimits;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetEvent;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenLedger;
import io.tokencounter.actuate.TokenBudgetStoreHealthIndicator;
import io.tokencounter.actuate.TokenBudgetsEndpoint;
import io.tokencounter.budget.BudgetGate;
import io.tokencounter.budget.BudgetMetrics;
import io.tokencounter.budget.BudgetRestore;
import io.tokencounter.budget.BudgetStore;
import io.tokencounter.budget.InvalidBudgetException;
import io.tokencounter.budget.MemoryBudgetStore;
import io.tokencounter.budget.RunsInMemoryBudgetStore;
import io.tokencounter.budget.web.BudgetExceededAdvice;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import io.tokencounter.testsupport.Conditions;
import io.tokencounter.testsupport.LocalRedis;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the auto-configurations of budgets.
 */
class TokenCounterBudgetAutoConfigurationTests {

	private static final AutoConfigurations CONFIGURATIONS = AutoConfigurations.of(TokenCounterAutoConfiguration.class,
			TokenCounterPricingAutoConfiguration.class, TokenCounterBudgetAutoConfiguration.class,
			TokenCounterBudgetEndpointAutoConfiguration.class, TokenCounterBudgetHealthAutoConfiguration.class,
			TokenCounterBudgetWebAutoConfiguration.class, MetricsAutoConfiguration.class,
			EndpointAutoConfiguration.class);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS);

	@Test
	void isOnByDefaultAndRefusesNothing() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(MemoryBudgetStore.class)
				.doesNotHaveBean(BudgetGate.class)
				.doesNotHaveBean(BudgetMetrics.class)
				.doesNotHaveBean(TokenBudgetsEndpoint.class)
				.doesNotHaveBean(TokenBudgetStoreHealthIndicator.class)
				.doesNotHaveBean(BudgetExceededAdvice.class);
			assertThat(context.getBean(TokenBudgets.class).statuses()).isEmpty();
			call(context);
		});
	}

	@Test
	void asksWhereThereIsABudget() {
		this.contextRunner.withPropertyValues("token-counter.budgets.all.max-calls=1")
			.run((context) -> assertThat(context).hasSingleBean(BudgetGate.class));
	}

	@Test
	void isOffWithEverythingElse() {
		this.contextRunner.withPropertyValues("token-counter.budgets.all.max-calls=1")
			.withPropertyValues("token-counter.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BudgetGate.class)
				.doesNotHaveBean(TokenBudgets.class)
				.doesNotHaveBean(BudgetStore.class));
	}

	@Test
	void refusesWhatABudgetDoesNotAllowAndTellsOfIt() {
		this.contextRunner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean(Events.class)
			.withPropertyValues("token-counter.budgets.daily.max-calls=2", "token-counter.budgets.daily.window=day",
					"token-counter.budgets.daily.max-tokens=100000")
			.run((context) -> {
				call(context);
				call(context);
				assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> call(context));
				Conditions.await("events", () -> context.getBean(Events.class).events.size() == 2);
				TokenBudgets.Status status = context.getBean(TokenBudgets.class).status("daily", null);
				assertThat(status.share()).isOne();
				assertThat(status.refused()).isOne();
				assertThat(status.amounts()).extracting(TokenBudgets.Amount::unit).containsExactly("tokens", "calls");
				assertThat(context.getBean(TokenBudgets.class).status("other", null)).isNull();
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				assertThat(registry.get("llm.budget.limit").tags("budget", "daily", "unit", "calls").gauge().value())
					.isEqualTo(2);
				assertThat(registry.get("llm.budget.spent").tags("budget", "daily", "unit", "tokens").gauge().value())
					.isEqualTo(60);
				assertThat(registry.get("llm.budget.held").tags("budget", "daily", "unit", "calls").gauge().value())
					.isZero();
				assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> call(context));
				assertThat(registry.get("llm.budget.decisions")
					.tags("budget", "daily", "decision", "refused")
					.counter()
					.count()).isPositive();
			});
	}

	@Test
	void metersAreOffByProperty() {
		this.contextRunner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withPropertyValues("token-counter.metrics.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BudgetMetrics.class));
	}

	@Test
	void limitsOfABeanWin() {
		this.contextRunner
			.withBean(BudgetLimits.class, () -> (budget, subject) -> new BudgetLimits.Limits(null, null, 0L))
			.withPropertyValues("token-counter.budgets.features.max-calls=5",
					"token-counter.budgets.features.per=feature")
			.run((context) -> assertThatExceptionOfType(TokenBudgetExceededException.class)
				.isThrownBy(() -> call(context))
				.satisfies((ex) -> assertThat(ex.subject()).isEqualTo("none")));
	}

	@Test
	void backsOffFromAStoreOfTheUser() {
		BudgetStore own = new MemoryBudgetStore(Duration.ofMinutes(1), Instant::now);
		this.contextRunner.withBean("ownStore", BudgetStore.class, () -> own)
			.run((context) -> assertThat(context).hasSingleBean(BudgetStore.class).hasBean("ownStore"));
	}

	@Test
	void keepsBudgetsInRedis() {
		try (LocalRedis redis = new LocalRedis()) {
			ApplicationContextRunner runner = this.contextRunner
				.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class,
						DataRedisReactiveAutoConfiguration.class))
				.withPropertyValues("token-counter.budget-store.type=redis", "token-counter.budget-store.timeout=10s",
						"spring.data.redis.port=" + redis.port(), "token-counter.budgets.shared.max-calls=3",
						"token-counter.budgets.tenants.max-calls=9", "token-counter.budgets.tenants.per=tenant");
			runner.run((context) -> {
				assertThat(context).hasSingleBean(RunsInMemoryBudgetStore.class)
					.hasSingleBean(TokenBudgetStoreHealthIndicator.class);
				call(context);
				call(context);
				assertThat(context.getBean(TokenBudgetStoreHealthIndicator.class).health().getStatus())
					.isEqualTo(Status.UP);
			});
			runner.withPropertyValues("management.health.token-counter-budget-store.enabled=false")
				.run((context) -> assertThat(context).doesNotHaveBean(TokenBudgetStoreHealthIndicator.class));
			// Another instance, and what the first one charged when it ended
			runner.run((context) -> {
				call(context);
				assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> call(context));
				Conditions.await("charged",
						() -> context.getBean(TokenBudgets.class)
							.status("shared", null)
							.amounts()
							.get(0)
							.spent()
							.intValue() == 3);
				assertThat(context.getBean(TokenBudgets.class).statuses())
					.extracting(TokenBudgets.Status::budget, TokenBudgets.Status::subject)
					.containsExactly(Tuple.tuple("shared", null), Tuple.tuple("tenants", "none"));
			});
		}
	}

	@Test
	void goesOnFromTheLedger(@TempDir Path folder) {
		ApplicationContextRunner runner = withLedger(folder).withPropertyValues(
				"token-counter.ledger.jdbc.initialize-schema=always",
				"spring.datasource.url=jdbc:h2:file:" + folder.resolve("calls"),
				"token-counter.budgets.all.max-calls=3", "token-counter.budgets.all.window=forever");
		runner.run((context) -> {
			assertThat(context).hasSingleBean(BudgetRestore.class);
			call(context);
			call(context);
		});
		for (int i = 0; i < 2; i++) {
			runner.run((context) -> assertThat(spentCalls(context)).isEqualTo(2));
		}
		runner.run((context) -> {
			call(context);
			assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> call(context));
		});
		runner.withPropertyValues("token-counter.budgets.all.max-calls=4").run((context) -> {
			assertThat(spentCalls(context)).isEqualTo(3);
			call(context);
			assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> call(context));
		});
	}

	private ApplicationContextRunner withLedger(Path folder) {
		return this.contextRunner
			.withConfiguration(
					AutoConfigurations.of(TokenCounterLedgerAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("token-counter.ledger.enabled=true",
					"token-counter.ledger.spool.directory=" + folder.resolve("spool"));
	}

	private static int spentCalls(ApplicationContext context) {
		return context.getBean(TokenBudgets.class).status("all", null).amounts().get(0).spent().intValue();
	}

	@Test
	void startsWhileTheDatabaseOfTheLedgerIsAway(@TempDir Path folder) {
		withLedger(folder)
			.withPropertyValues("token-counter.ledger.jdbc.platform=h2",
					"token-counter.ledger.jdbc.initialize-schema=never",
					"spring.datasource.type=org.springframework.jdbc.datasource.SimpleDriverDataSource",
					"spring.datasource.url=jdbc:h2:tcp://localhost:1/none", "token-counter.budgets.all.max-calls=3")
			.run((context) -> {
				call(context);
				assertThat(spentCalls(context)).isOne();
			});
	}

	@Test
	void hasNothingToGoOnFromWithoutALedgerOrABudget(@TempDir Path folder) {
		this.contextRunner.withPropertyValues("token-counter.budgets.all.max-calls=3")
			.run((context) -> assertThat(context).doesNotHaveBean(BudgetRestore.class));
		withLedger(folder).withPropertyValues("spring.datasource.generate-unique-name=true")
			.run((context) -> assertThat(context).hasSingleBean(TokenLedger.class)
				.doesNotHaveBean(BudgetRestore.class));
	}

	@Test
	void saysWhatIsMissingForRedis() {
		this.contextRunner.withPropertyValues("token-counter.budget-store.type=redis")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidBudgetException.class)
				.hasMessageContaining("no RedisConnectionFactory"));
		this.contextRunner.withPropertyValues("token-counter.budget-store.type=redis")
			.withClassLoader(new FilteredClassLoader(StringRedisTemplate.class))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidBudgetException.class)
				.hasMessageContaining("spring-boot-starter-data-redis"));
	}

	@Test
	void saysWhatIsMissingForRedisWhereAllBeansAreLazy() {
		this.contextRunner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("token-counter.budget-store.type=redis", "token-counter.budgets.all.max-calls=1")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidBudgetException.class)
				.hasMessageContaining("no RedisConnectionFactory"));
	}

	@Test
	void worksWithoutOptionalClasses() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterPricingAutoConfiguration.class, TokenCounterBudgetAutoConfiguration.class,
					TokenCounterBudgetEndpointAutoConfiguration.class, TokenCounterBudgetHealthAutoConfiguration.class,
					TokenCounterBudgetWebAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.springframework.data.redis", "io.micrometer.core",
					"org.springframework.boot.actuate", "org.springframework.boot.health", "org.springframework.web",
					"com.openai", "com.anthropic", "com.google.genai", "org.springframework.ai.openai"))
			.withPropertyValues("token-counter.budgets.all.max-calls=1")
			.run((context) -> {
				call(context);
				assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> call(context));
			});
	}

	@Test
	void theHealthSaysWhetherCallsAreRefusedWhileTheStoreIsAway() {
		assertThat(new TokenBudgetStoreHealthIndicator(() -> false, true).health().getStatus()).isEqualTo(Status.DOWN);
		assertThat(new TokenBudgetStoreHealthIndicator(() -> false, false).health().getStatus())
			.isEqualTo(Status.UNKNOWN);
		assertThat(new TokenBudgetStoreHealthIndicator(() -> true, true).health().getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void theEndpointIsThereWhereItIsExposed() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=tokenbudgets",
					"management.endpoints.jmx.exposure.include=tokenbudgets")
			.run((context) -> assertThat(context).hasSingleBean(TokenBudgetsEndpoint.class));
	}

	@Test
	void backsOffForAnotherEndpointOfTheSameId() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=tokenbudgets")
			.withConfiguration(AutoConfigurations.of(WebEndpointAutoConfiguration.class))
			.withBean(OwnBudgets.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(OwnBudgets.class)
				.doesNotHaveBean(TokenBudgetsEndpoint.class));
	}

	@Test
	void webApplicationsAnswerRefusedCalls() {
		new WebApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.run((context) -> assertThat(context).hasSingleBean(BudgetExceededAdvice.class));
		new ReactiveWebApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.run((context) -> assertThat(context).hasSingleBean(BudgetExceededAdvice.class));
		new WebApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.withPropertyValues("token-counter.budget-responses.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BudgetExceededAdvice.class));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			"x.window=day|'token-counter.budgets.x' needs at least one of",
			"x.max-cost=-1|'token-counter.budgets.x.max-cost' must not be negative",
			"x.max-cost=10000000|'token-counter.budgets.x.max-cost' must not be negative, and 9007199.254740991 at",
			"x.max-tokens=-5|'token-counter.budgets.x.max-tokens' must not be negative",
			"x.max-calls=1,x.warn-at=80|'token-counter.budgets.x.warn-at' must be a share",
			"x.max-cost=1,x.currency=dollars|'token-counter.budgets.x.currency' must be an ISO 4217 code",
			"x.max-calls=1,x.overrides[acme].max-calls=2|'token-counter.budgets.x.overrides' are for",
			"x.max-calls=1,x.per=tenant,x.overrides[acme].max-calls=-2|'token-counter.budgets.x.overrides[acme].max-calls'",
			"[a b].max-calls=1|'token-counter.budgets.a b' must have a name" })
	void saysWhichBudgetIsWrongAndWhy(String properties, String problem) {
		String[] values = Arrays.stream(properties.split(","))
			.map((property) -> "token-counter.budgets." + property)
			.map((property) -> property.replace("budgets.[", "budgets["))
			.toArray(String[]::new);
		this.contextRunner.withPropertyValues(values).run((context) -> {
			assertThat(context).hasFailed();
			Throwable failure = context.getStartupFailure();
			while (failure.getCause() != null) {
				failure = failure.getCause();
			}
			assertThat(failure).isInstanceOf(InvalidBudgetException.class);
			FailureAnalysis analysis = new InvalidBudgetFailureAnalyzer().analyze(failure);
			assertThat(analysis.getDescription()).contains(problem);
		});
	}

	@Test
	void saysWhatIsWrongWithTheStore() {
		this.contextRunner.withPropertyValues("token-counter.budget-store.timeout=0s")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("'token-counter.budget-store.timeout' must be a millisecond or more"));
	}

	private static void call(ApplicationContext context) {
		CallRecorder recorder = context.getBean(CallRecorder.class);
		CallRequest request = new CallRequest(TokenCall.nextId(), "chat", "ollama", "llama3.2", null, null,
				new Prompt("hi"), false, Instant.now(), CallAttribution.NONE, null);
		recorder.admit(request);
		recorder
			.record(new SeenCall(request, CallOutcome.SUCCESS, null, null, new DefaultUsage(10, 20), 1, 0, 0, null));
	}

	/**
	 * Keeps events.
	 */
	static class Events {

		private final List<TokenBudgetEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(TokenBudgetEvent event) {
			this.events.add(event);
		}

	}

	/**
	 * An endpoint of the application.
	 */
	@Endpoint(id = "tokenbudgets")
	static class OwnBudgets {

	}

}
