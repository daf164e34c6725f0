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

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallRequest;
import io.tokencounter.call.SeenCall;
import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How usages of embedding models are read, of the shapes that Spring AI's models make.
 */
class EmbeddingUsageTests {

	private final ProviderCallReader reader = new ProviderCallReader(new TokenUsageReader(List::of));

	@Test
	void totalOfGoogleIsInput() {
		assertThat(read("google.genai.vertex", new DefaultUsage(0, 0, 321))).isEqualTo(TokenUsage.of(321, 0));
		assertThat(read("vertex_ai", new DefaultUsage(null, null, 12))).isEqualTo(TokenUsage.of(12, 0));
	}

	@Test
	void promptOfMistralIsInput() {
		assertThat(read("mistral_ai", new DefaultUsage(15, 0, 15))).isEqualTo(TokenUsage.of(15, 0));
	}

	@Test
	void nothingOfCohereIsUnreported() {
		assertThat(read("cohere", new EmbeddingResponseMetadata().getUsage())).isEqualTo(TokenUsage.unreported());
		assertThat(read("cohere", new DefaultUsage(0, 0, 0))).isEqualTo(TokenUsage.unreported());
	}

	private TokenUsage read(String provider, Usage usage) {
		CallRequest request = new CallRequest(UUID.randomUUID(), "embeddings", provider, "embed-madeup", null, null,
				null, false, Instant.EPOCH, CallAttribution.NONE, null);
		return this.reader.read(new SeenCall(request, CallOutcome.SUCCESS, "embed-madeup", null, usage, 1, 0, 0, null))
			.usage();
	}

}
