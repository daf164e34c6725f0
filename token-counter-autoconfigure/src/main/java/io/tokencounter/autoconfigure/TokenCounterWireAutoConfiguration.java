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

import io.tokencounter.call.UnseenCalls;
import io.tokencounter.wire.UsageInterceptor;
import io.tokencounter.wire.WireAnswers;
import okhttp3.Interceptor;

import org.springframework.ai.anthropic.http.okhttp.AnthropicHttpClientBuilderCustomizer;
import org.springframework.ai.openai.http.okhttp.OpenAiHttpClientBuilderCustomizer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that reads usage where it arrives,
 * below the clients of OpenAI and Anthropic.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnClass(Interceptor.class)
@ConditionalOnTokenCounter("wire")
public final class TokenCounterWireAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WireAnswers tokenCounterWireAnswers() {
		return new WireAnswers();
	}

	@Bean
	@ConditionalOnMissingBean
	UsageInterceptor tokenCounterUsageInterceptor(WireAnswers answers, ObjectProvider<UnseenCalls> unseenCalls) {
		return new UsageInterceptor(answers, unseenCalls::getIfAvailable);
	}

	/**
	 * For OpenAI's client. The first interceptor sees the body as the client does.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(OpenAiHttpClientBuilderCustomizer.class)
	static class OpenAiConfiguration {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		OpenAiHttpClientBuilderCustomizer tokenCounterOpenAiHttpClientCustomizer(UsageInterceptor interceptor) {
			return (client) -> client.interceptor(interceptor);
		}

	}

	/**
	 * For Anthropic's client. The first interceptor sees the body as the client does.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AnthropicHttpClientBuilderCustomizer.class)
	static class AnthropicConfiguration {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		AnthropicHttpClientBuilderCustomizer tokenCounterAnthropicHttpClientCustomizer(UsageInterceptor interceptor) {
			return (client) -> client.interceptor(interceptor);
		}

	}

}
