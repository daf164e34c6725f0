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

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.tokencounter.pricing.BuiltInPrices;
import io.tokencounter.pricing.InvalidPriceException;
import io.tokencounter.pricing.ModelPrice;
import io.tokencounter.pricing.PriceCatalog;
import io.tokencounter.pricing.PricePatterns;
import io.tokencounter.pricing.PriceTable;
import io.tokencounter.pricing.TokenPricer;
import io.tokencounter.pricing.TokenRates;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what calls cost.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnClass(JsonMapper.class)
@ConditionalOnTokenCounter("pricing")
@EnableConfigurationProperties(TokenCounterPricingProperties.class)
public final class TokenCounterPricingAutoConfiguration {

	private static final String PROPERTIES = "token-counter.pricing";

	@Bean
	@ConditionalOnMissingBean(PriceCatalog.class)
	PriceCatalog tokenCounterPriceTable(TokenCounterPricingProperties properties) {
		LocalDate today = LocalDate.now(ZoneOffset.UTC);
		return (properties.getCatalog() != null) ? PriceTable.load(properties.getCatalog(), today)
				: new BuiltInPrices(today);
	}

	// Not lazily, even where all beans are, because a broken price must stop the start
	@Bean
	@Lazy(false)
	@ConditionalOnMissingBean
	TokenPricer tokenCounterPricer(TokenCounterPricingProperties properties, ObjectProvider<PriceCatalog> catalogs) {
		List<PriceCatalog> all = new ArrayList<>();
		if (!properties.getModels().isEmpty()) {
			all.add(new PricePatterns(getPrices(properties)));
		}
		catalogs.orderedStream().forEach(all::add);
		return new TokenPricer(all);
	}

	private Map<String, ModelPrice> getPrices(TokenCounterPricingProperties properties) {
		List<String> problems = new ArrayList<>();
		Map<String, ModelPrice> prices = new LinkedHashMap<>();
		properties.getModels().forEach((pattern, price) -> {
			try {
				TokenRates rates = new TokenRates(required("input", price.getInput()),
						required("output", price.getOutput()), price.getCacheRead(), price.getCacheWrite(), null, null);
				prices.put(pattern, ModelPrice.of(rates, properties.getCurrency()));
			}
			catch (IllegalArgumentException ex) {
				problems.add("'%s.models[%s]': %s".formatted(PROPERTIES, pattern, ex.getMessage()));
			}
		});
		if (!problems.isEmpty()) {
			throw new InvalidPriceException("the properties '" + PROPERTIES + "'", problems, null);
		}
		return prices;
	}

	private BigDecimal required(String name, @Nullable BigDecimal price) {
		if (price == null) {
			throw new IllegalArgumentException("'%s' is missing. Set it to 0 if such tokens are free".formatted(name));
		}
		return price;
	}

}
