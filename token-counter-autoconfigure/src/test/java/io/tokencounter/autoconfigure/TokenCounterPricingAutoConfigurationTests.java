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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.pricing.BuiltInPrices;
import io.tokencounter.pricing.InvalidPriceException;
import io.tokencounter.pricing.ModelPrice;
import io.tokencounter.pricing.PriceCatalog;
import io.tokencounter.pricing.ProviderAliases;
import io.tokencounter.pricing.TokenPricer;
import io.tokencounter.pricing.TokenRates;
import io.tokencounter.testsupport.Conditions;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterPricingAutoConfiguration}.
 */
class TokenCounterPricingAutoConfigurationTests {

	private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

	private static final TokenUsage USAGE = TokenUsage.of(1_000_000, 1_000_000);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TokenCounterPricingAutoConfiguration.class));

	@Test
	void mistypedPriceStopsTheStart() {
		this.contextRunner.withPropertyValues("token-counter.pricing.models[my-model].inptu=1")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("token-counter.pricing.models[my-model].inptu"));
	}

	@Test
	void pricesByDefault() {
		this.contextRunner.run((context) -> assertThat(cost(context, "openai", "gpt-4o-mini-2024-07-18"))
			.satisfies((cost) -> assertThat(cost.amount()).isEqualByComparingTo("0.75")));
	}

	@Test
	void hasDocumentedDefaults() {
		TokenCounterPricingProperties properties = new TokenCounterPricingProperties();
		assertThat(properties.isEnabled()).isTrue();
		assertThat(properties.getCurrency()).isEqualTo("USD");
		assertThat(properties.getModels()).isEmpty();
		assertThat(properties.getCatalog()).isNull();
	}

	@Test
	void isOffByProperty() {
		this.contextRunner.withPropertyValues("token-counter.pricing.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TokenPricer.class)
				.doesNotHaveBean(PriceCatalog.class));
		this.contextRunner.withPropertyValues("token-counter.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TokenPricer.class)
				.doesNotHaveBean(PriceCatalog.class));
	}

	@Test
	void backsOffWithoutJackson() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(JsonMapper.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TokenPricer.class));
	}

	@Test
	void prefersPricesOfProperties() {
		this.contextRunner.withPropertyValues("token-counter.pricing.models[gpt-4o-mini].input=1",
				"token-counter.pricing.models[gpt-4o-mini].output=2", "token-counter.pricing.models[gpt-4.1*].input=3",
				"token-counter.pricing.models[gpt-4.1*].output=4", "token-counter.pricing.models[ollama/*].input=5",
				"token-counter.pricing.models[ollama/*].output=6", "token-counter.pricing.currency=EUR")
			.run((context) -> {
				assertThat(cost(context, "openai", "gpt-4o-mini-2024-07-18")).satisfies(euros("3"));
				assertThat(cost(context, "openai", "gpt-4.1-nano")).satisfies(euros("7"));
				assertThat(cost(context, "ollama", "llama3.2:3b")).satisfies(euros("11"));
				assertThat(cost(context, "openai", "gpt-4o").currency()).isEqualTo("USD");
			});
	}

	@Test
	void bindsPricesOfCachedTokens() {
		this.contextRunner
			.withPropertyValues("token-counter.pricing.models.acme.input=1",
					"token-counter.pricing.models.acme.output=2", "token-counter.pricing.models.acme.cache-read=0.1",
					"token-counter.pricing.models.acme.cache-write=1.25")
			.run((context) -> {
				TokenUsage usage = new TokenUsage(3_000_000, 0, 1_000_000, 1_000_000, 0, true);
				assertThat(context.getBean(TokenPricer.class).cost("any", "acme", usage, BillingDetails.PLAIN, NOW))
					.isNotNull()
					.satisfies((cost) -> assertThat(cost.amount()).isEqualByComparingTo("2.35"));
			});
	}

	@Test
	void readsFurtherFile() {
		this.contextRunner
			.withPropertyValues("token-counter.pricing.catalog=classpath:io/tokencounter/pricing/litellm.json")
			.run((context) -> {
				assertThat(cost(context, "openai", "gpt-4o-mini").amount()).isEqualByComparingTo("18");
				assertThat(cost(context, "openai", "gpt-4o").amount()).isEqualByComparingTo("12.5");
			});
	}

	@Test
	void backsOffFromCatalogueOfUser() {
		this.contextRunner.withUserConfiguration(CatalogConfiguration.class)
			.withPropertyValues("token-counter.pricing.models[own].input=1",
					"token-counter.pricing.models[own].output=1")
			.run((context) -> {
				assertThat(context).hasSingleBean(PriceCatalog.class).doesNotHaveBean(BuiltInPrices.class);
				assertThat(cost(context, "openai", "gpt-4o").amount()).isEqualByComparingTo("84");
				assertThat(cost(context, "openai", "own").amount()).isEqualByComparingTo("2");
			});
	}

	@Test
	void stopsOnBrokenFile(@TempDir Path directory) throws Exception {
		Path file = Files.writeString(directory.resolve("prices.json"),
				"{ \"acme-chat\": { \"input_cost_per_token\": -1 } }");
		this.contextRunner.withPropertyValues("token-counter.pricing.catalog=" + file.toUri()).run((context) -> {
			FailureAnalysis analysis = analyze(context);
			assertThat(analysis.getDescription()).contains("prices.json")
				.contains("'acme-chat': 'input_cost_per_token' must not be negative, but is -1");
			assertThat(analysis.getAction()).contains("token-counter.pricing.enabled");
		});
	}

	@Test
	void stopsOnMissingFile() {
		this.contextRunner.withPropertyValues("token-counter.pricing.catalog=file:/no/such/prices.json")
			.run((context) -> assertThat(analyze(context).getDescription()).contains("/no/such/prices.json")
				.contains("cannot be read")
				.contains("Cause:"));
	}

	@Test
	void stopsOnBrokenFileThoughBeansAreLazy() {
		this.contextRunner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("token-counter.pricing.catalog=file:/no/such/prices.json")
			.run((context) -> assertThat(context).hasFailed());
	}

	@Test
	void stopsOnNegativeOrMissingPrice() {
		this.contextRunner
			.withPropertyValues("token-counter.pricing.models[gpt-4o*].input=-1",
					"token-counter.pricing.models[gpt-4o*].output=2", "token-counter.pricing.models[acme].input=1")
			.run((context) -> assertThat(analyze(context).getDescription())
				.contains("'token-counter.pricing.models[gpt-4o*]': 'input' must not be negative, but is -1")
				.contains("'token-counter.pricing.models[acme]': 'output' is missing"));
	}

	@Test
	void stopsOnUnknownCurrency() {
		this.contextRunner
			.withPropertyValues("token-counter.pricing.currency=coins", "token-counter.pricing.models[acme].input=1",
					"token-counter.pricing.models[acme].output=1")
			.run((context) -> assertThat(analyze(context).getDescription()).contains("coins"));
	}

	@Test
	void stopsOnPriceThatIsNoNumber() {
		this.contextRunner.withPropertyValues("token-counter.pricing.models[gpt-4o].input=cheap")
			.run((context) -> assertThat(context).getFailure().rootCause().isInstanceOf(NumberFormatException.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "XXX", "euro", "" })
	void stopsOnCurrencyThatIsNoneThoughNoPriceHasIt(String currency) {
		this.contextRunner.withPropertyValues("token-counter.pricing.currency=" + currency)
			.run((context) -> assertThat(analyze(context).getDescription())
				.contains("'token-counter.pricing.currency': must be an ISO 4217 code such as EUR"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "openai/gpt-4o-mini", "gpt-4.1", "gpt-4o*", "my_model", "llama3.2-3b" })
	void stopsOnKeyWithoutBracketsAndSaysHowToWriteIt(String model) {
		this.contextRunner
			.withPropertyValues("token-counter.pricing.models." + model + ".input=1",
					"token-counter.pricing.models." + model + ".cache-read=1")
			.run((context) -> assertThat(analyze(context).getDescription())
				.contains("'token-counter.pricing.models.%s.input'".formatted(model))
				.contains("'token-counter.pricing.models[%s].input'".formatted(model))
				.contains("'token-counter.pricing.models[%s].cache-read'".formatted(model)));
	}

	@Test
	void readsKeysWithoutBracketsThatStayWhatTheyAre() {
		this.contextRunner
			.withPropertyValues("token-counter.pricing.models.gpt-4o-mini.input=1",
					"token-counter.pricing.models.gpt-4o-mini.output=2",
					"token-counter.pricing.models[openai/gpt-4.1].input=3",
					"token-counter.pricing.models[openai/gpt-4.1].output=4")
			.run((context) -> {
				assertThat(cost(context, "openai", "gpt-4o-mini").amount()).isEqualByComparingTo("3");
				assertThat(cost(context, "openai", "gpt-4.1").amount()).isEqualByComparingTo("7");
			});
	}

	@Test
	void takesNothingAwayByAPriceForOneModel() {
		this.contextRunner
			.withPropertyValues("token-counter.pricing.models[azure/gpt-4o].input=1",
					"token-counter.pricing.models[azure/gpt-4o].output=2")
			.run((context) -> {
				assertThat(cost(context, "azure.ai.openai", "gpt-4o").amount()).isEqualByComparingTo("3");
				assertThat(cost(context, "azure.ai.openai", "gpt-4o-mini").amount()).isEqualByComparingTo("0.75");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://localhost:1/prices.json", "file:./" })
	void stopsOnAnAddressAndAFolder(String location) {
		this.contextRunner.withPropertyValues("token-counter.pricing.catalog=" + location)
			.run((context) -> assertThat(analyze(context).getDescription())
				.containsAnyOf("not fetched from the network", "This is a folder"));
	}

	@Test
	void statesWhatIsFreeInTheCurrencyOfTheApplication() {
		this.contextRunner.withPropertyValues("token-counter.pricing.currency=EUR")
			.run((context) -> assertThat(cost(context, "ollama", "llama3.2:3b"))
				.isEqualTo(new TokenCost(BigDecimal.ZERO, "EUR")));
	}

	@Test
	void hasBuiltInPricesReadWhenTheApplicationIsReady() {
		AtomicInteger read = new AtomicInteger();
		ProviderAliases aliases = (alias) -> {
			read.incrementAndGet();
			return null;
		};
		this.contextRunner.withBean(BuiltInPrices.class, () -> new BuiltInPrices(LocalDate.of(2026, 11, 25), aliases))
			.run((context) -> {
				assertThat(read).hasValue(0);
				context.publishEvent(new ApplicationReadyEvent(new SpringApplication(), new String[0],
						context.getSourceApplicationContext(), Duration.ZERO));
				Conditions.await("the prices are read", () -> read.get() > 0);
			});
	}

	private static TokenCost cost(AssertableApplicationContext context, String provider, String model) {
		TokenCost cost = context.getBean(TokenPricer.class).cost(provider, model, USAGE, BillingDetails.PLAIN, NOW);
		assertThat(cost).isNotNull();
		return cost;
	}

	private static Consumer<TokenCost> euros(String amount) {
		return (cost) -> {
			assertThat(cost.amount()).isEqualByComparingTo(amount);
			assertThat(cost.currency()).isEqualTo("EUR");
		};
	}

	private static FailureAnalysis analyze(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		InvalidPriceFailureAnalyzer analyzer = SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, FailureHandler.logging(LogFactory.getLog(FailureAnalyzer.class)))
			.stream()
			.filter(InvalidPriceFailureAnalyzer.class::isInstance)
			.map(InvalidPriceFailureAnalyzer.class::cast)
			.findFirst()
			.orElseThrow();
		FailureAnalysis analysis = analyzer.analyze(context.getStartupFailure());
		assertThat(analysis).isNotNull();
		assertThat(analysis.getCause()).isInstanceOf(InvalidPriceException.class);
		return analysis;
	}

	@Configuration(proxyBeanMethods = false)
	static class CatalogConfiguration {

		@Bean
		PriceCatalog catalog() {
			return (provider, model) -> List
				.of(ModelPrice.of(TokenRates.of(new BigDecimal("42"), new BigDecimal("42")), "USD"));
		}

	}

}
