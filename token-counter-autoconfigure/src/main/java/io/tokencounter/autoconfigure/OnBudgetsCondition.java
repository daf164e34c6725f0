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

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches if there is any budget, so that calls need not be asked for where there is
 * none.
 */
class OnBudgetsCondition extends SpringBootCondition {

	private static final String PROPERTIES = "token-counter.budgets";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		boolean any = Binder.get(context.getEnvironment())
			.bind(PROPERTIES, Bindable.mapOf(String.class, Object.class))
			.map((budgets) -> !budgets.isEmpty())
			.orElse(false);
		ConditionMessage.Builder message = ConditionMessage.forCondition("Budgets");
		return any ? ConditionOutcome.match(message.found("property").items(PROPERTIES))
				: ConditionOutcome.noMatch(message.didNotFind("property").items(PROPERTIES));
	}

}
