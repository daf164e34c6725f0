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

package io.tokencounter.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenUsage;
import io.tokencounter.call.CallAttribution;
import io.tokencounter.call.CallGate;
import io.tokencounter.call.CallRecorder;
import io.tokencounter.call.CallRequest;
import io.tokencounter.testsupport.LocalChatModel;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.EmptyUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OpenCall}.
 */
class OpenCallTests {

	@Test
	void tellsWhetherAUsageSaysSomething() {
		assertThat(OpenCall.saysSomething(null)).isFalse();
		assertThat(OpenCall.saysSomething(new EmptyUsage())).isFalse();
		assertThat(OpenCall.saysSomething(new DefaultUsage(0, 0, 0))).isFalse();
		assertThat(OpenCall.saysSomething(new DefaultUsage(-1, -1, -2))).isFalse();
		assertThat(OpenCall.saysSomething(new DefaultUsage(1, 0, 1))).isTrue();
		assertThat(OpenCall.saysSomething(new DefaultUsage(0, 1, 1))).isTrue();
		assertThat(OpenCall.saysSomething(new DefaultUsage(0, 0, 1))).isTrue();
	}

	@Test
	void believesTheGettersThatDoNotFail() {
		assertThat(OpenCall.saysSomething(new FailingUsage(5))).isTrue();
		assertThat(OpenCall.saysSomething(new FailingUsage(0))).isFalse();
	}

	@Test
	void isNotMadeIfItEndsBetweenTheAnswerOfTheGateAndItsBeginning() {
		List<String> told = new ArrayList<>();
		OpenCall call = stream(told, () -> told.add("admitted"));
		call.admitLater().block();
		call.close(CallOutcome.CANCELLED, null);
		assertThat(call.make()).isFalse();
		assertThat(told).containsExactly("admitted", "withdrawn");
	}

	@Test
	void isWithdrawnAfterTheAnswerOfTheGateIfItEndedBeforeIt() {
		List<String> told = new ArrayList<>();
		AtomicReference<OpenCall> call = new AtomicReference<>();
		call.set(stream(told, () -> {
			call.get().close(CallOutcome.CANCELLED, null);
			told.add("admitted");
		}));
		call.get().admitLater().block();
		assertThat(call.get().make()).isFalse();
		assertThat(told).containsExactly("withdrawn", "admitted", "withdrawn");
	}

	private static OpenCall stream(List<String> told, Runnable admission) {
		CallGate gate = new CallGate() {

			@Override
			public void admit(CallRequest request) {
				admission.run();
			}

			@Override
			public void withdrawn(CallRequest request) {
				told.add("withdrawn");
			}

		};
		CallRecorder recorder = new CallRecorder((seen) -> seen, TestCalls.reader((usage) -> TokenUsage.of(1, 2)),
				(model, reading, startedAt) -> null, () -> List.of(gate), () -> List.of((call) -> told.add("counted")));
		return OpenCall.of(recorder, CountedModel.of("local", new LocalChatModel(), true), new Prompt("Hello"), true,
				CallAttribution.NONE);
	}

	private record FailingUsage(Integer completion) implements Usage {

		@Override
		public Integer getPromptTokens() {
			throw new IllegalStateException("no prompt tokens");
		}

		@Override
		public Integer getCompletionTokens() {
			return this.completion;
		}

		@Override
		public Object getNativeUsage() {
			throw new StackOverflowError();
		}

	}

}
