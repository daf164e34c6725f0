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
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.BillingDetails;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallPricing;
import io.tokencounter.call.CallRates;
import io.tokencounter.call.CallReading;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.content.MediaContent;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.model.ModelRequest;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tokenizer.TokenCountEstimator;
import org.springframework.util.MimeTypeUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CallEstimator}.
 */
class CallEstimatorTests {

	private static final CallReading ASKED = new CallReading("test", null, TokenUsage.unreported(),
			BillingDetails.PLAIN);

	private final CallEstimator estimator = new CallEstimator(new Prices(), null);

	@ParameterizedTest
	@CsvSource({ "a, 400, 104", "'hello ', 2400, 604", "한, 300, 204", "日, 30000, 20004", "é, 400, 104" })
	void inputIsEstimatedByItsCharacters(String text, int length, long tokens) {
		assertThat(estimate(new Prompt(text.repeat(length / text.length()))).input()).isEqualTo(tokens);
	}

	@Test
	void ofMixedTextEachPartCounts() {
		assertThat(estimate(new Prompt("a".repeat(400) + "한".repeat(300))).input()).isEqualTo(304);
	}

	@Test
	void mediaCountByTheirKindWhateverTheirSize() {
		UserMessage message = UserMessage.builder()
			.text("What is it?")
			.media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("data:image/png;base64," + "A".repeat(100_000))))
			.build();
		CallEstimate estimate = estimate(new Prompt(message));
		assertThat(estimate.input()).isEqualTo(1007);
		assertThat(estimate.plainText()).isFalse();
	}

	@Test
	void textsToEmbedHaveNoOutput() {
		CallRequest request = new CallRequest(TokenCall.nextId(), "embeddings", "test", "model", null, null,
				new EmbeddingRequest(List.of("a".repeat(400), "b".repeat(40)), null), false, Instant.now(),
				CallAttribution.NONE, null);
		CallEstimate estimate = this.estimator.estimate(request, ASKED);
		assertThat(estimate.input()).isEqualTo(118);
		assertThat(estimate.maxOutput()).isZero();
	}

	@Test
	void outputIsWhatWasAskedForAtTheMost() {
		Prompt prompt = new Prompt("hi");
		assertThat(estimate(prompt, null, null).maxOutput()).isEqualTo(1000);
		ChatOptions some = ChatOptions.builder().maxTokens(70).build();
		assertThat(estimate(prompt, some, null).maxOutput()).isEqualTo(70);
		assertThat(estimate(prompt, null, some).maxOutput()).isEqualTo(70);
		assertThat(estimate(prompt, ChatOptions.builder().maxTokens(30).build(), some).maxOutput()).isEqualTo(30);
		assertThat(estimate(prompt, ChatOptions.builder().build(), some).maxOutput()).isEqualTo(70);
		assertThat(estimate(prompt, OpenAiChatOptions.builder().maxCompletionTokens(90).build(), null).maxOutput())
			.isEqualTo(90);
		assertThat(estimate(prompt, OpenAiChatOptions.builder().maxTokens(90).n(3).build(), null).maxOutput())
			.isEqualTo(270);
	}

	@Test
	void theRatioOfAModelIsLearned() {
		Prompt prompt = new Prompt("a".repeat(4000));
		for (int i = 0; i < 30; i++) {
			learn(prompt, 2008, 10, 0);
		}
		assertThat(estimate(prompt).input()).isBetween(2005L, 2010L);
		assertThat(estimate(new Prompt("a".repeat(400))).input()).isBetween(205L, 212L);
	}

	@Test
	void whatIsLikelyIsLearnedForEachModelAndFeature() {
		Prompt prompt = new Prompt("a".repeat(4000));
		for (int i = 1; i <= 40; i++) {
			learn(prompt, 1000, i * 10, 0);
		}
		CallEstimate estimate = estimate(prompt);
		assertThat(estimate.maxOutput()).isEqualTo(380);
		assertThat(estimate.likelyOutput()).isBetween(300L, 380L);
		CallRequest other = new CallRequest(TokenCall.nextId(), "chat", "test", "model", null, null, prompt, false,
				Instant.now(), new CallAttribution("other", Map.of(), List.of()), null);
		assertThat(this.estimator.estimate(other, ASKED).maxOutput()).isEqualTo(1000);
	}

	@Test
	void howManyTokensAChunkHasIsLearned() {
		Prompt prompt = new Prompt("a".repeat(4000));
		assertThat(this.estimator.tokensOf(seen(prompt, 10))).isEqualTo(10);
		for (int i = 0; i < 10; i++) {
			learn(prompt, 1000, 300, 60);
		}
		assertThat(this.estimator.tokensOf(seen(prompt, 10))).isEqualTo(50);
	}

	@Test
	void anEstimatorOfTheUserIsAskedForTheBeginningOfLongTexts() {
		CallEstimator words = new CallEstimator(new Prices(), new TokenCountEstimator() {

			@Override
			public int estimate(String text) {
				assertThat(text.length()).isLessThanOrEqualTo(100_000);
				return text.length() / 2;
			}

			@Override
			public int estimate(MediaContent content) {
				throw new UnsupportedOperationException();
			}

			@Override
			public int estimate(Iterable<MediaContent> messages) {
				throw new UnsupportedOperationException();
			}

		});
		CallEstimate estimate = words.estimate(request(new Prompt("a".repeat(1_000_000)), null, null), ASKED);
		assertThat(estimate.input()).isEqualTo(500_004);
	}

	@Test
	void moneyIsRoundedUpToTheNextNano() {
		CallEstimate estimate = new CallEstimate(1, true, 1, 1, 0,
				new CallRates(new BigDecimal("0.0375"), new BigDecimal("0.0004"), "USD"));
		assertThat(estimate.held("USD")).isEqualTo(new Amounts(38, 2, 1));
		assertThat(estimate.likely("USD")).isEqualTo(new Amounts(38, 1, 1));
		assertThat(estimate.held("EUR")).isEqualTo(new Amounts(0, 2, 1));
	}

	@Test
	void namesWithoutEndDoNotFillTheMemory() {
		Prompt prompt = new Prompt("a".repeat(400));
		for (int i = 0; i < 5000; i++) {
			CallRequest request = new CallRequest(TokenCall.nextId(), "chat", "test", "model-" + i, null, null, prompt,
					false, Instant.now(), CallAttribution.NONE, null);
			SeenCall seen = new SeenCall(request, CallOutcome.SUCCESS, null, null, null, 1, 0, 0, null);
			this.estimator.learn(this.estimator.estimate(request, ASKED), seen, TokenUsage.of(100, 10));
		}
		assertThat(this.estimator).extracting("ratios")
			.satisfies((kept) -> assertThat((Map<?, ?>) kept).hasSizeLessThanOrEqualTo(1000));
		assertThat(this.estimator).extracting("outputs")
			.satisfies((kept) -> assertThat((Map<?, ?>) kept).hasSizeLessThanOrEqualTo(1000));
	}

	private void learn(Prompt prompt, long input, long output, int chunks) {
		SeenCall seen = seen(prompt, chunks);
		this.estimator.learn(this.estimator.estimate(seen.request(), ASKED), seen, TokenUsage.of(input, output));
	}

	private SeenCall seen(Prompt prompt, int chunks) {
		return new SeenCall(request(prompt, null, null), CallOutcome.SUCCESS, null, null, null, 1, 0, chunks, null);
	}

	private CallEstimate estimate(Prompt prompt) {
		return estimate(prompt, null, null);
	}

	private CallEstimate estimate(Prompt prompt, ModelOptions options, ModelOptions defaults) {
		return this.estimator.estimate(request(prompt, options, defaults), ASKED);
	}

	private static CallRequest request(ModelRequest<?> input, ModelOptions options, ModelOptions defaults) {
		return new CallRequest(TokenCall.nextId(), "chat", "test", "model", options, defaults, input, false,
				Instant.now(), CallAttribution.NONE, null);
	}

	private static final class Prices implements CallPricing {

		@Override
		public TokenCost cost(String model, CallReading reading, Instant startedAt) {
			return null;
		}

	}

}
