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

import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.util.function.SingletonSupplier;

/**
 * The prices that come with this library. There is nothing of the application in them
 * that could be wrong, so they are read when somebody says so, or when the first call has
 * ended before that, and always on a thread of their own.
 *
 * @since 0.1.0
 */
public final class BuiltInPrices implements PriceCatalog {

	private final Supplier<CompletableFuture<PriceTable>> table;

	/**
	 * Create a catalogue.
	 * @param today the day to tell the age of the prices from
	 * @param aliases knows the names of providers
	 */
	public BuiltInPrices(LocalDate today, ProviderAliases aliases) {
		this.table = SingletonSupplier
			.of(() -> CompletableFuture.supplyAsync(() -> PriceTable.load(null, today, aliases),
					new SimpleAsyncTaskExecutor("token-counter-prices-")));
	}

	/**
	 * Begin to read the prices, if that has not begun yet.
	 */
	public void prepare() {
		this.table.get();
	}

	@Override
	public List<ModelPrice> getPrices(String provider, String model) {
		return this.table.get().join().getPrices(provider, model);
	}

}
