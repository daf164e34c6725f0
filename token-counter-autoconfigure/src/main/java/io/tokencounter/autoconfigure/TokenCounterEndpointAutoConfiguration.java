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

import java.util.List;

import io.tokencounter.TokenCounter;
import io.tokencounter.actuate.TokensEndpoint;
import io.tokencounter.actuate.TokensEndpointWebExtension;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link TokensEndpoint}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterSessionAutoConfiguration.class,
		beforeName = "org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration")
@ConditionalOnTokenCounter
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(TokenCounter.class)
public final class TokenCounterEndpointAutoConfiguration {

	/**
	 * Endpoint and page, where they are exposed. Without Actuator the class of their
	 * condition is missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(TokensEndpoint.class)
	static class EndpointConfiguration {

		@Bean
		@ConditionalOnMissingEndpoint("tokens")
		TokensEndpoint tokenCounterEndpoint(TokenCounter counter) {
			return new TokensEndpoint(counter);
		}

		@Bean
		@ConditionalOnBean(TokensEndpoint.class)
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
		TokensEndpointWebExtension tokenCounterEndpointWebExtension(ObjectProvider<PathMappedEndpoints> endpoints,
				ObjectProvider<TokenCounterLedgerProperties> ledger, TokenCounterProperties properties) {
			List<String> tags = TokenCounterLedgerAutoConfiguration
				.tags(ledger.getIfAvailable(TokenCounterLedgerProperties::new), properties);
			return new TokensEndpointWebExtension(endpoints::getIfUnique, tags);
		}

	}

}
