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

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Condition of {@link ConditionalOnMissingEndpoint}.
 */
class OnMissingEndpointCondition extends SpringBootCondition implements ConfigurationCondition {

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition(ConditionalOnMissingEndpoint.class);
		String id = metadata.getAnnotations().get(ConditionalOnMissingEndpoint.class).getString("value");
		for (ListableBeanFactory factory = context.getBeanFactory(); factory != null; factory = parent(factory)) {
			for (String name : factory.getBeanDefinitionNames()) {
				// No factory bean is to be created for the question
				Class<?> type = factory.getType(name, false);
				if (type != null && id.equals(id(type))) {
					return ConditionOutcome.noMatch(message.found("endpoint of that id in bean").items(name));
				}
			}
		}
		return ConditionOutcome.match(message.didNotFind("endpoint of id").items(id));
	}

	private static @Nullable String id(Class<?> type) {
		return MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY)
			.get(Endpoint.class)
			.getValue("id", String.class)
			.orElse(null);
	}

	private static @Nullable ListableBeanFactory parent(ListableBeanFactory factory) {
		return (factory instanceof ConfigurableListableBeanFactory configurable
				&& configurable.getParentBeanFactory() instanceof ListableBeanFactory parent) ? parent : null;
	}

}
