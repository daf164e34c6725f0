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

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallAttributions;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.embedding.EmbeddingCallCounter;
import io.tokencounter.embedding.EmbeddingModelBeans;
import io.tokencounter.embedding.EmbeddingModelGatePredicate;
import io.tokencounter.embedding.EmbeddingModelObservationHandler;
import io.tokencounter.embedding.EmbeddingModelPostProcessor;

import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that counts the tokens of embedding
 * models.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterAutoConfiguration.class)
@ConditionalOnClass(EmbeddingModel.class)
@ConditionalOnBean(CallRecorder.class)
public final class TokenCounterEmbeddingAutoConfiguration {

	private static final String EXCLUDE = "token-counter.embedding-models.exclude";

	@Bean
	@ConditionalOnMissingBean
	EmbeddingCallCounter tokenCounterEmbeddingCallCounter(CallRecorder recorder,
			ObjectProvider<ObservationRegistry> observationRegistry, ObjectProvider<CallAttributions> attributions) {
		return new EmbeddingCallCounter(recorder, TokenCounterAutoConfiguration.registries(observationRegistry),
				attributions.getIfAvailable(() -> (observation, context) -> CallAttribution.NONE));
	}

	@Bean
	@ConditionalOnMissingBean
	EmbeddingModelObservationHandler tokenCounterEmbeddingModelObservationHandler(
			ObjectProvider<EmbeddingCallCounter> counter) {
		return new EmbeddingModelObservationHandler(SingletonSupplier.of(counter::getObject));
	}

	@Bean
	@ConditionalOnMissingBean
	EmbeddingModelGatePredicate tokenCounterEmbeddingModelGatePredicate(ObjectProvider<EmbeddingCallCounter> counter) {
		return new EmbeddingModelGatePredicate(SingletonSupplier.of(counter::getObject));
	}

	@Bean
	@ConditionalOnMissingBean
	EmbeddingModelBeans tokenCounterEmbeddingModelBeans(ConfigurableListableBeanFactory beanFactory,
			TokenCounterProperties properties, ObjectProvider<ObservationRegistry> observationRegistry) {
		return new EmbeddingModelBeans(beanFactory, properties.getEmbeddingModels().getExclude(),
				TokenCounterAutoConfiguration.registries(observationRegistry));
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	@ConditionalOnMissingBean
	static EmbeddingModelPostProcessor tokenCounterEmbeddingModelPostProcessor(
			ObjectProvider<EmbeddingCallCounter> counter, ObjectProvider<EmbeddingModelBeans> beans,
			Environment environment) {
		Set<String> excluded = TokenCounterAutoConfiguration.names(environment, EXCLUDE);
		return new EmbeddingModelPostProcessor(SingletonSupplier.of(counter::getObject), beans::getObject, excluded);
	}

}
