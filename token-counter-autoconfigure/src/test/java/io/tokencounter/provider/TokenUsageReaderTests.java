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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.tokencounter.TokenUsage;
import io.tokencounter.TokenUsageExtractor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.EmptyUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenUsageReader}.
 */
@ExtendWith(OutputCaptureExtension.class)
class TokenUsageReaderTests {

	private static final Usage USAGE = new DefaultUsage(7, 5);

	@Test
	void isUnreportedWithoutUsage() {
		assertThat(reader().read(null, "openai")).isEqualTo(TokenUsage.unreported());
		assertThat(reader().read(new EmptyUsage(), "openai")).isEqualTo(TokenUsage.unreported());
	}

	@Test
	void asksTheApplicationsExtractorsFirstAndInOrder() {
		List<String> asked = new ArrayList<>();
		TokenUsageReader reader = reader((usage, provider) -> {
			asked.add("first " + provider);
			return null;
		}, (usage, provider) -> {
			asked.add("second " + provider);
			return TokenUsage.of(1, 2);
		}, (usage, provider) -> {
			asked.add("third " + provider);
			return null;
		});
		assertThat(reader.read(USAGE, "acme")).isEqualTo(TokenUsage.of(1, 2));
		assertThat(asked).containsExactly("first acme", "second acme");
	}

	@Test
	void readsItselfWhereNoExtractorOfTheApplicationKnowsTheUsage() {
		assertThat(reader((usage, provider) -> null).read(USAGE, "acme")).isEqualTo(TokenUsage.of(7, 5));
	}

	@Test
	void asksTheApplicationsExtractorsAboutAUsageThatSaysNothing() {
		assertThat(reader((usage, provider) -> TokenUsage.of(0, 0)).read(new EmptyUsage(), "acme"))
			.isEqualTo(TokenUsage.of(0, 0));
	}

	@Test
	void goesOnAfterAFailingExtractorAndWarnsOnce(CapturedOutput output) {
		TokenUsageReader reader = reader(new FailingExtractor(), (usage, provider) -> {
			throw new NoClassDefFoundError("acme");
		}, (usage, provider) -> TokenUsage.of(1, 2));
		for (int i = 0; i < 3; i++) {
			assertThat(reader.read(USAGE, "acme")).isEqualTo(TokenUsage.of(1, 2));
		}
		assertThat(warnings(output)).filteredOn((line) -> line.contains(FailingExtractor.class.getName())).hasSize(1);
		assertThat(warnings(output)).hasSize(2);
	}

	@Test
	void resolvesTheExtractorsOnTheFirstReadingAndOnlyOnce() {
		AtomicInteger resolved = new AtomicInteger();
		Supplier<List<TokenUsageExtractor>> extractors = () -> {
			resolved.incrementAndGet();
			return List.of();
		};
		TokenUsageReader reader = new TokenUsageReader(extractors);
		assertThat(resolved).hasValue(0);
		reader.read(USAGE, "acme");
		reader.read(USAGE, "acme");
		assertThat(resolved).hasValue(1);
	}

	@Test
	void readsWhileTheExtractorsCannotBeResolvedAndTriesAgain(CapturedOutput output) {
		AtomicInteger attempts = new AtomicInteger();
		TokenUsageReader reader = new TokenUsageReader(() -> {
			if (attempts.incrementAndGet() < 3) {
				throw new IllegalStateException("still starting");
			}
			return List.of((usage, provider) -> TokenUsage.of(1, 2));
		});
		assertThat(reader.read(USAGE, "acme")).isEqualTo(TokenUsage.of(7, 5));
		assertThat(reader.read(USAGE, "acme")).isEqualTo(TokenUsage.of(7, 5));
		assertThat(reader.read(USAGE, "acme")).isEqualTo(TokenUsage.of(1, 2));
		assertThat(warnings(output)).hasSize(1);
	}

	@Test
	void readsTheGettersThatDoNotFail(CapturedOutput output) {
		TokenUsageReader reader = reader();
		for (int i = 0; i < 3; i++) {
			assertThat(reader.read(new FailingUsage(), "acme")).isEqualTo(TokenUsage.of(0, 5));
		}
		assertThat(warnings(output)).hasSize(2)
			.anyMatch((line) -> line.contains("native usage"))
			.anyMatch((line) -> line.contains("getter"));
	}

	@Test
	void warnsOnceOfEachKindOfInconsistentCounts(CapturedOutput output) {
		TokenUsageReader reader = reader();
		for (int i = 0; i < 3; i++) {
			reader.read(new DefaultUsage(-1, 5), "acme");
			reader.read(new DefaultUsage(10, 5, 6), "acme");
			reader.read(new DefaultUsage(1, 1, 2, null, Long.MAX_VALUE, 0L), "acme");
		}
		assertThat(warnings(output)).hasSize(3)
			.anyMatch((line) -> line.contains("negative"))
			.anyMatch((line) -> line.contains("total smaller"))
			.anyMatch((line) -> line.contains("impossibly large"));
	}

	@Test
	void saysNothingOfConsistentCounts(CapturedOutput output) {
		reader().read(new DefaultUsage(10, 5, 15, null, 3L, 2L), "acme");
		reader().read(new DefaultUsage(0, 0, 0), "acme");
		assertThat(warnings(output)).isEmpty();
	}

	private static TokenUsageReader reader(TokenUsageExtractor... extractors) {
		return new TokenUsageReader(() -> Arrays.asList(extractors));
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.getAll().lines().filter((line) -> line.contains(" WARN ")).toList();
	}

	private static final class FailingExtractor implements TokenUsageExtractor {

		@Override
		public TokenUsage extract(Usage usage, String provider) {
			throw new IllegalStateException("broken");
		}

	}

	/**
	 * A usage that can tell nothing but the completion tokens.
	 */
	private static final class FailingUsage implements Usage {

		@Override
		public Integer getPromptTokens() {
			throw new IllegalStateException("no prompt tokens");
		}

		@Override
		public Integer getCompletionTokens() {
			return 5;
		}

		@Override
		public @Nullable Object getNativeUsage() {
			throw new StackOverflowError();
		}

	}

}
