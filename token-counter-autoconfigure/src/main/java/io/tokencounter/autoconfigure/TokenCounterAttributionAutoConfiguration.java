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

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallTagsProvider;
import io.tokencounter.TrackTokens;
import io.tokencounter.attribution.CallerObservationHandler;
import io.tokencounter.attribution.CallerScopes;
import io.tokencounter.attribution.OpenCallsHandler;
import io.tokencounter.attribution.SubscriptionScopes;
import io.tokencounter.attribution.TrackTokensPostProcessor;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.observation.ChatClientObservationContext;
import org.springframework.ai.tool.observation.ToolCallingObservationContext;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that tells whom calls belong to, by
 * {@link TrackTokens} and {@link CallTagsProvider}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterAutoConfiguration.class)
@ConditionalOnTokenCounter
public final class TokenCounterAttributionAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	CallerScopes tokenCounterCallerScopes(ObjectProvider<ObservationRegistry> observationRegistry,
			ListableBeanFactory beanFactory) {
		return new CallerScopes(TokenCounterAutoConfiguration.registry(observationRegistry),
				new ApplicationBeans<>(beanFactory, CallTagsProvider.class));
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	@ConditionalOnTokenCounter("track-tokens")
	static TrackTokensPostProcessor tokenCounterTrackTokensPostProcessor(ObjectProvider<CallerScopes> scopes,
			Environment environment) {
		TrackTokensPostProcessor postProcessor = new TrackTokensPostProcessor(SingletonSupplier.of(scopes::getObject));
		postProcessor
			.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
		return postProcessor;
	}

	@Bean
	@ConditionalOnMissingBean
	SubscriptionScopes tokenCounterSubscriptionScopes() {
		return new SubscriptionScopes();
	}

	@Bean
	@ConditionalOnMissingBean
	OpenCallsHandler tokenCounterOpenCallsHandler(ObjectProvider<CallerScopes> scopes) {
		return new OpenCallsHandler(SingletonSupplier.of(scopes::getObject));
	}

	@Bean
	CallerObservationHandler tokenCounterToolCallerHandler(ObjectProvider<CallerScopes> scopes) {
		return new CallerObservationHandler(ToolCallingObservationContext.class,
				SingletonSupplier.of(scopes::getObject));
	}

	/**
	 * Keeps whom the calls of a {@code ChatClient} belong to.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ChatClient.class)
	static class ChatClientConfiguration {

		@Bean
		CallerObservationHandler tokenCounterChatClientCallerHandler(ObjectProvider<CallerScopes> scopes) {
			return new CallerObservationHandler(ChatClientObservationContext.class,
					SingletonSupplier.of(scopes::getObject));
		}

	}

}
