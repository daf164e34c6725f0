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

package io.tokencounter.attribution;

import java.util.List;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCallListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.Prompt;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OpenCallsHandler}.
 */
class OpenCallsHandlerTests {

	private final CallerScopes scopes = new CallerScopes(() -> ObservationRegistry.NOOP, List::of);

	private final OpenCallsHandler handler = new OpenCallsHandler(() -> this.scopes);

	private final TokenCallListener listener = (call) -> {
	};

	private final OpenSession session = this.scopes.openSession("session", this.listener);

	@AfterEach
	void close() {
		this.session.close();
	}

	@Test
	void aSessionWaitsForAStreamWhoseEndWasDelivered() {
		ChatModelObservationContext stream = context(true);
		this.handler.onStart(stream);
		calls().endSeen();
		assertThat(calls().isEnding()).isTrue();
		this.handler.onStop(stream);
		assertThat(calls().isEnding()).isFalse();
	}

	@Test
	void aSessionDoesNotWaitForACallThatIsMadeBesideAStream() {
		this.handler.onStart(context(false));
		calls().endSeen();
		assertThat(calls().isEnding()).isFalse();
	}

	private static SessionCalls calls() {
		CallerScope scope = ThreadScopes.current();
		assertThat(scope).isNotNull();
		return scope.sessions().get(0);
	}

	private static ChatModelObservationContext context(boolean streaming) {
		return ChatModelObservationContext.builder()
			.prompt(new Prompt("Hello"))
			.provider("madeup")
			.streaming(streaming)
			.build();
	}

}
