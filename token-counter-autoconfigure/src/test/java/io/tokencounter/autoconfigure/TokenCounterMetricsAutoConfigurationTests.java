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

import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tokencounter.metrics.TokenMetrics;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterMetricsAutoConfiguration}.
 */
class TokenCounterMetricsAutoConfigurationTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class);

	@Test
	void publishesMetersByDefault() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(TokenMetrics.class).hasBean("tokenCounterMetrics");
			context.getBean(OllamaChatModel.class).call("Hello");
			assertThat(tokens(context.getBean(MeterRegistry.class)))
				.isEqualTo(provider.ledger().totals().input() + provider.ledger().totals().output());
		});
	}

	@Test
	void publishesNoMeterWhenMetricsAreDisabled() {
		this.runner.withPropertyValues("token-counter.metrics.enabled=false").run((context) -> {
			assertThat(context).doesNotHaveBean(TokenMetrics.class);
			context.getBean(OllamaChatModel.class).call("Hello");
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(1);
			assertThat(context.getBean(MeterRegistry.class).find("llm.tokens").counters()).isEmpty();
		});
	}

	@Test
	void publishesNoMeterWhenCountingIsDisabled() {
		this.runner.withPropertyValues("token-counter.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TokenMetrics.class));
	}

	@Test
	void refusesCallerTagsThatTheMetersHaveAlready() {
		this.runner.withPropertyValues("token-counter.metrics.tags=tenant,feature")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("token-counter.metrics.tags")
				.hasMessageContaining("feature"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			tenant-id,tenant.id     | tenant.id           | caller tag 'tenant-id'
			gen-ai.token.type       | gen-ai.token.type   | gen_ai.token.type
			gen_ai_request_model    | gen_ai_request_model| gen_ai.request.model
			quantile                | quantile            | Prometheus
			le                      | le                  | Prometheus
			""")
	void refusesCallerTagsThatPrometheusCannotTellApart(String tags, String refused, String other) {
		this.runner.withPropertyValues("token-counter.metrics.tags=" + tags)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("token-counter.metrics.tags")
				.hasMessageContaining("'" + refused + "'")
				.hasMessageContaining(other));
	}

	@Test
	void takesAKeyThatIsNamedTwiceOnce() {
		this.runner.withPropertyValues("token-counter.metrics.tags=tenant,tenant")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void refusesToKeepNoTagValue() {
		this.runner.withPropertyValues("token-counter.metrics.max-tag-values=0")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("token-counter.metrics.max-tag-values"));
	}

	@Test
	void publishesNoMeterWithoutRegistry() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterMetricsAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(TokenMetrics.class)
				.hasSingleBean(TokenCounterProperties.class));
	}

	@Test
	void publishesNoMeterWithoutMicrometersClasses() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterMetricsAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("tokenCounterMetrics")
				.hasSingleBean(TokenCounterProperties.class));
	}

	@Test
	void usersOwnMetricsWin() {
		this.runner.withUserConfiguration(OwnMetrics.class).run((context) -> {
			assertThat(context).hasSingleBean(TokenMetrics.class).hasBean("ownMetrics");
			context.getBean(OllamaChatModel.class).call("Hello");
			assertThat(context.getBean(MeterRegistry.class).get("llm.tokens").tag("own", "none").counters()).hasSize(2);
		});
	}

	@Test
	void publishesToEachOfManyRegistries() {
		this.runner.withUserConfiguration(TwoRegistries.class).run((context) -> {
			assertThat(context.getBean(MeterRegistry.class)).isInstanceOf(CompositeMeterRegistry.class);
			context.getBean(OllamaChatModel.class).call("Hello");
			long billed = provider.ledger().totals().input() + provider.ledger().totals().output();
			assertThat(tokens(context.getBean("one", MeterRegistry.class))).isEqualTo(billed);
			assertThat(tokens(context.getBean("other", MeterRegistry.class))).isEqualTo(billed);
		});
	}

	@Test
	void takesTagsAndTheirLimitFromTheProperties() {
		this.runner
			.withPropertyValues("token-counter.metrics.tags=tenant,user", "token-counter.metrics.max-tag-values=1")
			.run((context) -> {
				context.getBean(OllamaChatModel.class).call("Hello");
				assertThat(context.getBean(MeterRegistry.class)
					.get("llm.tokens")
					.tags("tenant", "none", "user", "none")
					.counters()).hasSize(2);
			});
	}

	@Test
	void metersAgreeWithThoseOfSpringAi() {
		this.runner.run((context) -> {
			context.getBean(OpenAiChatModel.class).call("Hello");
			context.getBean(OllamaChatModel.class).call("Hello");
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			for (String type : List.of("input", "output")) {
				double springAi = registry.get("gen_ai.client.token.usage")
					.tag("gen_ai.token.type", type)
					.counters()
					.stream()
					.mapToDouble((counter) -> counter.count())
					.sum();
				double ours = registry.get("llm.tokens")
					.tag("gen_ai.token.type", type)
					.counters()
					.stream()
					.mapToDouble((counter) -> counter.count())
					.sum();
				assertThat(ours).as(type).isPositive().isEqualTo(springAi);
			}
		});
	}

	private static double tokens(MeterRegistry registry) {
		return registry.get("llm.tokens").counters().stream().mapToDouble((counter) -> counter.count()).sum();
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnMetrics {

		@Bean
		TokenMetrics ownMetrics(MeterRegistry registry) {
			return new TokenMetrics(() -> registry, List.of("own"), 10, false);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoRegistries {

		@Bean
		MeterRegistry one() {
			return new SimpleMeterRegistry();
		}

		@Bean
		MeterRegistry other() {
			return new SimpleMeterRegistry();
		}

	}

}
