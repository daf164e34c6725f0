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

import java.util.function.Supplier;

import io.tokencounter.TokenCall;
import io.tokencounter.TrackTokens;
import io.tokencounter.autoconfigure.TokenCounterAttributionAutoConfiguration;
import io.tokencounter.autoconfigure.TokenCounterAutoConfiguration;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.FailableChatModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.samples.tides.TidesService;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is wrong with an annotation is said once, with the place and the mend, and harms
 * nothing.
 */
@ExtendWith(OutputCaptureExtension.class)
class TrackTokensMistakesTests {

	private static final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
				TokenCounterAttributionAutoConfiguration.class))
		.withBean(FailableChatModel.class)
		.withBean(CapturedCalls.class);

	@ParameterizedTest
	@ValueSource(strings = {
			"Tag 'tenant' of void io.tokencounter.attribution.TrackTokensMistakesTests$Mistaken.misspelt(java.lang.String)"
					+ " asks for #tennant, which is never there. Known are #tenant, #p0.",
			"Feature '#{#name}' of void io.tokencounter.attribution.TrackTokensMistakesTests$Mistaken.literal(java.lang.String)"
					+ " is taken as it is. What changes from call to call belongs into a tag.",
			"Mistaken.hidden(), as it is private and a proxy cannot see its calls. Take 'private' away.",
			"Mistaken.closed(), as it is final and a proxy cannot see its calls. Take 'final' away.",
			"Mistaken.general(), as it is static and a proxy cannot see its calls. Take 'static' away." })
	void isSaidAtTheStartAndOnce(String warning, CapturedOutput output) {
		runner.withBean("one", Mistaken.class).withBean("two", Mistaken.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean("one", Mistaken.class).misspelt("acme");
			context.getBean("two", Mistaken.class).literal("acme");
		});
		assertThat(output.getOut().lines().filter((line) -> line.contains(warning))).hasSize(1);
		assertThat(output.getOut().lines().filter((line) -> line.contains(" WARN "))).hasSize(5);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void finalMethodFindsItsFields(boolean proxyTargetClass, CapturedOutput output) {
		runner.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.withBean(WithFinalMethod.class)
			.run((context) -> {
				assertThat(context.getBean(WithFinalMethod.class).name()).isEqualTo("tides");
				assertThat(track(context, context.getBean(WithFinalMethod.class)::call))
					.isEqualTo(TokenCall.NO_FEATURE);
			});
		assertThat(output.getOut()
			.lines()
			.filter((line) -> line.contains("@TrackTokens has no effect on " + WithFinalMethod.class.getName()
					+ ", as its method name() is final")))
			.hasSize(1);
	}

	@Test
	void finalMethodIsNoObstacleWhereThereAreNoFields() {
		runner.withBean(WithFinalMethodAlone.class)
			.run((context) -> assertThat(track(context, context.getBean(WithFinalMethodAlone.class)::call))
				.isEqualTo("WithFinalMethodAlone.call"));
	}

	@Test
	void beanIsFoundByItsClassWhereInterfacesAreProxied() {
		runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean(WithInterface.class)
			.run((context) -> {
				assertThat(AopUtils.isCglibProxy(context.getBean(WithInterface.class))).isTrue();
				assertThat(track(context, context.getBean(WithInterface.class)::call)).isEqualTo("WithInterface.call");
			});
	}

	@Test
	void springsOwnSampleApplicationsAreTracked() {
		runner.withBean(TidesService.class)
			.run((context) -> assertThat(track(context, context.getBean(TidesService.class)::tides))
				.isEqualTo("tides"));
	}

	@Test
	void featureIsCleanedAsItIsInCalls() {
		runner.withBean(Unclean.class)
			.run((context) -> assertThat(track(context, context.getBean(Unclean.class)::call))
				.hasSize(TokenCall.MAX_NAME)
				.startsWith("a\uFFFDb"));
	}

	/**
	 * Return the feature of a call.
	 */
	private static String track(ApplicationContext context, Call call) {
		CapturedCalls calls = context.getBean(CapturedCalls.class);
		calls.reset();
		call.make(() -> context.getBean(FailableChatModel.class).call("call"));
		return calls.awaitOne().feature();
	}

	/**
	 * A call of a tracked method.
	 */
	interface Call {

		String make(Supplier<String> work);

	}

	/**
	 * Annotated in every wrong way.
	 */
	static class Mistaken {

		@TrackTokens(tags = "tenant=#{#tennant}")
		void misspelt(String tenant) {
		}

		@TrackTokens("#{#name}")
		void literal(String name) {
			hidden();
		}

		@TrackTokens
		private void hidden() {
		}

		@TrackTokens
		final void closed() {
		}

		@TrackTokens
		static void general() {
		}

	}

	/**
	 * Has a final method that uses a field.
	 */
	static class WithFinalMethod {

		private final String name = "tides".strip();

		final String name() {
			return this.name;
		}

		@TrackTokens
		String call(Supplier<String> work) {
			return work.get();
		}

	}

	/**
	 * Has a final method and nothing that it could use.
	 */
	static class WithFinalMethodAlone {

		final String name() {
			return "tides";
		}

		@TrackTokens
		String call(Supplier<String> work) {
			return work.get();
		}

	}

	/**
	 * Wanted by its class.
	 */
	static class WithInterface implements Call {

		@Override
		@TrackTokens("call")
		public String make(Supplier<String> work) {
			return work.get();
		}

		@TrackTokens
		String call(Supplier<String> work) {
			return work.get();
		}

	}

	/**
	 * Has a feature of a name that nobody wants to see.
	 */
	static class Unclean {

		@TrackTokens("a\nb01234567890123456789012345678901234567890123456789012345678901234567890123456789"
				+ "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
				+ "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")
		String call(Supplier<String> work) {
			return work.get();
		}

	}

}
