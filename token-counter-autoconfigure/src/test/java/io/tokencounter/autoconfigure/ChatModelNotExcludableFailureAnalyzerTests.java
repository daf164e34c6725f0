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

import io.tokencounter.chat.ChatModelNotExcludableException;
import io.tokencounter.testsupport.BillingProvider;
import io.tokencounter.testsupport.ChatModelContexts;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ChatModelNotExcludableFailureAnalyzer}.
 */
class ChatModelNotExcludableFailureAnalyzerTests {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	@Test
	void namesBeanReasonAndMend() {
		ChatModelContexts.countingRunner(provider)
			.withPropertyValues("token-counter.chat-models.exclude=openAiChatModel")
			.run((context) -> {
				assertThat(context).hasFailed();
				Throwable failure = context.getStartupFailure();
				assertThat(NestedExceptionUtils.getMostSpecificCause(failure))
					.isInstanceOf(ChatModelNotExcludableException.class);
				FailureAnalysis analysis = new ChatModelNotExcludableFailureAnalyzer().analyze(failure);
				assertThat(analysis).isNotNull();
				assertThat(analysis.getDescription()).contains("'openAiChatModel'", "its class is final");
				assertThat(analysis.getAction()).contains("'openAiChatModel'", "token-counter.chat-models.exclude",
						"ObservationRegistry");
			});
	}

	@Test
	void isRegistered() {
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, FailureHandler.logging(LogFactory.getLog(getClass()))))
			.hasAtLeastOneElementOfType(ChatModelNotExcludableFailureAnalyzer.class);
	}

	@Test
	void leavesOtherFailuresAlone() {
		assertThat(new ChatModelNotExcludableFailureAnalyzer().analyze(new IllegalStateException("other"))).isNull();
	}

}
