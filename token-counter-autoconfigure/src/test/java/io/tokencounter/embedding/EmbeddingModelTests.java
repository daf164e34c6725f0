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

package io.tokencounter.embedding;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import io.tokencounter.call.CallGate;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.EmbeddingProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.model.embedding.observation.autoconfigure.EmbeddingObservationAutoConfiguration;
import org.springframework.ai.model.ollama.autoconfigure.OllamaEmbeddingAutoConfiguration;
import org.springframework.ai.model.openai.autoconfigure.OpenAiEmbeddingAutoConfiguration;
import org.springframework.ai.ollama.OllamaEmbeddingModel;
import org.springframework.ai.ollama.api.OllamaApi;
import org.springframework.ai.ollama.api.OllamaEmbeddingOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Calls to embedding models are counted as they are billed, once, whatever method they
 * are made by.
 */
@ExtendWith(OutputCaptureExtension.class)
class EmbeddingModelTests {

	@RegisterExtension
	static final EmbeddingProvider provider = EmbeddingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider.baseUrl())
		.withConfiguration(AutoConfigurations.of(EmbeddingObservationAutoConfiguration.class,
				OpenAiEmbeddingAutoConfiguration.class, OllamaEmbeddingAutoConfiguration.class))
		.withPropertyValues("spring.ai.openai.embedding.model=embed-madeup",
				"spring.ai.ollama.embedding.model=nomic-madeup", "token-counter.pricing.enabled=false")
		.withBean(CapturedCalls.class);

	@ParameterizedTest
	@ValueSource(classes = { OpenAiEmbeddingModel.class, OllamaEmbeddingModel.class })
	void everyMethodIsCountedAsItIsBilled(Class<? extends EmbeddingModel> type) {
		this.runner.run((context) -> {
			EmbeddingModel model = context.getBean(type);
			model.embed("Hello");
			model.embed(List.of("Hello", "again"));
			model.embed(new Document("Hello"));
			model.embedForResponse(List.of("Hello"));
			model.call(new EmbeddingRequest(List.of("Hello"), EmbeddingOptions.builder().build()));
			model.embed(List.of(new Document("one"), new Document("two"), new Document("three")),
					EmbeddingOptions.builder().build(),
					(documents) -> List.of(documents.subList(0, 2), documents.subList(2, 3)));
			assertThat(model.dimensions()).isEqualTo(EmbeddingProvider.DIMENSIONS);
			model.embed("no-usage");
			assertThatException().isThrownBy(() -> model.embed("fail-500"));
			List<Bill> bills = provider.ledger().bills();
			assertThat(bills).hasSize(10);
			assertCounted(context, bills);
			assertThat(calls(context)).extracting(TokenCall::outcome)
				.filteredOn((outcome) -> outcome == CallOutcome.ERROR)
				.hasSize(1);
		});
	}

	@Test
	void bothFormatsOfOpenAi() {
		this.runner.run((context) -> {
			OpenAiEmbeddingModel model = context.getBean(OpenAiEmbeddingModel.class);
			for (OpenAiEmbeddingOptions.EncodingFormat format : OpenAiEmbeddingOptions.EncodingFormat.values()) {
				model.call(new EmbeddingRequest(List.of("Hello"),
						OpenAiEmbeddingOptions.builder().model("embed-madeup").encodingFormat(format).build()));
			}
			assertCounted(context, provider.ledger().bills());
			assertThat(calls(context)).hasSize(OpenAiEmbeddingOptions.EncodingFormat.values().length)
				.allMatch((call) -> "embed-madeup".equals(call.requestModel()) && "openai".equals(call.provider()));
		});
	}

	@Test
	void agreesWithSpringAisOwnMetric() {
		this.runner.run((context) -> {
			context.getBean(OpenAiEmbeddingModel.class).embed("Hello");
			context.getBean(OllamaEmbeddingModel.class).embed("Hello");
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			double theirs = registry.get("gen_ai.client.token.usage")
				.tag("gen_ai.operation.name", "embedding")
				.tag("gen_ai.token.type", "input")
				.counters()
				.stream()
				.mapToDouble((counter) -> counter.count())
				.sum();
			double ours = registry.get("llm.tokens")
				.tag("gen_ai.operation.name", "embeddings")
				.tag("gen_ai.token.type", "input")
				.counters()
				.stream()
				.mapToDouble((counter) -> counter.count())
				.sum();
			assertThat(ours).isEqualTo(theirs).isPositive();
		});
	}

	@Test
	void clientThatTriesAgainIsOneCall() {
		this.runner.withPropertyValues("spring.ai.openai.max-retries=1").run((context) -> {
			context.getBean(OpenAiEmbeddingModel.class).embed("fail-once");
			assertThat(provider.ledger().bills()).hasSize(2);
			assertThat(calls(context)).singleElement()
				.satisfies(
						(call) -> assertThat(call.usage().input()).isEqualTo(provider.ledger().bills().get(1).input()));
		});
	}

	@Test
	void manyThreads() {
		this.runner.run((context) -> {
			ExecutorService executor = Executors.newFixedThreadPool(16);
			try {
				List<Future<?>> futures = new ArrayList<>();
				for (int i = 0; i < 400; i++) {
					Class<? extends EmbeddingModel> type = (i % 2 == 0) ? OpenAiEmbeddingModel.class
							: OllamaEmbeddingModel.class;
					futures.add(executor.submit(() -> context.getBean(type).embed("Hello")));
				}
				for (Future<?> future : futures) {
					future.get();
				}
			}
			finally {
				executor.shutdown();
			}
			assertThat(calls(context)).hasSize(400);
			assertThat(calls(context).stream().mapToLong((call) -> call.usage().input()).sum())
				.isEqualTo(provider.ledger().totals().input());
		});
	}

	@Test
	void belongsToTheTrackedMethodAndTheSession() {
		this.runner.withUserConfiguration(Search.class).run((context) -> {
			try (TokenSession session = context.getBean(TokenCounter.class).openSession("search")) {
				context.getBean(SearchService.class).search(context.getBean(OllamaEmbeddingModel.class));
				assertThat(session.lastCall()).isNotNull().satisfies((call) -> {
					assertThat(call.operation()).isEqualTo("embeddings");
					assertThat(call.feature()).isEqualTo("search");
					assertThat(call.tags()).containsEntry("tenant", "acme");
					assertThat(call.model()).isEqualTo("nomic-madeup");
					// Its time is no time in which output was generated
					assertThat(call.generationTime()).isNull();
				});
			}
		});
	}

	@Test
	void modelThatIsNotObservedIsProxiedAndKeepsItsType(CapturedOutput output) {
		this.runner.withUserConfiguration(Own.class).run((context) -> {
			assertThat(output).contains("Counting tokens of embedding model beans:")
				.contains("openAiEmbeddingModel (by its observations)")
				.contains("own (by a proxy)")
				.contains("caller (by the models that it calls)")
				.contains("mocked (not at all, a mock)");
			OwnEmbeddingModel own = context.getBean("own", OwnEmbeddingModel.class);
			own.embed("Hello");
			own.embed(List.of("Hello"));
			own.embedForResponse(List.of("Hello"));
			own.call(new EmbeddingRequest(List.of("Hello"), EmbeddingOptions.builder().build()));
			own.dimensions();
			assertThat(calls(context)).hasSize(5)
				.allMatch((call) -> call.usage().input() == 7 && "own".equals(call.modelBean()));
			context.getBean("caller", EmbeddingModel.class).embed("Hello");
			assertThat(calls(context)).hasSize(6).last().extracting(TokenCall::modelBean).isEqualTo("own");
			// What the model asks itself for is not seen, so nothing is said of its
			// tokens
			own.embed(new Document("Hello"));
			assertThat(calls(context)).hasSize(7).last().matches((call) -> !call.usage().reported());
		});
	}

	@Test
	void modelThatLooksAnotherUpLeavesTheCallToIt() {
		this.runner.withUserConfiguration(Own.class)
			.withBean("lookingUp", LookingUp.class, LookingUp::new)
			.run((context) -> {
				LookingUp lookingUp = context.getBean(LookingUp.class);
				lookingUp.inner(context.getBean("own", EmbeddingModel.class));
				lookingUp.embed("Hello");
				lookingUp.inner(context.getBean(OllamaEmbeddingModel.class));
				lookingUp.embed("Hello");
				assertThat(calls(context)).extracting(TokenCall::model).containsExactly("own-model", "nomic-madeup");
			});
	}

	@Test
	void trackedModelIsCounted() {
		this.runner.run((context) -> {
			EmbeddingCallCounter counter = context.getBean(EmbeddingCallCounter.class);
			counter.track(new OwnEmbeddingModel()).embed("Hello");
			counter.track(counter.track(new OwnEmbeddingModel())).embed("Hello");
			counter.track(context.getBean(OllamaEmbeddingModel.class)).embed("Hello");
			assertThat(calls(context)).hasSize(3);
		});
	}

	@Test
	void dimensionsThatATrackedModelKnowsAreNotAskedFor() {
		this.runner.run((context) -> {
			EmbeddingCallCounter counter = context.getBean(EmbeddingCallCounter.class);
			OwnDimensionsModel own = new OwnDimensionsModel();
			assertThat(counter.track(own).dimensions()).isEqualTo(2);
			assertThat(own.calls).hasValue(0);
			assertThat(calls(context)).isEmpty();
			assertThat(counter.track(new OwnEmbeddingModel()).dimensions()).isEqualTo(2);
			assertThat(calls(context)).hasSize(1);
		});
	}

	@Test
	void callIsMadeAndCountedThoughItCanNotBeRead(CapturedOutput output) {
		this.runner.run((context) -> {
			EmbeddingModel model = context.getBean(EmbeddingCallCounter.class).track(new UnreadableModel());
			EmbeddingRequest request = new EmbeddingRequest(List.of("Hello"), new UnreadableOptions());
			assertThat(model.call(request).getResults()).hasSize(1);
			assertThat(calls(context)).singleElement()
				.matches((call) -> call.outcome() == CallOutcome.SUCCESS && !call.usage().reported());
			assertThat(output).contains("Unreadable model").contains("Unreadable metadata");
		});
	}

	@Test
	void excludedModelsAreNotCounted(CapturedOutput output) {
		this.runner.withUserConfiguration(Own.class)
			.withPropertyValues("token-counter.embedding-models.exclude=own,openAiEmbeddingModel,missing")
			.run((context) -> {
				context.getBean(OpenAiEmbeddingModel.class).embed("Hello");
				context.getBean("own", EmbeddingModel.class).embed("Hello");
				context.getBean(OllamaEmbeddingModel.class).embed("Hello");
				assertThat(calls(context)).extracting(TokenCall::provider).containsExactly("ollama");
				assertThat(output).contains("openAiEmbeddingModel (not at all, excluded)")
					.contains("[missing]")
					.contains("token-counter.embedding-models.exclude");
			});
	}

	@Test
	void gateRefusesBeforeAnythingIsSent() {
		this.runner.withUserConfiguration(Own.class).withBean(CallGate.class, () -> (request) -> {
			throw new TokenBudgetExceededException("test", null, "calls", BigDecimal.ONE, BigDecimal.ONE,
					BigDecimal.ONE, null);
		}).run((context) -> {
			for (EmbeddingModel model : List.of(context.getBean(OpenAiEmbeddingModel.class),
					context.getBean(OllamaEmbeddingModel.class), context.getBean("own", EmbeddingModel.class))) {
				assertThatExceptionOfType(TokenBudgetExceededException.class).isThrownBy(() -> model.embed("Hello"));
			}
			assertThat(provider.ledger().bills()).isEmpty();
			assertThat(calls(context)).hasSize(3).allMatch((call) -> call.outcome() == CallOutcome.REJECTED);
		});
	}

	@Test
	void modelOfAnotherRegistryIsWarnedOf(CapturedOutput output) {
		this.runner
			.withBean("foreign", OllamaEmbeddingModel.class,
					() -> OllamaEmbeddingModel.builder()
						.ollamaApi(OllamaApi.builder().baseUrl(provider.baseUrl()).build())
						.options(OllamaEmbeddingOptions.builder().model("nomic-madeup").build())
						.observationRegistry(foreignRegistry())
						.build())
			.run((context) -> assertThat(output).contains("'foreign' can not be counted")
				.contains("foreign (not at all, is observed by another registry"));
	}

	private static ObservationRegistry foreignRegistry() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler((context) -> true);
		return registry;
	}

	private static void assertCounted(AssertableApplicationContext context, List<Bill> bills) {
		List<TokenCall> calls = calls(context);
		assertThat(calls).hasSameSizeAs(bills).allMatch((call) -> "embeddings".equals(call.operation()));
		for (int i = 0; i < bills.size(); i++) {
			Bill bill = bills.get(i);
			assertThat(calls.get(i).usage().reported()).isEqualTo(bill.reported());
			assertThat(calls.get(i).usage().input()).isEqualTo(bill.reported() ? bill.input() : 0);
			assertThat(calls.get(i).usage().output()).isZero();
		}
	}

	private static List<TokenCall> calls(AssertableApplicationContext context) {
		return context.getBean(CapturedCalls.class).calls();
	}

	static class OwnEmbeddingModel implements EmbeddingModel {

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			return new EmbeddingResponse(
					request.getInstructions().stream().map((text) -> new Embedding(new float[] { 1, 2 }, 0)).toList(),
					new EmbeddingResponseMetadata("own-model", new DefaultUsage(7, 0)));
		}

		@Override
		public float[] embed(Document document) {
			return embed(String.valueOf(document.getText()));
		}

	}

	static class OwnDimensionsModel extends OwnEmbeddingModel {

		private final AtomicInteger calls = new AtomicInteger();

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			this.calls.incrementAndGet();
			return super.call(request);
		}

		@Override
		public int dimensions() {
			return 2;
		}

	}

	static class UnreadableModel extends OwnEmbeddingModel {

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			return new EmbeddingResponse(super.call(request).getResults()) {

				@Override
				public EmbeddingResponseMetadata getMetadata() {
					throw new IllegalStateException("Unreadable metadata");
				}

			};
		}

	}

	static class UnreadableOptions implements EmbeddingOptions {

		@Override
		public @Nullable String getModel() {
			throw new IllegalStateException("Unreadable model");
		}

		@Override
		public @Nullable Integer getDimensions() {
			return null;
		}

	}

	static class LookingUp extends OwnEmbeddingModel {

		private final AtomicReference<EmbeddingModel> inner = new AtomicReference<>();

		void inner(EmbeddingModel inner) {
			this.inner.set(inner);
		}

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			return this.inner.get().call(request);
		}

	}

	static class Caller extends OwnEmbeddingModel {

		private final EmbeddingModel model;

		Caller(EmbeddingModel model) {
			this.model = model;
		}

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			return this.model.call(request);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Own {

		@Bean
		OwnEmbeddingModel own() {
			return new OwnEmbeddingModel();
		}

		@Bean
		Caller caller(OwnEmbeddingModel own) {
			return new Caller(own);
		}

		@Bean
		EmbeddingModel mocked() {
			return Mockito.mock(EmbeddingModel.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Search {

		@Bean
		SearchService searchService() {
			return new SearchService();
		}

	}

	static class SearchService {

		@TrackTokens(value = "search", tags = "tenant=acme")
		float[] search(EmbeddingModel model) {
			return model.embed("Hello");
		}

	}

}
