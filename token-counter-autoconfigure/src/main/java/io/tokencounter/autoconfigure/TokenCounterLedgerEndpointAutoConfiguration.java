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

import io.tokencounter.TokenLedger;
import io.tokencounter.actuate.TokenHistoryEndpoint;
import io.tokencounter.actuate.TokenHistoryEndpointWebExtension;
import io.tokencounter.actuate.TokenLedgerHealthIndicator;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link TokenHistoryEndpoint}
 * and the health of the ledger.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterLedgerAutoConfiguration.class)
@ConditionalOnBean(TokenLedger.class)
public final class TokenCounterLedgerEndpointAutoConfiguration {

	/**
	 * Endpoint, where it is exposed.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
	static class ActuatorConfiguration {

		/**
		 * Without Actuator the class of its condition is missing.
		 */
		@Configuration(proxyBeanMethods = false)
		@ConditionalOnAvailableEndpoint(TokenHistoryEndpoint.class)
		static class EndpointConfiguration {

			@Bean
			@ConditionalOnMissingEndpoint("tokenhistory")
			TokenHistoryEndpoint tokenCounterHistoryEndpoint(TokenLedger ledger) {
				return new TokenHistoryEndpoint(ledger);
			}

			@Bean
			@ConditionalOnBean(TokenHistoryEndpoint.class)
			@ConditionalOnMissingBean
			@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
			TokenHistoryEndpointWebExtension tokenCounterHistoryEndpointWebExtension(TokenHistoryEndpoint endpoint) {
				return new TokenHistoryEndpointWebExtension(endpoint);
			}

		}

	}

	/**
	 * Health, where it is asked for.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ AbstractHealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
	static class HealthConfiguration {

		/**
		 * Without the health module the class of its condition is missing.
		 */
		@Configuration(proxyBeanMethods = false)
		@ConditionalOnEnabledHealthIndicator("token-ledger")
		static class IndicatorConfiguration {

			// The name of the bean is that of the indicator
			@Bean
			@ConditionalOnMissingBean(name = { "tokenLedgerHealthIndicator", "tokenLedgerHealthContributor" })
			TokenLedgerHealthIndicator tokenLedgerHealthIndicator(TokenLedger ledger) {
				return new TokenLedgerHealthIndicator(ledger);
			}

		}

	}

}
