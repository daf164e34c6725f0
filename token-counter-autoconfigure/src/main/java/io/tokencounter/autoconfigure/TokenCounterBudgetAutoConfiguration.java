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

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;

import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.BudgetLimits;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenLedger;
import io.tokencounter.budget.BudgetBackground;
import io.tokencounter.budget.BudgetGate;
import io.tokencounter.budget.BudgetListener;
import io.tokencounter.budget.BudgetMetrics;
import io.tokencounter.budget.BudgetRestore;
import io.tokencounter.budget.BudgetStore;
import io.tokencounter.budget.BudgetWatch;
import io.tokencounter.budget.BudgetedCalls;
import io.tokencounter.budget.CallEstimator;
import io.tokencounter.budget.DefaultTokenBudgets;
import io.tokencounter.budget.InvalidBudgetException;
import io.tokencounter.budget.MemoryBudgetStore;
import io.tokencounter.budget.RunsInMemoryBudgetStore;
import io.tokencounter.budget.redis.BudgetScripts;
import io.tokencounter.budget.redis.EvictionPolicy;
import io.tokencounter.budget.redis.RedisBudgetStore;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallReader;

import org.springframework.ai.tokenizer.TokenCountEstimator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for budgets.
 *
 * @since 0.1.0
 */
@AutoConfiguration(
		after = { TokenCounterAutoConfiguration.class, TokenCounterPricingAutoConfiguration.class,
				TokenCounterLedgerAutoConfiguration.class },
		afterName = {
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration",
				"org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration",
				"org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration" })
@ConditionalOnBean(TokenCounterProperties.class)
@EnableConfigurationProperties(TokenCounterBudgetProperties.class)
public final class TokenCounterBudgetAutoConfiguration {

	// Not lazily, even where all beans are, because a budget that cannot be enforced must
	// stop the start
	@Bean
	@Lazy(false)
	@ConditionalOnMissingBean
	BudgetedCalls tokenCounterBudgetedCalls(TokenCounterBudgetProperties properties, CallReader reader,
			ObjectProvider<CallPricing> pricing, ObjectProvider<TokenCountEstimator> tokenCountEstimator,
			ObjectProvider<BudgetLimits> limits) {
		CallEstimator estimator = new CallEstimator(pricing.getIfAvailable(() -> (model, reading, startedAt) -> null),
				tokenCountEstimator.getIfUnique());
		return new BudgetedCalls(BudgetDefinitions.of(properties), estimator, reader, limits.orderedStream().toList());
	}

	@Bean
	BudgetBackground tokenCounterBudgetBackground() {
		return new BudgetBackground();
	}

	@Bean
	@ConditionalOnMissingBean
	BudgetWatch tokenCounterBudgetWatch(ObjectProvider<BudgetListener> listeners, BudgetStore store,
			BudgetBackground background, ApplicationEventPublisher publisher) {
		return new BudgetWatch(listeners.orderedStream().toList(), store, background, publisher::publishEvent);
	}

	@Bean
	@ConditionalOnMissingBean(TokenBudgets.class)
	DefaultTokenBudgets tokenCounterTokenBudgets(BudgetedCalls calls, BudgetStore store) {
		return new DefaultTokenBudgets(calls, store, InstantSource.system());
	}

	static boolean refuseIfUnavailable(TokenCounterBudgetProperties properties) {
		return properties.getBudgetStore().getOnUnavailable() == TokenCounterBudgetProperties.OnUnavailable.REFUSE;
	}

	private static MemoryBudgetStore memoryStore(TokenCounterBudgetProperties properties) {
		return new MemoryBudgetStore(properties.getBudgetStore().getHoldTimeout(), InstantSource.system());
	}

	private static InvalidBudgetException redisIsMissing(String mend) {
		return new InvalidBudgetException(List.of("'token-counter.budget-store.type' is 'redis', but " + mend + "."));
	}

	/**
	 * Keeps budgets in memory.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "token-counter.budget-store.type", havingValue = "memory", matchIfMissing = true)
	static class MemoryStoreConfiguration {

		@Bean
		@ConditionalOnMissingBean(BudgetStore.class)
		MemoryBudgetStore tokenCounterMemoryBudgetStore(TokenCounterBudgetProperties properties) {
			return memoryStore(properties);
		}

	}

	/**
	 * Keeps budgets in Redis.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(StringRedisTemplate.class)
	@ConditionalOnProperty(name = "token-counter.budget-store.type", havingValue = "redis")
	static class RedisStoreConfiguration {

		@Bean
		@ConditionalOnMissingBean(BudgetStore.class)
		RunsInMemoryBudgetStore tokenCounterRedisBudgetStore(TokenCounterBudgetProperties properties,
				ObjectProvider<RedisConnectionFactory> connectionFactory, BudgetBackground background) {
			RedisConnectionFactory connections = connectionFactory.getIfAvailable();
			if (connections == null) {
				throw redisIsMissing("there is no RedisConnectionFactory bean");
			}
			StringRedisTemplate template = new StringRedisTemplate(connections);
			background.execute(() -> EvictionPolicy.check(template));
			BudgetScripts scripts = (connections instanceof ReactiveRedisConnectionFactory reactive)
					? BudgetScripts.of(new ReactiveStringRedisTemplate(reactive)) : BudgetScripts.of(template);
			TokenCounterBudgetProperties.BudgetStore store = properties.getBudgetStore();
			return new RunsInMemoryBudgetStore(memoryStore(properties),
					new RedisBudgetStore(scripts, store.getKeyPrefix(), store.getTimeout(), store.getHoldTimeout()));
		}

	}

	/**
	 * Says what is missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("org.springframework.data.redis.core.StringRedisTemplate")
	@ConditionalOnProperty(name = "token-counter.budget-store.type", havingValue = "redis")
	static class MissingRedisConfiguration {

		@Bean
		@ConditionalOnMissingBean
		BudgetStore tokenCounterMissingBudgetStore() {
			throw redisIsMissing("Spring Data Redis is missing: add 'spring-boot-starter-data-redis'");
		}

	}

	/**
	 * Publishes meters of budgets.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	@ConditionalOnBean(MeterRegistry.class)
	@ConditionalOnTokenCounter("metrics")
	static class MetricsConfiguration {

		@Bean
		@ConditionalOnMissingBean
		BudgetMetrics tokenCounterBudgetMetrics(TokenCounterBudgetProperties properties,
				ObjectProvider<TokenBudgets> budgets) {
			return new BudgetMetrics(BudgetDefinitions.of(properties), budgets::getObject);
		}

	}

	/**
	 * Has budgets go on from what the ledger knows.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(TokenLedger.class)
	@Conditional(OnBudgetsCondition.class)
	static class RestoreConfiguration {

		@Bean
		@Lazy(false)
		@ConditionalOnMissingBean
		BudgetRestore tokenCounterBudgetRestore(BudgetedCalls calls, BudgetStore store, TokenLedger ledger,
				TokenCounterBudgetProperties properties) {
			return new BudgetRestore(calls, store, ledger, properties.getBudgetStore().getHoldTimeout(),
					InstantSource.system());
		}

	}

	/**
	 * Asks budgets before calls, if there are any.
	 */
	@Configuration(proxyBeanMethods = false)
	@Conditional(OnBudgetsCondition.class)
	static class GateConfiguration {

		// Not lazily either, as a store that is not there must stop the start, too
		@Bean
		@Lazy(false)
		@ConditionalOnMissingBean
		BudgetGate tokenCounterBudgetGate(BudgetedCalls calls, BudgetStore store, BudgetBackground background,
				BudgetWatch watch, TokenCounterBudgetProperties properties) {
			background.expireHoldsOf(store, properties.getBudgetStore().getHoldTimeout());
			Executor charging = (store instanceof MemoryBudgetStore) ? Runnable::run : background;
			return new BudgetGate(calls, store, charging, watch, refuseIfUnavailable(properties));
		}

	}

}
