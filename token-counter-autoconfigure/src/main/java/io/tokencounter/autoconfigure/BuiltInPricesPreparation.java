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

import io.tokencounter.pricing.BuiltInPrices;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * Has the built-in prices read when the application is ready, so that the start does not
 * wait for them, and the first call does not either.
 */
final class BuiltInPricesPreparation implements ApplicationListener<ApplicationReadyEvent> {

	private final ObjectProvider<BuiltInPrices> prices;

	BuiltInPricesPreparation(ObjectProvider<BuiltInPrices> prices) {
		this.prices = prices;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		this.prices.forEach(BuiltInPrices::prepare);
	}

}
