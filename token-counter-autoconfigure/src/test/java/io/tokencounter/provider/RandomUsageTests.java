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

package io.tokencounter.provider;

import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.Supplier;

import com.anthropic.models.messages.MessageDeltaUsage;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.genai.types.GenerateContentResponseUsageMetadata;
import com.openai.models.completions.CompletionUsage;
import io.tokencounter.TokenUsage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.deepseek.api.DeepSeekApi;
import org.springframework.ai.google.genai.metadata.GoogleGenAiUsage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * Whatever a usage holds, reading it does not throw and what is read holds together; and
 * whatever consistent counts a provider reports, just these are read. Set the system
 * property {@code usage.seed} to repeat a failed run.
 */
class RandomUsageTests {

	private static final int CASES = 2_000;

	private static final long SEED = Long.getLong("usage.seed", System.nanoTime());

	private static final String[] PROVIDERS = { "openai", "anthropic", "aws.bedrock", "gcp.gemini", "unknown", "" };

	private static final JsonMapper OPENAI_JSON = com.openai.core.ObjectMappers.jsonMapper();

	private static final JsonMapper ANTHROPIC_JSON = com.anthropic.core.ObjectMappers.jsonMapper();

	private final Random random = new Random(SEED);

	private final TokenUsageReader reader = new TokenUsageReader(List::of);

	@ParameterizedTest
	@ValueSource(strings = { "getters", "openai", "anthropic", "anthropic delta", "gemini", "deepseek" })
	void neverThrowsAndAlwaysHoldsTogether(String kind) {
		for (int i = 0; i < CASES; i++) {
			Usage usage = arbitrary(kind);
			String provider = PROVIDERS[this.random.nextInt(PROVIDERS.length)];
			int number = i;
			Supplier<String> description = () -> "seed %d, case %d, provider %s, %s".formatted(SEED, number, provider,
					usage);
			assertThatCode(() -> {
				TokenUsage read = this.reader.read(usage, provider);
				// Its constructor holds the invariants
				assertThat(read).as(description).isNotNull();
				assertThat(read.reported()).as(description).isEqualTo(read.total() > 0);
				assertThat(read.total()).as(description).isNotNegative();
			}).as(description).doesNotThrowAnyException();
		}
	}

	@Test
	void readsConsistentCountsExactly() {
		for (int i = 0; i < CASES; i++) {
			int read = this.random.nextInt(5000);
			int write = this.random.nextInt(5000);
			int fresh = 1 + this.random.nextInt(5000);
			int reasoning = this.random.nextInt(5000);
			int text = 1 + this.random.nextInt(5000);
			int input = fresh + read + write;
			int output = text + reasoning;
			TokenUsage expected = new TokenUsage(input, output, read, write, reasoning, true);
			String description = "seed %d, case %d".formatted(SEED, i);

			assertThat(read(openAi("""
					{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,
					"prompt_tokens_details":{"cached_tokens":%d,"cache_write_tokens":%d},
					"completion_tokens_details":{"reasoning_tokens":%d}}""".formatted(input, output, input + output,
					read, write, reasoning))))
				.as(description)
				.isEqualTo(expected);
			assertThat(read(anthropic("""
					{"input_tokens":%d,"output_tokens":%d,"cache_read_input_tokens":%d,
					"cache_creation_input_tokens":%d,"output_tokens_details":{"thinking_tokens":%d}}""".formatted(fresh,
					output, read, write, reasoning))))
				.as(description)
				.isEqualTo(expected);
			assertThat(read(GoogleGenAiUsage.from(GenerateContentResponseUsageMetadata.builder()
				.promptTokenCount(fresh + read)
				.toolUsePromptTokenCount(write)
				.cachedContentTokenCount(read)
				.candidatesTokenCount(text)
				.thoughtsTokenCount(reasoning)
				.totalTokenCount(input + output)
				.build()))).as(description).isEqualTo(new TokenUsage(input, output, read, 0, reasoning, true));
			assertThat(this.reader
				.read(new DefaultUsage(fresh, output, input + output, null, (long) read, (long) write), "aws.bedrock"))
				.as(description)
				.isEqualTo(new TokenUsage(input, output, read, write, 0, true));
			assertThat(read(new DefaultUsage(input, output, input + output, null, (long) read, (long) write)))
				.as(description)
				.isEqualTo(new TokenUsage(input, output, read, write, 0, true));
		}
	}

	private TokenUsage read(Usage usage) {
		return this.reader.read(usage, "unknown");
	}

	private Usage arbitrary(String kind) {
		return switch (kind) {
			case "getters" -> new ArbitraryUsage(this.random, null);
			case "openai" -> {
				String prompt = object("cached_tokens", "cache_write_tokens", "audio_tokens");
				String completion = object("reasoning_tokens", "audio_tokens");
				yield new ArbitraryUsage(this.random,
						parse(OPENAI_JSON,
								object("prompt_tokens", "completion_tokens", "total_tokens", "prompt_cache_hit_tokens",
										"num_cached_tokens", "citation_tokens", "reasoning_tokens",
										"prompt_tokens_details=" + prompt, "completion_tokens_details=" + completion),
								CompletionUsage.class));
			}
			case "anthropic" -> new ArbitraryUsage(this.random,
					parse(ANTHROPIC_JSON, anthropicJson(), com.anthropic.models.messages.Usage.class));
			case "anthropic delta" ->
				new ArbitraryUsage(this.random, parse(ANTHROPIC_JSON, anthropicJson(), MessageDeltaUsage.class));
			case "gemini" -> new ArbitraryUsage(this.random,
					GenerateContentResponseUsageMetadata.builder()
						.promptTokenCount(anInt())
						.toolUsePromptTokenCount(anInt())
						.cachedContentTokenCount(anInt())
						.candidatesTokenCount(anInt())
						.thoughtsTokenCount(anInt())
						.totalTokenCount(anInt())
						.build());
			case "deepseek" -> new ArbitraryUsage(this.random, new DeepSeekApi.Usage(anInt(), anInt(), anInt(),
					(this.random.nextBoolean()) ? new DeepSeekApi.Usage.PromptTokensDetails(anInt()) : null));
			default -> throw new IllegalArgumentException(kind);
		};
	}

	private String anthropicJson() {
		return object("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
				"output_tokens_details=" + object("thinking_tokens"));
	}

	/**
	 * Return a JSON object that may have each of these fields, with whatever value.
	 */
	private String object(String... fields) {
		StringJoiner json = new StringJoiner(",", "{", "}");
		for (String field : fields) {
			int equals = field.indexOf('=');
			String name = (equals < 0) ? field : field.substring(0, equals);
			if (this.random.nextInt(5) > 0) {
				boolean sensible = this.random.nextInt(4) > 0;
				json.add("\"" + name + "\":" + ((equals < 0 || !sensible) ? value() : field.substring(equals + 1)));
			}
		}
		return json.toString();
	}

	private String value() {
		return switch (this.random.nextInt(12)) {
			case 0 -> "null";
			case 1 -> "\"7\"";
			case 2 -> "{}";
			case 3 -> "[1]";
			case 4 -> "true";
			case 5 -> "12.5";
			case 6 -> "1e300";
			case 7 -> "99999999999999999999999999";
			default -> String.valueOf(aLong(this.random));
		};
	}

	private int anInt() {
		return (int) aLong(this.random);
	}

	private static long aLong(Random random) {
		return switch (random.nextInt(10)) {
			case 0 -> 0;
			case 1 -> -1;
			case 2 -> Integer.MAX_VALUE;
			case 3 -> Integer.MIN_VALUE;
			case 4 -> Long.MAX_VALUE;
			case 5 -> Long.MIN_VALUE;
			case 6 -> random.nextLong();
			default -> random.nextInt(1000);
		};
	}

	private static <T> T parse(JsonMapper mapper, String json, Class<T> type) {
		try {
			return mapper.readValue(json, type);
		}
		catch (JsonProcessingException ex) {
			throw new IllegalArgumentException(json, ex);
		}
	}

	private static Usage openAi(String json) {
		return new DefaultUsage(1, 1, 2, parse(OPENAI_JSON, json, CompletionUsage.class));
	}

	private static Usage anthropic(String json) {
		return new DefaultUsage(1, 1, 2, parse(ANTHROPIC_JSON, json, com.anthropic.models.messages.Usage.class));
	}

	/**
	 * A usage whose getters give any number, {@code null}, or an exception.
	 */
	private static final class ArbitraryUsage implements Usage {

		private static final RuntimeException FAILURE = new IllegalStateException("getter");

		private static final Error ERROR = new NoSuchMethodError("getter");

		private final Answer[] answers = new Answer[6];

		private final @Nullable Object nativeUsage;

		ArbitraryUsage(Random random, @Nullable Object nativeUsage) {
			for (int i = 0; i < this.answers.length; i++) {
				this.answers[i] = new Answer(random.nextInt(10), aLong(random));
			}
			this.nativeUsage = nativeUsage;
		}

		@Override
		@SuppressWarnings("NullAway")
		public Integer getPromptTokens() {
			return answer(0, Long::intValue);
		}

		@Override
		@SuppressWarnings("NullAway")
		public Integer getCompletionTokens() {
			return answer(1, Long::intValue);
		}

		@Override
		@SuppressWarnings("NullAway")
		public Integer getTotalTokens() {
			return answer(2, Long::intValue);
		}

		@Override
		public @Nullable Long getCacheReadInputTokens() {
			return answer(3, Function.identity());
		}

		@Override
		public @Nullable Long getCacheWriteInputTokens() {
			return answer(4, Function.identity());
		}

		@Override
		public @Nullable Object getNativeUsage() {
			return (this.nativeUsage != null) ? this.nativeUsage : answer(5, Function.identity());
		}

		private <T> @Nullable T answer(int getter, Function<Long, T> conversion) {
			Answer answer = this.answers[getter];
			return switch (answer.kind()) {
				case 0 -> throw FAILURE;
				case 1 -> throw ERROR;
				case 2 -> null;
				default -> conversion.apply(answer.value());
			};
		}

		@Override
		public String toString() {
			return List.of(this.answers) + " native " + this.nativeUsage;
		}

		private record Answer(int kind, long value) {
		}

	}

}
