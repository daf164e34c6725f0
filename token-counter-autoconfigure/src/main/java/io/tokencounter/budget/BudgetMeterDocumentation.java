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

package io.tokencounter.budget;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import org.jspecify.annotations.Nullable;

/**
 * Meters of budgets, and their tags.
 *
 * @since 0.1.0
 */
public enum BudgetMeterDocumentation implements MeterDocumentation {

	/**
	 * Limit of the open window of a budget that all calls share.
	 */
	LIMIT("llm.budget.limit", Meter.Type.GAUGE, null, "Limit of the open window of a budget", Tags.BUDGET, Tags.UNIT),

	/**
	 * What calls are charged with in the open window.
	 */
	SPENT("llm.budget.spent", Meter.Type.GAUGE, null, "What calls are charged with in the open window of a budget",
			Tags.BUDGET, Tags.UNIT),

	/**
	 * What is held for calls that are being made.
	 */
	HELD("llm.budget.held", Meter.Type.GAUGE, null, "What is held for calls in the open window of a budget",
			Tags.BUDGET, Tags.UNIT),

	/**
	 * Calls that a budget did not simply let pass.
	 */
	DECISIONS("llm.budget.decisions", Meter.Type.COUNTER, "calls", "Calls that a budget did not simply let pass",
			Tags.BUDGET, Tags.DECISION),

	/**
	 * What was held for a call divided by what it needed.
	 */
	ESTIMATE("llm.budget.estimate", Meter.Type.DISTRIBUTION_SUMMARY, null,
			"What was held for a call divided by what it needed", Tags.BUDGET);

	private final String name;

	private final Meter.Type type;

	private final @Nullable String baseUnit;

	private final String description;

	private final Tags[] tags;

	BudgetMeterDocumentation(String name, Meter.Type type, @Nullable String baseUnit, String description,
			Tags... tags) {
		this.name = name;
		this.type = type;
		this.baseUnit = baseUnit;
		this.description = description;
		this.tags = tags;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public Meter.Type getType() {
		return this.type;
	}

	@Override
	public @Nullable String getBaseUnit() {
		return this.baseUnit;
	}

	String getDescription() {
		return this.description;
	}

	@Override
	public KeyName[] getKeyNames() {
		return this.tags.clone();
	}

	/**
	 * Tags of the meters of budgets.
	 */
	public enum Tags implements KeyName {

		/**
		 * Name of the budget.
		 */
		BUDGET("budget"),

		/**
		 * Either {@code cost}, {@code tokens} or {@code calls}.
		 */
		UNIT("unit"),

		/**
		 * {@code refused}, {@code observed} (it would have been refused) or
		 * {@code unavailable} (it was let pass, as the store did not answer).
		 */
		DECISION("decision");

		private final String key;

		Tags(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
