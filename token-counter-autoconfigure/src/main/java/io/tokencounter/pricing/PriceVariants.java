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

import java.math.BigDecimal;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What changes the price of a call beside its model and tokens. What is not listed has no
 * known price, which is not the plain price. Keys are in lower case.
 *
 * @param serviceTiers the prices by service tier, but for the default one
 * @param inferenceRegions the prices by the region that a call is bound to
 * @param speeds the prices by speed, but for the default one
 * @param webSearch the price of one thousand searches that the provider makes,
 * {@code null} if it is not known
 * @since 0.1.0
 */
public record PriceVariants(Map<String, PriceVariant> serviceTiers, Map<String, PriceVariant> inferenceRegions,
		Map<String, PriceVariant> speeds, @Nullable BigDecimal webSearch) {

	/**
	 * Nothing is known but the plain price.
	 */
	public static final PriceVariants NONE = new PriceVariants(Map.of(), Map.of(), Map.of(), null);

	/**
	 * Create variants.
	 * @throws IllegalArgumentException if the price of searches is negative or out of all
	 * proportion
	 */
	public PriceVariants {
		serviceTiers = Map.copyOf(serviceTiers);
		inferenceRegions = Map.copyOf(inferenceRegions);
		speeds = Map.copyOf(speeds);
		webSearch = (webSearch != null) ? TokenRates.requirePrice("webSearch", webSearch) : null;
	}

}
