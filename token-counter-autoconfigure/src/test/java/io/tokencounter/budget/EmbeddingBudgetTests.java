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

package io.tokencounter.budget;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.CallOutcome;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenBudgets;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.testsupport.CapturedCalls;
import io.tokencounter.testsupport.ChatModelContexts;
import io.tokencounter.testsupport.EmbeddingProvider;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.model.embedding.observation.autoconfigure.EmbeddingObservationAutoConfiguration;
import org.springframework.ai.model.ollama.autoconfigure.OllamaEmbeddingAutoConfiguration;
import org.springframework.ai.model.openai.autoconfigure.OpenAiEmbeddingAutoConfiguration;
import org.springframework.ai.ollama.OllamaEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Budgets refuse embeddings before the wire: of models that are observed, that are
 * proxied, and that are tracked by hand.
 */
class EmbeddingBudgetTests {

	@RegisterExtension
	static final EmbeddingProvider provider = EmbeddingProvider.start();

	private final ApplicationContextRunner runner = ChatModelContexts.countingRunner(provider.baseUrl())
		.withConfiguration(AutoConfigurations.of(EmbeddingObservationAutoConfiguration.class,
				OpenAiEmbeddingAutoConfiguration.class, OllamaEmbeddingAutoConfiguration.class))
		.withPropertyValues("spring.ai.openai.embedding.model=embed-madeup",
				"spring.ai.ollama.embedding.model=nomic-madeup",
				"token-counter.pricing.models[embed-madeup].input=1000000",
				"token-counter.pricing.models[embed-madeup].output=1000000")
		.withBean("own", OwnEmbeddingModel.class)
		.withBean(CapturedCalls.class);

	@Test
	void nothingIsSentByWhateverWayACallIsMade() {
		this.runner.withPropertyValues("token-counter.budgets.none.max-calls=0").run((context) -> {
			SoftAssertions softly = new SoftAssertions();
			CapturedCalls calls = context.getBean(CapturedCalls.class);
			ways(context).forEach((way, action) -> {
				calls.reset();
				softly.assertThat(catchThrowable(action::run)).as(way).isInstanceOf(TokenBudgetExceededException.class);
				softly.assertThat(calls.calls())
					.as(way)
					.extracting(TokenCall::operation, TokenCall::outcome)
					.containsExactly(Tuple.tuple("embeddings", CallOutcome.REJECTED));
				softly.assertThat(context.getBean(ObservationRegistry.class).getCurrentObservation()).as(way).isNull();
			});
			softly.assertThat(provider.ledger().bills()).isEmpty();
			softly.assertThat(context.getBean(OwnEmbeddingModel.class).asked()).isZero();
			TokenBudgets.Amount amount = amount(context, "none");
			softly.assertThat(amount.held()).isZero();
			softly.assertThat(amount.spent()).isZero();
			softly.assertAll();
		});
	}

	@Test
	void whatIsLetThroughIsCharged() {
		this.runner.withPropertyValues("token-counter.budgets.all.max-calls=1000").run((context) -> {
			Map<String, Runnable> ways = ways(context);
			ways.values().forEach(Runnable::run);
			assertThat(amount(context, "all").spent()).isEqualByComparingTo(Integer.toString(ways.size()));
			assertThat(amount(context, "all").held()).isZero();
		});
	}

	@Test
	void costsWhatTheInputCosts() {
		this.runner
			.withPropertyValues("token-counter.budgets.money.max-cost=1000000",
					"token-counter.budgets.chats.max-calls=0", "token-counter.budgets.chats.match.operations=chat")
			.run((context) -> {
				context.getBean(OpenAiEmbeddingModel.class).embed("Hello");
				assertThat(amount(context, "money").spent())
					.isEqualByComparingTo(Long.toString(provider.ledger().bills().get(0).input()));
			});
	}

	@Test
	void aTextThatNeedsMoreThanIsLeftIsRefused() {
		this.runner.withPropertyValues("token-counter.budgets.tokens.max-tokens=100").run((context) -> {
			EmbeddingModel model = context.getBean("own", EmbeddingModel.class);
			assertThatExceptionOfType(TokenBudgetExceededException.class)
				.isThrownBy(() -> model.embed("Hello ".repeat(1000)))
				.satisfies((ex) -> assertThat(ex.requested()).isGreaterThanOrEqualTo(new BigDecimal("1500")));
			model.embed("Hello");
			assertThat(amount(context, "tokens").spent()).isEqualByComparingTo("7");
		});
	}

	private static TokenBudgets.Amount amount(ApplicationContext context, String budget) {
		return context.getBean(TokenBudgets.class).status(budget, null).amounts().get(0);
	}

	private static Map<String, Runnable> ways(ApplicationContext context) {
		Map<String, EmbeddingModel> models = new LinkedHashMap<>();
		models.put("OpenAI", context.getBean(OpenAiEmbeddingModel.class));
		models.put("Ollama", context.getBean(OllamaEmbeddingModel.class));
		models.put("proxied", context.getBean("own", EmbeddingModel.class));
		models.put("tracked", context.getBean(TokenCounter.class).track(models.get("Ollama")));
		Map<String, Runnable> ways = new LinkedHashMap<>();
		models.forEach((name, model) -> {
			ways.put(name + " text", () -> model.embed("Hello"));
			ways.put(name + " texts", () -> model.embed(List.of("Hello", "again")));
			ways.put(name + " document", () -> model.embed(new Document("Hello")));
			ways.put(name + " response", () -> model.embedForResponse(List.of("Hello")));
			ways.put(name + " request", () -> model.call(new EmbeddingRequest(List.of("Hello"), null)));
		});
		return ways;
	}

	static class OwnEmbeddingModel implements EmbeddingModel {

		private int asked;

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			this.asked++;
			return new EmbeddingResponse(
					request.getInstructions().stream().map((text) -> new Embedding(new float[] { 1, 2 }, 0)).toList(),
					new EmbeddingResponseMetadata("own-model", new DefaultUsage(7, 0)));
		}

		@Override
		public float[] embed(Document document) {
			return embed(String.valueOf(document.getText()));
		}

		int asked() {
			return this.asked;
		}

	}

}
