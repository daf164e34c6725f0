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

import io.tokencounter.actuate.TokensEndpointWebExtension;
import io.tokencounter.actuate.TokensServletFilter;
import io.tokencounter.actuate.TokensWebFilter;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletPath;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.server.WebFilter;

/**
 * {@link ManagementContextConfiguration @ManagementContextConfiguration} for HTTP at the
 * address of the endpoint {@code tokens}, on whichever port it is.
 */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnBean({ PathMappedEndpoints.class, TokensEndpointWebExtension.class })
class TokensEndpointWebConfiguration {

	private static final EndpointId ID = EndpointId.of("tokens");

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
			String path = String.valueOf(endpoints.getPath(ID));
			DispatcherServletPath servlet = servletPath.getIfUnique();
			String mapped = (servlet != null) ? String.valueOf(servlet.getRelativePath(path)) : path;
			FilterRegistrationBean<TokensServletFilter> registration = new FilterRegistrationBean<>(
					new TokensServletFilter());
			registration.addUrlPatterns(mapped, mapped + "/*");
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
			return new TokensWebFilter(String.valueOf(endpoints.getPath(ID)));
		}

	}

}
