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

package io.tokencounter.actuate;

import java.util.function.BooleanSupplier;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * {@link HealthIndicator} of the store of budgets. While the store does not answer it is
 * down if calls are refused for that reason, and unknown if they are made all the same.
 *
 * @since 0.1.0
 */
public final class TokenBudgetStoreHealthIndicator extends AbstractHealthIndicator {

	private final BooleanSupplier available;

	private final boolean refuseIfUnavailable;

	/**
	 * Create an indicator.
	 * @param available tells whether the store answers
	 * @param refuseIfUnavailable whether calls are refused while it does not
	 */
	public TokenBudgetStoreHealthIndicator(BooleanSupplier available, boolean refuseIfUnavailable) {
		super("The store of budgets could not be asked");
		this.available = available;
		this.refuseIfUnavailable = refuseIfUnavailable;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		if (this.available.getAsBoolean()) {
			builder.up();
		}
		else if (this.refuseIfUnavailable) {
			builder.down().withDetail("calls", "refused");
		}
		else {
			builder.unknown().withDetail("calls", "made without asking their budgets");
		}
	}

}
