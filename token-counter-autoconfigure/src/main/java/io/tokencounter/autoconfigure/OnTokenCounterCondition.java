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

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Condition of {@link ConditionalOnTokenCounter}.
 */
class OnTokenCounterCondition extends SpringBootCondition {

	private static final List<String> NEEDED = List.of("org.springframework.ai.chat.model.ChatModel",
			"io.micrometer.observation.ObservationRegistry");

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition(ConditionalOnTokenCounter.class);
		for (String type : NEEDED) {
			if (!ClassUtils.isPresent(type, context.getClassLoader())) {
				return ConditionOutcome.noMatch(message.didNotFind("class").items(type));
			}
		}
		MergedAnnotation<ConditionalOnTokenCounter> annotation = metadata.getAnnotations()
			.get(ConditionalOnTokenCounter.class);
		String feature = annotation.getString("value");
		if (!isOn(context, "token-counter.enabled", true)) {
			return ConditionOutcome.noMatch(message.because("token-counter.enabled is false"));
		}
		String property = "token-counter." + feature + ".enabled";
		if (StringUtils.hasText(feature) && !isOn(context, property, annotation.getBoolean("matchIfMissing"))) {
			return ConditionOutcome.noMatch(message.because(property + " is false"));
		}
		return ConditionOutcome.match(message.because("nothing switches it off"));
	}

	private static boolean isOn(ConditionContext context, String property, boolean missing) {
		return context.getEnvironment().getProperty(property, Boolean.class, missing);
	}

}
