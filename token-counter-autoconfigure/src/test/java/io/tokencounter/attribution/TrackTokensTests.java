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

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallTagsProvider;
import io.tokencounter.TokenCall;
import io.tokencounter.TrackTokens;
import io.tokencounter.autoconfigure.TokenCounterAttributionAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterMetricsAutoConfiguration;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.FailableChatModel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class TrackTokensTests {

	private static final ThreadLocal<@Nullable String> CURRENT_USER = new ThreadLocal<>();

	private static final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ObservationAutoConfiguration.class, TokenCounterAutoConfiguration.class,
						TokenCounterAttributionAutoConfiguration.class, TokenCounterMetricsAutoConfiguration.class))
		.withBean(FailableChatModel.class)
		.withBean(CapturedCalls.class)
		.withBean(Service.class);

	static Stream<ApplicationContextRunner> runners() {
		return Stream.of(runner, runner.withBean(ObservationRegistry.class, () -> ObservationRegistry.NOOP),
				runner.withPropertyValues("management.observations.enable.token.counter.track=false"));
	}

	@ParameterizedTest
	@MethodSource("runners")
	void attributesByThreadAndReactorContext(ApplicationContextRunner runner) {
		// Tags of a provider on the model's thread are not to hide the context
		runner.withBean(CallTagsProvider.class, () -> () -> Map.of("region", "eu")).run((context) -> {
			Service service = context.getBean(Service.class);
			FailableChatModel model = context.getBean(FailableChatModel.class);
			service.call("acme", model);
			service.stream("acme", model).subscribeOn(Schedulers.boundedElastic()).blockLast();
			service.outer("acme", () -> service.call("other", model));
			List<TokenCall> calls = context.getBean(CapturedCalls.class).calls();
			assertThat(calls).extracting(TokenCall::feature)
				.containsExactly("Service.call", "Service.stream", "Service.call");
			assertThat(calls).extracting(TokenCall::tags)
				.containsExactly(Map.of("tenant", "acme", "region", "eu"), Map.of("tenant", "acme", "region", "eu"),
						Map.of("tenant", "other", "outer", "yes", "region", "eu"));
			assertThat(ThreadScopes.current()).isNull();
			model.call("outside");
			assertThat(context.getBean(CapturedCalls.class).calls().get(3).feature()).isEqualTo(TokenCall.NO_FEATURE);
		});
	}

	@ParameterizedTest
	@EnumSource(Event.class)
	void leavesTheMethodAsItIsIfAHandlerFails(Event event) {
		runner.withBean(ObservationHandler.class, () -> new FailingHandler(event)).run((context) -> {
			Service service = context.getBean(Service.class);
			FailableChatModel model = context.getBean(FailableChatModel.class);
			service.call("acme", model);
			service.stream("acme", model).blockLast();
			assertThat(context.getBean(CapturedCalls.class).calls()).hasSize(2);
			assertThat(context.getBean(ObservationRegistry.class).getCurrentObservation()).isNull();
		});
	}

	@Test
	void asksTagsProvidersOnTheThreadOfTheCaller() {
		runner.withBean(CallTagsProvider.class, () -> () -> {
			String user = CURRENT_USER.get();
			return (user != null) ? Map.of("user", user, "tenant", "of " + user) : Map.of();
		}).run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			CURRENT_USER.set("bob");
			try {
				context.getBean(Service.class)
					.mono("acme", () -> model.stream("call").subscribeOn(Schedulers.boundedElastic()).last())
					.block();
				model.call("call");
			}
			finally {
				CURRENT_USER.remove();
			}
			assertThat(context.getBean(CapturedCalls.class).calls()).extracting(TokenCall::tags)
				.containsExactly(Map.of("user", "bob", "tenant", "acme"), Map.of("user", "bob", "tenant", "of bob"));
		});
	}

	@Test
	void faultOfATagsProviderHarmsNobodyElse(CapturedOutput output) {
		Map<String, String> nulls = new HashMap<>();
		nulls.put("user", null);
		nulls.put(null, "value");
		runner.withBean("failing", CallTagsProvider.class, () -> () -> {
			throw new IllegalStateException("No security context");
		})
			.withBean("nulls", CallTagsProvider.class, () -> () -> nulls)
			.withBean("working", CallTagsProvider.class, () -> () -> Map.of("region", "eu"))
			.run((context) -> {
				FailableChatModel model = context.getBean(FailableChatModel.class);
				assertThat(context.getBean(Service.class).call("acme", model)).isNotBlank();
				assertThat(context.getBean(Service.class).stream("acme", model).blockLast()).isNotBlank();
				assertThat(context.getBean(CapturedCalls.class).calls()).extracting(TokenCall::tags)
					.containsOnly(Map.of("tenant", "acme", "region", "eu"))
					.hasSize(2);
			});
		assertThat(output.getOut().split("Caller tags could not be found", -1)).hasSize(2);
	}

	@Test
	void logsOneLine(CapturedOutput output) {
		runner.withPropertyValues("token-counter.pricing.enabled=false").run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			context.getBean(Service.class).logged(model).blockLast();
			context.getBean(Service.class).loggedWithoutCalls();
		});
		assertThat(output.getOut().lines().filter((line) -> line.contains("TrackTokens"))).singleElement()
			.asString()
			.endsWith("Service.logged: unknown/local-madeup input=14 output=6 total=20 calls=2");
	}

	@Test
	void runHasEndedWhenItsPublisherEnds() {
		List<String> events = new CopyOnWriteArrayList<>();
		runner.withBean(ObservationHandler.class, () -> new StopHandler(events)).run((context) -> {
			FailableChatModel model = context.getBean(FailableChatModel.class);
			context.getBean(Service.class)
				.stream("acme", model)
				.doOnComplete(() -> events.add("completed"))
				.blockLast();
		});
		assertThat(events).containsExactly(
				"{gen_ai.usage.input_tokens=7, gen_ai.usage.output_tokens=3, token.counter.tag.tenant=acme}",
				"completed");
	}

	@Test
	void boundsTheTenantsOfMeters(CapturedOutput output) {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		runner.withBean(MeterRegistry.class, () -> registry)
			.withPropertyValues("token-counter.metrics.tags=tenant", "token-counter.metrics.max-tag-values=50",
					"token-counter.pricing.enabled=false")
			.run((context) -> {
				FailableChatModel model = context.getBean(FailableChatModel.class);
				for (int i = 0; i < 10_000; i++) {
					context.getBean(Service.class).call("tenant" + i, model);
				}
			});
		assertThat(registry.find("llm.tokens").tag("gen_ai.token.type", "input").counters()).hasSize(51);
		assertThat(registry.find("llm.calls").counters()).hasSize(51);
		assertThat(registry.find("llm.call.duration").timers()).hasSize(51);
		assertThat(registry.find("llm.tokens").counters().stream().mapToDouble(Counter::count).sum())
			.isEqualTo(10_000 * (FailableChatModel.INPUT + FailableChatModel.OUTPUT));
		assertThat(output.getOut().split("distinct values of tag 'tenant'", -1)).hasSize(2);
	}

	@Test
	void canBeSwitchedOff() {
		runner.withPropertyValues("token-counter.track-tokens.enabled=false").run((context) -> {
			assertThat(context).doesNotHaveBean(TrackTokensPostProcessor.class);
			assertThat(AopUtils.isAopProxy(context.getBean(Service.class))).isFalse();
			context.getBean(Service.class).call("acme", context.getBean(FailableChatModel.class));
			assertThat(context.getBean(CapturedCalls.class).awaitOne().feature()).isEqualTo(TokenCall.NO_FEATURE);
		});
	}

	@Test
	void warnsOnceOfAFinalClassAndLeavesIt(CapturedOutput output) {
		ApplicationContextRunner withFinal = runner.withBean("one", FinalService.class)
			.withBean("two", FinalService.class);
		withFinal.run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean("one", FinalService.class).call(context.getBean(FailableChatModel.class));
			assertThat(context.getBean(CapturedCalls.class).awaitOne().feature()).isEqualTo(TokenCall.NO_FEATURE);
		});
		assertThat(output.getOut().split("@TrackTokens has no effect on", -1)).hasSize(2);
		withFinal.withPropertyValues("spring.aop.proxy-target-class=false")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void usesInterfacesWhereAskedTo() {
		runner.withBean(FinalContract.class, FinalImplementation::new)
			.withPropertyValues("spring.aop.proxy-target-class=false")
			.run((context) -> {
				assertThat(AopUtils.isJdkDynamicProxy(context.getBean(FinalContract.class))).isTrue();
				context.getBean(FinalContract.class).call(context.getBean(FailableChatModel.class));
				assertThat(context.getBean(CapturedCalls.class).awaitOne().feature())
					.isEqualTo("FinalImplementation.call");
			});
	}

	@Test
	void hasNoEffectOnModels() {
		runner.withBean("annotated", AnnotatedModel.class).run((context) -> {
			context.getBean(AnnotatedModel.class).call("call");
			assertThat(context.getBean(CapturedCalls.class).awaitOne().feature()).isEqualTo(TokenCall.NO_FEATURE);
		});
	}

	@Test
	void leavesOtherBeansToBePostProcessed(CapturedOutput output) {
		runner.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("not eligible for getting processed by all BeanPostProcessors");
	}

	/**
	 * Keeps what tracked methods tell at their end.
	 *
	 * @param events where to
	 */
	record StopHandler(List<String> events) implements ObservationHandler<Observation.Context> {

		@Override
		public void onStop(Observation.Context context) {
			Map<String, String> values = new TreeMap<>();
			context.getHighCardinalityKeyValues().forEach((value) -> values.put(value.getKey(), value.getValue()));
			this.events.add(values.toString());
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return "token.counter.track".equals(context.getName());
		}

	}

	/**
	 * Tracked methods.
	 */
	static class Service {

		@TrackTokens(tags = "tenant=#{#tenant}")
		String call(String tenant, FailableChatModel model) {
			return model.call("call");
		}

		@TrackTokens(tags = "tenant=#{#tenant}")
		Flux<String> stream(String tenant, FailableChatModel model) {
			return model.stream("call");
		}

		@TrackTokens(tags = "tenant=#{#tenant}")
		Mono<String> mono(String tenant, Supplier<Mono<String>> work) {
			return work.get();
		}

		@TrackTokens(tags = { "tenant=#{#tenant}", "outer=yes" })
		void outer(String tenant, Runnable work) {
			work.run();
		}

		@TrackTokens(log = true)
		Flux<String> logged(FailableChatModel model) {
			return model.stream("call").concatWith(model.stream("call"));
		}

		@TrackTokens(log = true)
		void loggedWithoutCalls() {
		}

	}

	/**
	 * Cannot be proxied.
	 */
	static final class FinalService {

		@TrackTokens
		String call(FailableChatModel model) {
			return model.call("call");
		}

	}

	/**
	 * An interface.
	 */
	interface FinalContract {

		String call(FailableChatModel model);

	}

	/**
	 * Can be proxied by its interface.
	 */
	@TrackTokens
	static final class FinalImplementation implements FinalContract {

		@Override
		public String call(FailableChatModel model) {
			return model.call("call");
		}

	}

	/**
	 * A model with an annotation.
	 */
	@TrackTokens("model")
	static class AnnotatedModel extends FailableChatModel {

	}

	enum Event {

		START, SCOPE_OPENED, SCOPE_CLOSED, STOP

	}

	private static final class FailingHandler implements ObservationHandler<Observation.Context> {

		private final Event event;

		FailingHandler(Event event) {
			this.event = event;
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return "token.counter.track".equals(context.getName());
		}

		@Override
		public void onStart(Observation.Context context) {
			failOn(Event.START);
		}

		@Override
		public void onScopeOpened(Observation.Context context) {
			failOn(Event.SCOPE_OPENED);
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			failOn(Event.SCOPE_CLOSED);
		}

		@Override
		public void onStop(Observation.Context context) {
			failOn(Event.STOP);
		}

		private void failOn(Event event) {
			if (this.event == event) {
				throw new IllegalStateException("Broken handler");
			}
		}

	}

}
