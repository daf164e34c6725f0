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

import io.tokencounter.actuate.TokenBudgetStoreHealthIndicator;
import io.tokencounter.budget.BudgetStore;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the health of a store of budgets
 * that can be away.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterBudgetAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(BudgetStore.class)
@ConditionalOnProperty(name = "token-counter.budget-store.type", havingValue = "redis")
public final class TokenCounterBudgetHealthAutoConfiguration {

	/**
	 * The indicator, unless it is switched off. Without Boot's module for health the
	 * class of its condition is missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnEnabledHealthIndicator("token-counter-budget-store")
	static class IndicatorConfiguration {

		@Bean
		@ConditionalOnMissingBean
		TokenBudgetStoreHealthIndicator tokenCounterBudgetStoreHealthIndicator(BudgetStore store,
				TokenCounterBudgetProperties properties) {
			return new TokenBudgetStoreHealthIndicator(store::available,
					TokenCounterBudgetAutoConfiguration.refuseIfUnavailable(properties));
		}

	}

}
