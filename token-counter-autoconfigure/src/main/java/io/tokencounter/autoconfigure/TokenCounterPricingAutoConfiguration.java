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
import io.tokencounter.pricing.ProviderAliases;
import io.tokencounter.pricing.TokenPricer;
import io.tokencounter.pricing.TokenRates;
import io.tokencounter.provider.ProviderNames;
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
import org.springframework.core.env.Environment;

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

	private static final ProviderAliases ALIASES = ProviderNames::nameOf;

	@Bean
	@ConditionalOnMissingBean(PriceCatalog.class)
	PriceCatalog tokenCounterPriceTable(TokenCounterPricingProperties properties) {
		LocalDate today = LocalDate.now(ZoneOffset.UTC);
		return (properties.getCatalog() != null) ? PriceTable.load(properties.getCatalog(), today, ALIASES)
				: new BuiltInPrices(today, ALIASES);
	}

	@Bean
	static PriceKeys tokenCounterPriceKeys(Environment environment) {
		return new PriceKeys(environment);
	}

	@Bean
	BuiltInPricesPreparation tokenCounterBuiltInPricesPreparation(ObjectProvider<BuiltInPrices> prices) {
		return new BuiltInPricesPreparation(prices);
	}

	// Not lazily, even where all beans are, because a broken price must stop the start
	@Bean
	@Lazy(false)
	@ConditionalOnMissingBean
	TokenPricer tokenCounterPricer(TokenCounterPricingProperties properties, ObjectProvider<PriceCatalog> catalogs) {
		List<PriceCatalog> all = new ArrayList<>();
		Map<String, ModelPrice> prices = getPrices(properties);
		if (!prices.isEmpty()) {
			all.add(new PricePatterns(prices, ALIASES));
		}
		catalogs.orderedStream().forEach(all::add);
		return new TokenPricer(all, properties.getCurrency());
	}

	private Map<String, ModelPrice> getPrices(TokenCounterPricingProperties properties) {
		List<String> problems = new ArrayList<>();
		if (!ModelPrice.isCurrency(properties.getCurrency())) {
			problems.add("'%s.currency': must be an ISO 4217 code such as EUR, but is '%s'".formatted(PROPERTIES,
					properties.getCurrency()));
		}
		Map<String, ModelPrice> prices = new LinkedHashMap<>();
		if (problems.isEmpty()) {
			properties.getModels()
				.forEach((pattern, price) -> addPrice(pattern, price, properties.getCurrency(), prices, problems));
		}
		if (!problems.isEmpty()) {
			throw new InvalidPriceException("the properties '" + PROPERTIES + "'", problems, null);
		}
		return prices;
	}

	private void addPrice(String pattern, TokenCounterPricingProperties.Price price, String currency,
			Map<String, ModelPrice> prices, List<String> problems) {
		try {
			BigDecimal input = required("input", price.getInput());
			BigDecimal output = required("output", price.getOutput());
			// Of all writes and of audio alike, as only a price file can tell them apart
			TokenRates rates = new TokenRates(input, output, price.getCacheRead(), price.getCacheWrite(), null, null,
					input, output, (price.getCacheRead() != null) ? price.getCacheRead() : input);
			prices.put(pattern, ModelPrice.of(rates, currency));
		}
		catch (IllegalArgumentException ex) {
			problems.add("'%s.models[%s]': %s".formatted(PROPERTIES, pattern, ex.getMessage()));
		}
	}

	private BigDecimal required(String name, @Nullable BigDecimal price) {
		if (price == null) {
			throw new IllegalArgumentException("'%s' is missing. Set it to 0 if such tokens are free".formatted(name));
		}
		return price;
	}

}
