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

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TokenUsage;
import io.tokencounter.UsageSummary;
import io.tokencounter.summary.DefaultTokenCounter;
import io.tokencounter.summary.UsageAggregator;
import io.tokencounter.testsupport.FailableChatModel;
import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

class TokenCounterSessionAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TokenCounterAutoConfiguration.class,
				TokenCounterAttributionAutoConfiguration.class, TokenCounterSessionAutoConfiguration.class))
		.withBean(FailableChatModel.class);

	@Test
	void isThereByDefault() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(DefaultTokenCounter.class).hasSingleBean(UsageAggregator.class);
			TokenCounter counter = context.getBean(TokenCounter.class);
			context.getBean(FailableChatModel.class).call("counted");
			ChatModel tracked = counter.track(new FailableChatModel());
			tracked.call("counted");
			assertThat(counter.summary().totals().calls()).isEqualTo(2);
			assertThat(counter.reset().totals().calls()).isEqualTo(2);
			assertThat(counter.summary().totals().calls()).isZero();
			assertThat(counter.usageOf(FailableChatModel.response()))
				.isEqualTo(TokenUsage.of(FailableChatModel.INPUT, FailableChatModel.OUTPUT));
			assertThat(counter.usageOf(FailableChatModel.response(), "openai").total()).isEqualTo(10);
		});
	}

	@Test
	void tracksAndReadsEmbeddings() {
		this.runner.withConfiguration(AutoConfigurations.of(TokenCounterEmbeddingAutoConfiguration.class))
			.run((context) -> {
				TokenCounter counter = context.getBean(TokenCounter.class);
				EmbeddingModel tracked = counter.track(new TotalsOnlyEmbeddingModel());
				assertThat(counter.track(tracked)).isSameAs(tracked);
				EmbeddingResponse response = tracked.embedForResponse(List.of("counted"));
				assertThat(counter.usageOf(response)).isEqualTo(TokenUsage.of(7, 0));
				assertThat(counter.summary().totals().calls()).isOne();
				assertThat(counter.summary().totals().input()).isEqualTo(7);
				assertThat(counter.usageOf(new EmbeddingResponse(List.of()))).isEqualTo(TokenUsage.unreported());
			});
	}

	@Test
	void leavesEmbeddingModelsWhereNothingCountsThem() {
		this.runner.run((context) -> {
			EmbeddingModel model = new TotalsOnlyEmbeddingModel();
			assertThat(context.getBean(TokenCounter.class).track(model)).isSameAs(model);
		});
	}

	@Test
	void keepsAsManyCallsAsConfigured() {
		this.runner.withPropertyValues("token-counter.summary.max-calls=2").run((context) -> {
			TokenCounter counter = context.getBean(TokenCounter.class);
			try (TokenSession session = counter.openSession("bounded")) {
				for (int i = 0; i < 5; i++) {
					context.getBean(FailableChatModel.class).call("counted");
				}
				assertThat(session.summary().recentCalls()).hasSize(2);
				assertThat(counter.summary().recentCalls()).hasSize(2);
				assertThat(counter.summary().totals().calls()).isEqualTo(5);
			}
		});
	}

	@Test
	void backsOffForTheUsersOwn() {
		TokenCounter own = new OwnTokenCounter();
		this.runner.withBean("own", TokenCounter.class, () -> own)
			.run((context) -> assertThat(context.getBean(TokenCounter.class)).isSameAs(own));
	}

	@Test
	void isOffByProperty() {
		this.runner.withPropertyValues("token-counter.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TokenCounter.class));
	}

	@Test
	void isOffWithoutObservations() {
		this.runner.withClassLoader(new FilteredClassLoader(ObservationRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TokenCounter.class));
	}

	/**
	 * Tells its usage as Google's models do.
	 */
	private static final class TotalsOnlyEmbeddingModel implements EmbeddingModel {

		@Override
		public EmbeddingResponse call(EmbeddingRequest request) {
			return new EmbeddingResponse(List.of(new Embedding(new float[] { 1 }, 0)),
					new EmbeddingResponseMetadata("own-model", new DefaultUsage(0, 0, 7)));
		}

		@Override
		public float[] embed(Document document) {
			return embed(String.valueOf(document.getText()));
		}

	}

	/**
	 * Counts nothing.
	 */
	private static final class OwnTokenCounter implements TokenCounter {

		@Override
		public TokenSession openSession(String name) {
			throw new UnsupportedOperationException();
		}

		@Override
		public UsageSummary summary() {
			throw new UnsupportedOperationException();
		}

		@Override
		public UsageSummary reset() {
			throw new UnsupportedOperationException();
		}

		@Override
		public TokenUsage usageOf(ChatResponse response) {
			return TokenUsage.unreported();
		}

		@Override
		public TokenUsage usageOf(ChatResponse response, String provider) {
			return TokenUsage.unreported();
		}

		@Override
		public TokenUsage usageOf(EmbeddingResponse response) {
			return TokenUsage.unreported();
		}

		@Override
		public ChatModel track(ChatModel chatModel) {
			return chatModel;
		}

		@Override
		public EmbeddingModel track(EmbeddingModel embeddingModel) {
			return embeddingModel;
		}

	}

}
