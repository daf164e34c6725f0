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

package io.tokencounter.attribution;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.tokencounter.TokenCall;
import io.tokencounter.autoconfigure.TokenCounterPricingAutoConfiguration;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.RunningObservations;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientBuilderConfigurer;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The span of a tracked method is an ancestor of the spans of its models, and tells the
 * tokens.
 */
class TracingTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	static Stream<String> models() {
		return Stream.of("openAiChatModel", "anthropicChatModel", "ollamaChatModel");
	}

	@ParameterizedTest
	@MethodSource("models")
	void call(String model) {
		assertTraced(
				(context) -> context.getBean(TrackedService.class)
					.plain("acme", () -> String.valueOf(context.getBean(model, ChatModel.class).call("Hello"))),
				"plain");
	}

	@ParameterizedTest
	@MethodSource("models")
	void stream(String model) {
		assertTraced((context) -> {
			ChatClient client = context.getBean(ChatClientBuilderConfigurer.class)
				.configure(ChatClient.builder(context.getBean(model, ChatModel.class),
						context.getBean(ObservationRegistry.class), null, null))
				.build();
			context.getBean(TrackedService.class)
				.flux("acme",
						() -> client.prompt("Hello")
							.advisors(MessageChatMemoryAdvisor.builder(context.getBean(ChatMemory.class)).build())
							.advisors((advisors) -> advisors.param(ChatMemory.CONVERSATION_ID, "one"))
							.stream()
							.content())
				.blockLast();
		}, "flux");
	}

	private static void assertTraced(Action action, String feature) {
		InMemorySpanExporter exporter = InMemorySpanExporter.create();
		SdkTracerProvider tracerProvider = SdkTracerProvider.builder()
			.addSpanProcessor(SimpleSpanProcessor.create(exporter))
			.build();
		OtelTracer tracer = new OtelTracer(tracerProvider.get("test"), new OtelCurrentTraceContext(), (event) -> {
		});
		ChatModelContexts.countingRunner(provider)
			.withConfiguration(AutoConfigurations.of(TokenCounterPricingAutoConfiguration.class))
			.withPropertyValues("token-counter.pricing.models[*].input=1", "token-counter.pricing.models[*].output=2")
			.withBean(ObservationHandler.class, () -> new DefaultTracingObservationHandler(tracer))
			.withBean(CapturedCalls.class)
			.withBean(RunningObservations.class)
			.withBean(TrackedService.class)
			.run((context) -> {
				action.run(context);
				TokenCall call = context.getBean(CapturedCalls.class).awaitOne();
				context.getBean(RunningObservations.class).awaitNone();
				Map<String, SpanData> spans = new HashMap<>();
				exporter.getFinishedSpanItems().forEach((span) -> spans.put(span.getSpanId(), span));
				SpanData tracked = named(spans, feature);
				assertThat(attribute(tracked, "feature")).isEqualTo(feature);
				assertThat(attribute(tracked, "gen_ai.usage.input_tokens"))
					.isEqualTo(String.valueOf(call.usage().input()));
				assertThat(attribute(tracked, "gen_ai.usage.output_tokens"))
					.isEqualTo(String.valueOf(call.usage().output()));
				assertThat(attribute(tracked, "token.counter.cost"))
					.isEqualTo(BigDecimal.valueOf(call.usage().input() + 2 * call.usage().output(), 6)
						.stripTrailingZeros()
						.toPlainString());
				assertThat(attribute(tracked, "token.counter.currency")).isEqualTo("USD");
				assertThat(attribute(tracked, "token.counter.tag.tenant")).isEqualTo("acme");
				assertThat(ancestors(spans, named(spans, "chat " + call.requestModel()))).contains(tracked);
			});
		tracerProvider.close();
	}

	private static SpanData named(Map<String, SpanData> spans, String name) {
		List<SpanData> found = spans.values().stream().filter((span) -> span.getName().equals(name)).toList();
		assertThat(found).as("Spans '%s' of %s", name, spans.values().stream().map(SpanData::getName).toList())
			.hasSize(1);
		return found.get(0);
	}

	private static String attribute(SpanData span, String key) {
		return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(key)));
	}

	private static List<SpanData> ancestors(Map<String, SpanData> spans, SpanData span) {
		return Stream.iterate(span, spans::containsValue, (child) -> spans.get(child.getParentSpanId()))
			.takeWhile((ancestor) -> ancestor != null)
			.skip(1)
			.toList();
	}

	/**
	 * Makes calls.
	 */
	interface Action {

		void run(ApplicationContext context);

	}

}
