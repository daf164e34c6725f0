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

import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.metrics.CallerTagKeys;
import io.tokencounter.metrics.TokenMetrics;
import io.tokencounter.pricing.TokenPricer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the meters of counted calls.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterAutoConfiguration.class, afterName = {
		"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration" })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnTokenCounter("metrics")
@ConditionalOnBean(MeterRegistry.class)
@EnableConfigurationProperties(TokenCounterProperties.class)
public final class TokenCounterMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TokenMetrics tokenCounterMetrics(ObjectProvider<MeterRegistry> registry, ObjectProvider<TokenPricer> pricer,
			TokenCounterProperties properties) {
		TokenCounterProperties.Metrics metrics = properties.getMetrics();
		CallerTagKeys.problems(metrics.getTags()).forEach((tag, problem) -> {
			throw new InvalidConfigurationPropertyValueException("token-counter.metrics.tags", tag, problem);
		});
		if (metrics.getMaxTagValues() < 1) {
			throw new InvalidConfigurationPropertyValueException("token-counter.metrics.max-tag-values",
					metrics.getMaxTagValues(), "At least one value is needed.");
		}
		return new TokenMetrics(registry::getObject, metrics.getTags(), metrics.getMaxTagValues(),
				pricer.getIfAvailable() != null);
	}

}
