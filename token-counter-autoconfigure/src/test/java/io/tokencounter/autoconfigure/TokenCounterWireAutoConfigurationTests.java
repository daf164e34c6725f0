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
import java.util.concurrent.CopyOnWriteArrayList;

import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.wire.UsageInterceptor;
import io.tokencounter.wire.WireAnswers;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.http.okhttp.AnthropicHttpClientBuilderCustomizer;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.http.okhttp.OpenAiHttpClientBuilderCustomizer;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterWireAutoConfiguration}.
 */
class TokenCounterWireAutoConfigurationTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TokenCounterWireAutoConfiguration.class));

	@Test
	void isOnByDefault() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(WireAnswers.class)
			.hasSingleBean(UsageInterceptor.class)
			.hasSingleBean(OpenAiHttpClientBuilderCustomizer.class)
			.hasSingleBean(AnthropicHttpClientBuilderCustomizer.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "token-counter.enabled=false", "token-counter.wire.enabled=false" })
	void isOffByProperty(String property) {
		this.contextRunner.withPropertyValues(property)
			.run((context) -> assertThat(context).doesNotHaveBean(WireAnswers.class)
				.doesNotHaveBean(UsageInterceptor.class)
				.doesNotHaveBean(OpenAiHttpClientBuilderCustomizer.class)
				.doesNotHaveBean(AnthropicHttpClientBuilderCustomizer.class));
	}

	@Test
	void backsOffWithoutOkHttp() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("okhttp3"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("tokenCounterUsageInterceptor"));
	}

	@Test
	void isThereForOpenAiAlone() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.ai.anthropic", "com.anthropic"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(UsageInterceptor.class)
				.hasSingleBean(OpenAiHttpClientBuilderCustomizer.class)
				.doesNotHaveBean("tokenCounterAnthropicHttpClientCustomizer"));
	}

	@Test
	void isThereForAnthropicAlone() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.ai.openai", "com.openai"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(UsageInterceptor.class)
				.hasSingleBean(AnthropicHttpClientBuilderCustomizer.class)
				.doesNotHaveBean("tokenCounterOpenAiHttpClientCustomizer"));
	}

	@Test
	void prefersInterceptorOfUser() {
		this.contextRunner.withUserConfiguration(UserConfiguration.class)
			.run((context) -> assertThat(context).getBean(UsageInterceptor.class)
				.isSameAs(context.getBean("userInterceptor")));
	}

	@Test
	void interceptorsOfUserKeepTheirOrder() {
		ChatModelContexts.countingRunner(provider).withUserConfiguration(OrderedInterceptors.class).run((context) -> {
			List<String> seen = context.getBean(OrderedInterceptors.class).seen;
			context.getBean(OpenAiChatModel.class).call("Hello");
			assertThat(seen).containsExactly("first", "last", "last RealResponseBody", "first RealResponseBody");
			seen.clear();
			context.getBean(AnthropicChatModel.class).call("Hello");
			assertThat(seen).containsExactly("first", "last", "last RealResponseBody", "first RealResponseBody");
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class UserConfiguration {

		@Bean
		UsageInterceptor userInterceptor(WireAnswers answers) {
			return new UsageInterceptor(answers, () -> null);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OrderedInterceptors {

		final List<String> seen = new CopyOnWriteArrayList<>();

		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE)
		OpenAiHttpClientBuilderCustomizer last() {
			return (client) -> client.interceptor(named("last"));
		}

		@Bean
		@Order(0)
		OpenAiHttpClientBuilderCustomizer first() {
			return (client) -> client.interceptor(named("first"));
		}

		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE)
		AnthropicHttpClientBuilderCustomizer lastOfAnthropic() {
			return (client) -> client.interceptor(named("last"));
		}

		@Bean
		@Order(0)
		AnthropicHttpClientBuilderCustomizer firstOfAnthropic() {
			return (client) -> client.interceptor(named("first"));
		}

		private Interceptor named(String name) {
			return (chain) -> {
				this.seen.add(name);
				Response response = chain.proceed(chain.request());
				this.seen.add(name + " " + response.body().getClass().getSimpleName());
				return response;
			};
		}

	}

}
