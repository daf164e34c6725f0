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
import java.util.Set;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenUsageExtractor;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallAttributions;
import io.tokencounter.call.CallGate;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallReader;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.HeardAnswers;
import io.tokencounter.call.UnseenCalls;
import io.tokencounter.chat.ChatCallCounter;
import io.tokencounter.chat.ChatClientCountingCustomizer;
import io.tokencounter.chat.ChatModelBeans;
import io.tokencounter.chat.ChatModelGatePredicate;
import io.tokencounter.chat.ChatModelObservationHandler;
import io.tokencounter.chat.ChatModelPostProcessor;
import io.tokencounter.chat.UnseenChatCalls;
import io.tokencounter.provider.ProviderCallReader;
import io.tokencounter.provider.TokenUsageReader;

import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that counts the tokens of chat
 * models.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnClass({ ChatModel.class, ObservationRegistry.class })
@ConditionalOnTokenCounter
@EnableConfigurationProperties(TokenCounterProperties.class)
public final class TokenCounterAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TokenUsageReader tokenCounterUsageReader(ListableBeanFactory beanFactory) {
		return new TokenUsageReader(new ApplicationBeans<>(beanFactory, TokenUsageExtractor.class));
	}

	@Bean
	@ConditionalOnMissingBean(CallReader.class)
	ProviderCallReader tokenCounterCallReader(TokenUsageReader usageReader) {
		return new ProviderCallReader(usageReader);
	}

	@Bean
	@ConditionalOnMissingBean
	CallRecorder tokenCounterCallRecorder(ObjectProvider<HeardAnswers> heard, CallReader reader,
			ObjectProvider<CallPricing> pricing, ListableBeanFactory beanFactory) {
		return new CallRecorder(heard.getIfAvailable(() -> (seen) -> seen), reader,
				pricing.getIfAvailable(() -> (model, reading, startedAt) -> null),
				new ApplicationBeans<>(beanFactory, CallGate.class),
				new ApplicationBeans<>(beanFactory, TokenCallListener.class));
	}

	@Bean
	@ConditionalOnMissingBean
	ChatCallCounter tokenCounterChatCallCounter(CallRecorder recorder,
			ObjectProvider<ObservationRegistry> observationRegistry, ObjectProvider<CallAttributions> attributions) {
		return new ChatCallCounter(recorder, registries(observationRegistry),
				attributions.getIfAvailable(() -> (observation, context) -> CallAttribution.NONE));
	}

	@Bean
	@ConditionalOnMissingBean
	ChatModelObservationHandler tokenCounterChatModelObservationHandler(ObjectProvider<ChatCallCounter> counter) {
		return new ChatModelObservationHandler(SingletonSupplier.of(counter::getObject));
	}

	@Bean
	@ConditionalOnMissingBean
	ChatModelGatePredicate tokenCounterChatModelGatePredicate(ObjectProvider<ChatCallCounter> counter) {
		return new ChatModelGatePredicate(SingletonSupplier.of(counter::getObject));
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	@ConditionalOnMissingBean
	static ChatModelPostProcessor tokenCounterChatModelPostProcessor(ObjectProvider<ChatCallCounter> counter,
			ObjectProvider<ChatModelBeans> beans, Environment environment) {
		return new ChatModelPostProcessor(SingletonSupplier.of(counter::getObject), beans::getObject,
				names(environment, "token-counter.chat-models.exclude"),
				names(environment, "token-counter.chat-models.include"));
	}

	static Set<String> names(Environment environment, String property) {
		return Binder.get(environment).bind(property, Bindable.setOf(String.class)).orElseGet(Set::of);
	}

	@Bean
	@ConditionalOnMissingBean(UnseenCalls.class)
	UnseenChatCalls tokenCounterUnseenChatCalls(ChatCallCounter counter, ChatModelBeans beans) {
		return new UnseenChatCalls(counter, beans);
	}

	@Bean
	@ConditionalOnMissingBean
	ChatModelBeans tokenCounterChatModelBeans(ConfigurableListableBeanFactory beanFactory,
			TokenCounterProperties properties, ObjectProvider<ObservationRegistry> observationRegistry) {
		return new ChatModelBeans(beanFactory, properties.getChatModels().getExclude(),
				properties.getChatModels().getInclude(), registries(observationRegistry));
	}

	static Supplier<List<ObservationRegistry>> registries(ObjectProvider<ObservationRegistry> provider) {
		return SingletonSupplier.of(() -> provider.orderedStream().toList());
	}

	static Supplier<ObservationRegistry> registry(ObjectProvider<ObservationRegistry> provider) {
		return SingletonSupplier.of(() -> provider.orderedStream().findFirst().orElse(ObservationRegistry.NOOP));
	}

	/**
	 * Counts the streams of a {@code ChatClient}.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ChatClientBuilderCustomizer.class)
	static class ChatClientConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ChatClientCountingCustomizer tokenCounterChatClientCustomizer(ObjectProvider<ChatCallCounter> counter,
				ObjectProvider<ChatModelBeans> beans) {
			return new ChatClientCountingCustomizer(counter::getObject, beans::getObject);
		}

	}

}
