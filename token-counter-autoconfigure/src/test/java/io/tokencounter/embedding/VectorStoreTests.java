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

import java.util.List;

import io.tokencounter.TokenCall;
import io.tokencounter.TrackTokens;
import io.tokencounter.testsupport.Bill;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.EmbeddingProvider;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.model.embedding.observation.autoconfigure.EmbeddingObservationAutoConfiguration;
import org.springframework.ai.model.ollama.autoconfigure.OllamaEmbeddingAutoConfiguration;
import org.springframework.ai.model.openai.autoconfigure.OpenAiEmbeddingAutoConfiguration;
import org.springframework.ai.vectorstore.SimpleVectorStore;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a vector store asks an embedding model for belongs to the method that uses the
 * store, each request of it once.
 */
class VectorStoreTests {

	@RegisterExtension
	static final EmbeddingProvider provider = EmbeddingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider.baseUrl())
		.withConfiguration(AutoConfigurations.of(EmbeddingObservationAutoConfiguration.class,
				OpenAiEmbeddingAutoConfiguration.class, OllamaEmbeddingAutoConfiguration.class))
		.withPropertyValues("spring.ai.openai.embedding.model=embed-madeup",
				"spring.ai.ollama.embedding.model=nomic-madeup", "token-counter.pricing.enabled=false")
		.withBean(CapturedCalls.class)
		.withUserConfiguration(Library.class);

	@ParameterizedTest
	@ValueSource(strings = { "openAiEmbeddingModel", "ollamaEmbeddingModel" })
	void addingAndSearchingBelongToTheFeature(String bean) {
		this.runner.run((context) -> {
			EmbeddingModel model = context.getBean(bean, EmbeddingModel.class);
			List<Document> found = context.getBean(LibraryService.class).addAndSearch(model);
			assertThat(found).isNotEmpty();
			// Three documents, one at a time, what is searched for, and once the
			// dimensions, which the observation of the store asks for
			assertThat(provider.ledger().bills()).hasSize(5);
			assertCountedForTheLibrary(context);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "openAiEmbeddingModel", "ollamaEmbeddingModel" })
	void eachBatchIsOneCall(String bean) {
		this.runner.run((context) -> {
			EmbeddingModel model = context.getBean(bean, EmbeddingModel.class);
			assertThat(context.getBean(LibraryService.class).embedInBatches(model)).hasSize(5);
			assertThat(provider.ledger().bills()).hasSize(3);
			assertCountedForTheLibrary(context);
		});
	}

	private static void assertCountedForTheLibrary(AssertableApplicationContext context) {
		List<TokenCall> calls = context.getBean(CapturedCalls.class).calls();
		assertThat(calls).extracting((call) -> call.usage().input())
			.containsExactlyElementsOf(provider.ledger().bills().stream().map(Bill::input).map(Long::valueOf).toList());
		assertThat(calls).allSatisfy((call) -> {
			assertThat(call.operation()).isEqualTo("embeddings");
			assertThat(call.feature()).isEqualTo("library");
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Library {

		@Bean
		LibraryService libraryService() {
			return new LibraryService();
		}

	}

	static class LibraryService {

		@TrackTokens("library")
		List<Document> addAndSearch(EmbeddingModel model) {
			SimpleVectorStore store = SimpleVectorStore.builder(model).build();
			store.add(List.of(new Document("one"), new Document("two"), new Document("three")));
			return store.similaritySearch("one");
		}

		@TrackTokens("library")
		List<float[]> embedInBatches(EmbeddingModel model) {
			List<Document> documents = List.of(new Document("1"), new Document("2"), new Document("3"),
					new Document("4"), new Document("5"));
			return model.embed(documents, EmbeddingOptions.builder().build(),
					(all) -> List.of(all.subList(0, 2), all.subList(2, 4), all.subList(4, 5)));
		}

	}

}
