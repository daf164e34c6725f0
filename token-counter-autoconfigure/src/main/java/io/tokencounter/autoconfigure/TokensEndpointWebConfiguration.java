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
import java.util.Objects;

import io.tokencounter.actuate.TokenBudgetsEndpoint;
import io.tokencounter.actuate.TokenHistoryEndpoint;
import io.tokencounter.actuate.TokensEndpoint;
import io.tokencounter.actuate.TokensServletFilter;
import io.tokencounter.actuate.TokensWebFilter;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletPath;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.server.WebFilter;

/**
 * {@link ManagementContextConfiguration @ManagementContextConfiguration} for HTTP at the
 * addresses of our endpoints, on whichever port they are.
 */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnBean(PathMappedEndpoints.class)
@Conditional(TokensEndpointWebConfiguration.OnEndpointCondition.class)
class TokensEndpointWebConfiguration {

	private static final List<EndpointId> IDS = List.of(EndpointId.of("tokens"), EndpointId.of("tokenbudgets"),
			EndpointId.of("tokenhistory"));

	/**
	 * Return where those of our endpoints are that are exposed.
	 */
	private static List<String> paths(PathMappedEndpoints endpoints) {
		return IDS.stream().map(endpoints::getPath).filter(Objects::nonNull).toList();
	}

	/**
	 * For Spring MVC.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass({ Filter.class, DispatcherServletPath.class, FilterRegistrationBean.class })
	static class ServletConfiguration {

		@Bean
		FilterRegistrationBean<TokensServletFilter> tokenCounterEndpointFilter(PathMappedEndpoints endpoints,
				ObjectProvider<DispatcherServletPath> servletPath) {
			DispatcherServletPath servlet = servletPath.getIfUnique();
			FilterRegistrationBean<TokensServletFilter> registration = new FilterRegistrationBean<>(
					new TokensServletFilter());
			List<String> paths = paths(endpoints);
			for (String path : paths) {
				String mapped = (servlet != null) ? String.valueOf(servlet.getRelativePath(path)) : path;
				registration.addUrlPatterns(mapped, mapped + "/*");
			}
			// Without a pattern it would be for all addresses
			registration.setEnabled(!paths.isEmpty());
			return registration;
		}

	}

	/**
	 * For Spring WebFlux.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass(WebFilter.class)
	static class ReactiveConfiguration {

		@Bean
		TokensWebFilter tokenCounterEndpointWebFilter(PathMappedEndpoints endpoints) {
			return new TokensWebFilter(paths(endpoints));
		}

	}

	/**
	 * There is one of our endpoints.
	 */
	static class OnEndpointCondition extends AnyNestedCondition {

		OnEndpointCondition() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnBean(TokensEndpoint.class)
		static class OnTokens {

		}

		@ConditionalOnBean(TokenBudgetsEndpoint.class)
		static class OnBudgets {

		}

		@ConditionalOnBean(TokenHistoryEndpoint.class)
		static class OnHistory {

		}

	}

}
