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

package io.tokencounter.pricing;

import java.util.List;

/**
 * Knows what models cost. A bean of this type replaces the built-in catalogue, and with
 * it the file of {@code token-counter.pricing.catalog}; prices in
 * {@code token-counter.pricing.models} are still asked first. Where there are several
 * beans they are asked in order.
 * <p>
 * A catalogue is asked on the thread that a call ended on, so it must not block. What it
 * answers is kept for all calls to come, but not where there are more than about a
 * thousand names of models: then it is asked again.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface PriceCatalog {

	/**
	 * Return the prices of a model.
	 * @param provider the {@code gen_ai.provider.name}, as the call has it
	 * @param model the name of the model, as the provider's answer has it
	 * @return the prices, of which the first one that is valid at the time of a call
	 * applies to it; empty if none is known
	 */
	List<ModelPrice> getPrices(String provider, String model);

}
