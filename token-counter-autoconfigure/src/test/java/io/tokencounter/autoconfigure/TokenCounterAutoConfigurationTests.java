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

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.chat.ChatCallCounter;
import io.tokencounter.chat.ChatClientCountingCustomizer;
import io.tokencounter.chat.ChatModelBeans;
import io.tokencounter.chat.ChatModelObservationHandler;
import io.tokencounter.chat.ChatModelPostProcessor;
import io.tokencounter.provider.TokenUsageReader;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.LocalChatModel;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryCustomizer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class TokenCounterAutoConfigurationTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider)
		.withBean(CapturedCalls.class);

	@Test
	void countsByDefault() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(TokenUsageReader.class);
			assertThat(context).hasSingleBean(CallRecorder.class);
			assertThat(context).hasSingleBean(ChatCallCounter.class);
			assertThat(context).hasSingleBean(ChatModelObservationHandler.class);
			assertThat(context).hasSingleBean(ChatModelPostProcessor.class);
			assertThat(context).hasSingleBean(ChatModelBeans.class);
			assertThat(context).hasSingleBean(ChatClientCountingCustomizer.class);
			context.getBean(OpenAiChatModel.class).call("Hello");
			context.getBean(OllamaChatModel.class).call("Hello");
			assertThat(calls(context)).extracting(TokenCall::provider).containsExactly("openai", "ollama");
		});
	}

	@Test
	void beanNamesStartWithThoseOfThisProject() {
		this.runner.run((context) -> assertThat(ourBeanNames(context)).isNotEmpty()
			.allMatch((name) -> name.startsWith("tokenCounter") || name.startsWith("io.tokencounter.")
					|| name.startsWith("token-counter")));
	}

	@Test
	void leavesTheNameOfTheProjectToABeanOfTheUser() {
		this.runner.withBean("tokenCounter", Object.class, Object::new).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context).getBean("tokenCounter").isNotInstanceOf(TokenCounter.class);
			assertThat(context).hasSingleBean(TokenCounter.class);
		});
	}

	@Test
	void hasNoBeanAndTouchesNoModelWhenDisabled() {
		this.runner.withPropertyValues("token-counter.enabled=false").withBean(LocalChatModel.class).run((context) -> {
			assertThat(ourBeanNames(context)).isEmpty();
			assertThat(context.getBeansOfType(ChatModel.class).values()).noneMatch(AopUtils::isAopProxy);
			context.getBean(OllamaChatModel.class).call("Hello");
			assertThat(calls(context)).isEmpty();
		});
	}

	@Test
	void countsWithoutAMeterRegistry() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer.core", "org.springframework.boot.actuate"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(OllamaChatModel.class).call("Hello");
				assertThat(calls(context)).hasSize(1);
			});
	}

	@Test
	void hasNoBeanWithoutChatModelClass() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterMetricsAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader(ChatModel.class))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(ourBeanNames(context)).isEmpty();
			});
	}

	@Test
	void countsWithoutChatClientClasses() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterMetricsAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.springframework.ai.chat.client"))
			.withBean(LocalChatModel.class)
			.withBean(CapturedCalls.class)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(ChatClientCountingCustomizer.class);
				context.getBean(LocalChatModel.class).call("Hello");
				assertThat(calls(context)).hasSize(1);
			});
	}

	@Test
	void addsNoCustomizerWithoutItsClass() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader(ChatClientBuilderCustomizer.class))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(ChatCallCounter.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "com.openai", "com.anthropic", "com.google.genai", "org.springframework.boot.actuate",
			"io.prometheus", "org.aspectj", "org.springframework.web" })
	void countsWithoutOptionalClasses(String packageName) {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
					TokenCounterMetricsAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader(packageName))
			.withBean(LocalChatModel.class)
			.withBean(CapturedCalls.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(LocalChatModel.class).call("Hello");
				assertThat(calls(context)).extracting(TokenCall::usage)
					.containsExactly(TokenUsage.of(LocalChatModel.INPUT, LocalChatModel.OUTPUT));
			});
	}

	@Test
	void usersOwnBeansWin() {
		this.runner.withUserConfiguration(OwnBeans.class).run((context) -> {
			assertThat(context).hasSingleBean(TokenUsageReader.class).hasBean("ownReader");
			assertThat(context).hasSingleBean(CallRecorder.class).hasBean("ownRecorder");
			assertThat(context).hasSingleBean(ChatCallCounter.class).hasBean("ownCounter");
			context.getBean(OllamaChatModel.class).call("Hello");
			assertThat(calls(context)).extracting(TokenCall::feature).containsExactly("own");
		});
	}

	@Test
	void usersExtractorIsAskedFirst() {
		this.runner.withBean(TokenUsageExtractor.class, () -> (usage, provider) -> TokenUsage.of(1, 2))
			.run((context) -> {
				context.getBean(OllamaChatModel.class).call("Hello");
				assertThat(calls(context)).extracting(TokenCall::usage).containsExactly(TokenUsage.of(1, 2));
			});
	}

	@Test
	void createsNoBeanTooEarly(CapturedOutput output) {
		this.runner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
			.withUserConfiguration(FullApplication.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(OllamaChatModel.class).call("Hello");
				assertThat(calls(context)).hasSize(1);
				assertThat(output).doesNotContain("is not eligible for getting processed by all BeanPostProcessors");
			});
	}

	@Test
	void commonTagsOfTheUserAreOnTheMeters() {
		this.runner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
			.withUserConfiguration(FullApplication.class)
			.run((context) -> {
				context.getBean(OllamaChatModel.class).call("Hello");
				assertThat(context.getBean(MeterRegistry.class).get("llm.tokens").counters())
					.allMatch((counter) -> "quay".equals(counter.getId().getTag("region")));
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aspectsOfTheUserKeepWorkingAndAreAroundTheCounting(boolean proxyTargetClass) {
		this.runner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
			.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.withUserConfiguration(FullApplication.class)
			.run((context) -> {
				CallAspect aspect = context.getBean(CallAspect.class);
				ChatModel model = context.getBean("localModel", ChatModel.class);
				assertThat(model.call(new Prompt("Hello"))).isNotNull();
				assertThat(aspect.calls).isOne();
				assertThat(calls(context)).hasSize(1);
				assertThat(aspect.countedWhenDone).isOne();
			});
	}

	@Test
	void callAnsweredByAnAspectIsNotCounted() {
		this.runner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
			.withUserConfiguration(FullApplication.class)
			.run((context) -> {
				context.getBean(CallAspect.class).cached = LocalChatModel.response("Cached", null);
				assertThat(context.getBean("localModel", ChatModel.class).call(new Prompt("Hello")).getResult())
					.isNotNull();
				assertThat(calls(context)).isEmpty();
			});
	}

	@Test
	void keepsTheClassOfTheBeanWithoutProxyTargetClass() {
		this.runner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
			.withPropertyValues("spring.aop.proxy-target-class=false")
			.run((context) -> assertThat(context).hasSingleBean(OllamaChatModel.class));
	}

	@Test
	void countsWithLazyInitialization() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				context.getBean(OllamaChatModel.class).call("Hello");
				context.getBean(OpenAiChatModel.class).call("Hello");
				assertThat(calls(context)).hasSize(2);
				assertThat(context.getBean(MeterRegistry.class).get("llm.calls").counters()).hasSize(2);
			});
	}

	@Test
	void modelInACycleWithTheMeterRegistryStarts() {
		this.runner.withUserConfiguration(Cycle.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean("cyclicModel", ChatModel.class).call("Hello");
			assertThat(calls(context)).hasSize(1);
			assertThat(context.getBean(MeterRegistry.class).get("llm.calls").counters()).hasSize(1);
		});
	}

	@Test
	void callDuringStartUpIsCounted() {
		this.runner.withUserConfiguration(CallingAtStartUp.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(calls(context)).hasSize(1);
		});
	}

	@Test
	void modelInACircularReferenceStarts() {
		this.runner.withAllowCircularReferences(true)
			.withBean(CircularModel.class)
			.withBean(CircularService.class, CircularService::new, (definition) -> definition.setLazyInit(true))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(CircularService.class).model).isSameAs(context.getBean(CircularModel.class));
				context.getBean(CircularService.class).model.call("Hello");
				context.getBean(CircularModel.class).call("Hello");
				assertThat(calls(context)).hasSize(2);
				assertThat(((Advised) context.getBean(CircularModel.class)).getAdvisorCount()).isOne();
			});
	}

	private static List<TokenCall> calls(ApplicationContext context) {
		return context.getBean(CapturedCalls.class).calls();
	}

	private static List<String> ourBeanNames(ApplicationContext context) {
		return Arrays.stream(context.getBeanDefinitionNames())
			.filter((name) -> !LocalChatModel.class.isAssignableFrom(context.getType(name)))
			.filter((name) -> context.getType(name) != CapturedCalls.class)
			.filter((name) -> context.getType(name).getName().startsWith("io.tokencounter."))
			.filter((name) -> !name.endsWith("AutoConfiguration"))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBeans {

		@Bean
		TokenUsageReader ownReader() {
			return new TokenUsageReader(List::of);
		}

		@Bean
		CallRecorder ownRecorder(CapturedCalls calls) {
			return new CallRecorder((seen) -> seen, (call) -> new CallReading("own", call.responseModel(),
					TokenUsage.unreported(), BillingDetails.PLAIN), (model, reading, startedAt) -> null, List::of,
					() -> List.of(calls));
		}

		@Bean
		ChatCallCounter ownCounter(CallRecorder recorder, ObjectProvider<ObservationRegistry> registry) {
			return new ChatCallCounter(recorder, () -> List.of(registry.getObject()),
					(observation, context) -> new CallAttribution("own", Map.of(), List.of()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(OwnProperties.class)
	static class FullApplication {

		@Bean
		ChatModel localModel() {
			return new LocalChatModel();
		}

		@Bean
		CallAspect callAspect(CapturedCalls calls) {
			return new CallAspect(calls);
		}

		@Bean
		MeterRegistryCustomizer<MeterRegistry> commonTags(OwnProperties properties) {
			return (registry) -> registry.config().commonTags("region", properties.region());
		}

	}

	@ConfigurationProperties("own")
	record OwnProperties(@DefaultValue("quay") String region) {

	}

	@Aspect
	static class CallAspect {

		private final CapturedCalls captured;

		private int calls;

		private int countedWhenDone;

		private @Nullable Object cached;

		CallAspect(CapturedCalls captured) {
			this.captured = captured;
		}

		@Around("execution(* call(..)) && bean(localModel)")
		Object around(ProceedingJoinPoint joinPoint) throws Throwable {
			this.calls++;
			if (this.cached != null) {
				return this.cached;
			}
			Object result = joinPoint.proceed();
			this.countedWhenDone = this.captured.calls().size();
			return result;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Cycle {

		@Bean
		LocalChatModel cyclicModel(MeterRegistry registry) {
			return new LocalChatModel();
		}

		@Bean
		MeterRegistryCustomizer<MeterRegistry> cyclicCustomizer(ObjectProvider<LocalChatModel> cyclicModel) {
			return (registry) -> registry.config().commonTags("models", (cyclicModel != null) ? "some" : "none");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CallingAtStartUp {

		@Bean
		LocalChatModel earlyModel() {
			return new LocalChatModel();
		}

		@Bean
		@Nullable String earlyAnswer(LocalChatModel earlyModel) {
			return earlyModel.call("Hello");
		}

	}

	static class CircularModel extends LocalChatModel {

		@Autowired
		CircularService service;

	}

	static class CircularService {

		CircularModel model;

		@Autowired
		void setModel(CircularModel model) {
			this.model = model;
		}

	}

}
