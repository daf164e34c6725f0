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

package io.tokencounter.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * What counts the tokens of a call. With everything on is with all that needs no
 * configuration, and in a session.
 */
public enum Counting {

	/**
	 * Nothing, and the model is not observed.
	 */
	BARE(Model.OPEN, false, false, Extent.NONE),

	/**
	 * Nothing; the model is observed, which Boot makes a timer of.
	 */
	OBSERVED(Model.OPEN, true, false, Extent.NONE),

	/**
	 * Spring AI's own handler of the observation.
	 */
	SPRING_AI(Model.OPEN, true, true, Extent.NONE),

	/**
	 * Our proxy around a model that is not observed, with meters only.
	 */
	BARE_PROXY_METERS(Model.OPEN, false, false, Extent.METERS),

	/**
	 * Our proxy around a model that is not observed, with everything on.
	 */
	BARE_PROXY_ALL(Model.OPEN, false, false, Extent.ALL),

	/**
	 * Our proxy around an observed model, with meters only.
	 */
	PROXY_METERS(Model.OPEN, true, false, Extent.METERS),

	/**
	 * Our proxy around an observed model, with everything on.
	 */
	PROXY_ALL(Model.OPEN, true, false, Extent.ALL),

	/**
	 * Our handler of the observation of a final model, with meters only.
	 */
	HANDLER_METERS(Model.FINAL, true, false, Extent.METERS),

	/**
	 * The same, and a price.
	 */
	HANDLER_PRICE(Model.FINAL, true, false, Extent.PRICE),

	/**
	 * The same, and the running summary.
	 */
	HANDLER_SUMMARY(Model.FINAL, true, false, Extent.SUMMARY),

	/**
	 * Our handler of the observation of a final model, with everything on.
	 */
	HANDLER_ALL(Model.FINAL, true, false, Extent.ALL),

	/**
	 * The same, and the ledger, in H2.
	 */
	HANDLER_LEDGER(Model.FINAL, true, false, Extent.LEDGER),

	/**
	 * All but the ledger, and a budget in memory.
	 */
	HANDLER_BUDGET(Model.FINAL, true, false, Extent.BUDGET),

	/**
	 * All but the ledger, and a budget in Redis.
	 */
	HANDLER_REDIS(Model.FINAL, true, false, Extent.REDIS),

	/**
	 * All, the ledger and a budget in memory.
	 */
	HANDLER_LEDGER_BUDGET(Model.FINAL, true, false, Extent.LEDGER_BUDGET),

	/**
	 * Our proxy around an application's own model, with everything on.
	 */
	OWN_ALL(Model.OWN, true, false, Extent.ALL),

	/**
	 * Nothing, and the model is of a final class.
	 */
	FINAL_OBSERVED(Model.FINAL, true, false, Extent.NONE),

	/**
	 * Spring AI's own handler, and the model is of a final class.
	 */
	FINAL_SPRING_AI(Model.FINAL, true, true, Extent.NONE);

	private final Model model;

	private final boolean observed;

	private final boolean springAi;

	private final Extent extent;

	Counting(Model model, boolean observed, boolean springAi, Extent extent) {
		this.model = model;
		this.observed = observed;
		this.springAi = springAi;
		this.extent = extent;
	}

	Model model() {
		return this.model;
	}

	boolean isObserved() {
		return this.observed;
	}

	boolean isSpringAi() {
		return this.springAi;
	}

	Extent extent() {
		return this.extent;
	}

	List<String> properties() {
		List<String> properties = new ArrayList<>(this.extent.properties());
		List<String> excluded = new ArrayList<>();
		if (!this.springAi) {
			excluded
				.add("org.springframework.ai.model.chat.observation.autoconfigure.ChatObservationAutoConfiguration");
		}
		if (this.extent != Extent.NONE && !this.extent.hasSummary()) {
			excluded.add("io.tokencounter.autoconfigure.TokenCounterSessionAutoConfiguration");
		}
		properties.add("spring.autoconfigure.exclude=" + String.join(",", excluded));
		return properties;
	}

	/**
	 * How a model can be counted.
	 */
	enum Model {

		OPEN, FINAL, OWN

	}

}
