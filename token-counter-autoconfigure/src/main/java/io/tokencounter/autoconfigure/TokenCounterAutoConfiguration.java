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

import java.util.Set;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallAttribution;
import io.tokencounter.TokenCallListener;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import io.tokencounter.attribution.CallerScopes;
import io.tokencounter.capture.CallNaming;
import io.tokencounter.capture.CallPricing;
import io.tokencounter.capture.ChatCallCounter;
import io.tokencounter.capture.ChatClientCountingCustomizer;
import io.tokencounter.capture.ChatModelBeans;
import io.tokencounter.capture.ChatModelObservationHandler;
import io.tokencounter.capture.ChatModelPostProcessor;
import io.tokencounter.capture.EndedCall;
import io.tokencounter.capture.TokenUsageRecorder;
import io.tokencounter.pricing.TokenPricer;
import io.tokencounter.usage.LongLivedCacheWrites;
import io.tokencounter.usage.ProviderNames;
import io.tokencounter.usage.ResponseModels;
import io.tokencounter.usage.TokenUsageReader;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
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
@ConditionalOnBooleanProperty(name = "token-counter.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TokenCounterProperties.class)
public final class TokenCounterAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TokenUsageReader tokenCounterUsageReader(ObjectProvider<TokenUsageExtractor> extractors) {
		return new TokenUsageReader(() -> extractors.orderedStream().toList());
	}

	@Bean
	@ConditionalOnMissingBean
	TokenUsageRecorder tokenCounterUsageRecorder(TokenUsageReader usageReader, ObjectProvider<TokenPricer> tokenPricer,
			ObjectProvider<TokenCallListener> listeners) {
		TokenPricer pricer = tokenPricer.getIfAvailable();
		CallPricing pricing = (pricer != null)
				? (provider, model, tokens, ended) -> cost(pricer, provider, model, tokens, ended)
				: (provider, model, tokens, ended) -> null;
		return new TokenUsageRecorder(usageReader::read, new ProviderCallNaming(), pricing,
				() -> listeners.orderedStream().toList());
	}

	private static @Nullable TokenCost cost(TokenPricer pricer, String provider, String model, TokenUsage tokens,
			EndedCall ended) {
		return pricer.cost(provider, model, tokens,
				LongLivedCacheWrites.count(tokens, ended.usage(), ended.options(), ended.defaultOptions()),
				ended.startedAt());
	}

	@Bean
	@ConditionalOnMissingBean
	ChatCallCounter tokenCounterChatCallCounter(TokenUsageRecorder recorder,
			ObjectProvider<ObservationRegistry> observationRegistry, ObjectProvider<CallerScopes> callerScopes) {
		CallerScopes scopes = callerScopes.getIfAvailable();
		return new ChatCallCounter(recorder, registry(observationRegistry),
				(scopes != null) ? scopes::attributionOf : (observation, context) -> CallAttribution.NONE);
	}

	@Bean
	ChatModelObservationHandler tokenCounterChatModelObservationHandler(ObjectProvider<ChatCallCounter> counter,
			ObjectProvider<ObservationRegistry> observationRegistry) {
		return new ChatModelObservationHandler(SingletonSupplier.of(counter::getObject), registry(observationRegistry));
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ChatModelPostProcessor tokenCounterChatModelPostProcessor(ObjectProvider<ChatCallCounter> counter,
			ObjectProvider<ChatModelBeans> beans, Environment environment) {
		Set<String> excluded = Binder.get(environment)
			.bind("token-counter.chat-models.exclude", Bindable.setOf(String.class))
			.orElseGet(Set::of);
		return new ChatModelPostProcessor(SingletonSupplier.of(counter::getObject), beans::getObject, excluded);
	}

	@Bean
	ChatModelBeans tokenCounterChatModelBeans(ConfigurableListableBeanFactory beanFactory,
			TokenCounterProperties properties) {
		return new ChatModelBeans(beanFactory, properties.getChatModels().getExclude());
	}

	static Supplier<ObservationRegistry> registry(ObjectProvider<ObservationRegistry> provider) {
		return SingletonSupplier.of(() -> provider.getIfUnique(() -> ObservationRegistry.NOOP));
	}

	/**
	 * Counts the streams of a {@code ChatClient}.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ChatClientBuilderCustomizer.class)
	static class ChatClientConfiguration {

		@Bean
		ChatClientCountingCustomizer tokenCounterChatClientCustomizer(ObjectProvider<ChatCallCounter> counter,
				ObjectProvider<ChatModelBeans> beans) {
			return new ChatClientCountingCustomizer(counter::getObject, beans::getObject);
		}

	}

	/**
	 * Names calls as the providers' usage is read by.
	 */
	private static final class ProviderCallNaming implements CallNaming {

		@Override
		public String provider(@Nullable String provider, @Nullable ChatOptions options,
				@Nullable ChatOptions defaultOptions) {
			return ProviderNames.resolve(provider, options, defaultOptions);
		}

		@Override
		public @Nullable String responseModel(@Nullable String model) {
			return ResponseModels.nameOf(model);
		}

	}

}
