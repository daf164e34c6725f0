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

import io.tokencounter.TokenBudgets;
import io.tokencounter.actuate.TokenBudgetsEndpoint;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the
 * {@link TokenBudgetsEndpoint}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterBudgetAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(TokenBudgets.class)
public final class TokenCounterBudgetEndpointAutoConfiguration {

	/**
	 * The endpoint, where it is exposed. Without Actuator the class of its condition is
	 * missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(TokenBudgetsEndpoint.class)
	static class EndpointConfiguration {

		@Bean
		@ConditionalOnMissingEndpoint("tokenbudgets")
		TokenBudgetsEndpoint tokenCounterBudgetsEndpoint(TokenBudgets budgets) {
			return new TokenBudgetsEndpoint(budgets);
		}

	}

}
