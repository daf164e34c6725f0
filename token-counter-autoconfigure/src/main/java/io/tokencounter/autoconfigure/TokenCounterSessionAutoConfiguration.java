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

import io.tokencounter.TokenCounter;
import io.tokencounter.attribution.CallerScopes;
import io.tokencounter.chat.ChatCallCounter;
import io.tokencounter.embedding.EmbeddingCallCounter;
import io.tokencounter.provider.TokenUsageReader;
import io.tokencounter.summary.DefaultTokenCounter;
import io.tokencounter.summary.UsageAggregator;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@link TokenCounter}, its
 * sessions and the running summary.
 *
 * @since 0.1.0
 */
@AutoConfiguration(
		after = { TokenCounterAttributionAutoConfiguration.class, TokenCounterEmbeddingAutoConfiguration.class })
@ConditionalOnTokenCounter
@ConditionalOnBean({ ChatCallCounter.class, CallerScopes.class })
public final class TokenCounterSessionAutoConfiguration {

	@Bean
	UsageAggregator tokenCounterRunningSummary(TokenCounterProperties properties) {
		if (properties.getSummary().getMaxCalls() < 0) {
			throw new InvalidConfigurationPropertyValueException("token-counter.summary.max-calls",
					properties.getSummary().getMaxCalls(), "It must not be negative.");
		}
		return aggregator(null, properties);
	}

	@Bean
	@ConditionalOnMissingBean(TokenCounter.class)
	DefaultTokenCounter tokenCounterApi(UsageAggregator tokenCounterRunningSummary, CallerScopes scopes,
			ChatCallCounter counter, ObjectProvider<EmbeddingCallCounter> embeddings, TokenUsageReader reader,
			TokenCounterProperties properties) {
		return new DefaultTokenCounter(tokenCounterRunningSummary, (name) -> aggregator(name, properties), scopes,
				counter, embeddings.getIfAvailable(), reader::read);
	}

	private static UsageAggregator aggregator(@Nullable String name, TokenCounterProperties properties) {
		return new UsageAggregator(name, properties.getSummary().getMaxCalls(),
				properties.getMetrics().getMaxTagValues(), properties.getMetrics().getTags());
	}

}
