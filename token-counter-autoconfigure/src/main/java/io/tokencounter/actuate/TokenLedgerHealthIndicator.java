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

import java.time.Instant;

import io.tokencounter.TokenLedger;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Health of the ledger: down while calls cannot be written to its files or to its
 * database. No call of a model fails for that.
 *
 * @since 0.1.0
 */
public final class TokenLedgerHealthIndicator extends AbstractHealthIndicator {

	private final TokenLedger ledger;

	/**
	 * Create an indicator.
	 * @param ledger the ledger
	 */
	public TokenLedgerHealthIndicator(TokenLedger ledger) {
		super("The health of the ledger cannot be told");
		this.ledger = ledger;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		TokenLedger.Status status = this.ledger.status();
		(status.problems().isEmpty() ? builder.up() : builder.down()).withDetail("spooled", status.spooled())
			.withDetail("written", status.written())
			.withDetail("failed", status.failed());
		Instant oldest = status.oldest();
		if (oldest != null) {
			builder.withDetail("oldest", oldest.toString());
		}
		if (!status.problems().isEmpty()) {
			builder.withDetail("problems", status.problems());
		}
	}

}
