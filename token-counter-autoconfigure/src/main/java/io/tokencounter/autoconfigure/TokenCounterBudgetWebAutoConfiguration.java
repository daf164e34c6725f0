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

import java.time.InstantSource;

import io.tokencounter.TokenBudgets;
import io.tokencounter.budget.web.BudgetExceededAdvice;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ControllerAdvice;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what web applications answer to a
 * call that a budget refused.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TokenCounterBudgetAutoConfiguration.class)
@ConditionalOnWebApplication
@ConditionalOnClass({ ControllerAdvice.class, ProblemDetail.class })
@ConditionalOnBean(TokenBudgets.class)
@ConditionalOnBooleanProperty(name = "token-counter.budget-responses.enabled", matchIfMissing = true)
public final class TokenCounterBudgetWebAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	BudgetExceededAdvice tokenCounterBudgetExceededAdvice() {
		return new BudgetExceededAdvice(InstantSource.system());
	}

}
