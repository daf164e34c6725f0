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

package io.tokencounter.sample;

import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TrackTokens;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import reactor.core.publisher.Flux;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Streams the answer to a message, one event for each piece that the model sends. A
 * stream that fails ends with an event of the name {@code failure}, because its status
 * has been sent before.
 */
@RestController
class ChatController {

	private static final Log logger = LogFactory.getLog(ChatController.class);

	private final ChatProviders providers;

	ChatController(ChatProviders providers) {
		this.providers = providers;
	}

	@TrackTokens("chat")
	@GetMapping(path = "/chat/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ServerSentEvent<String>> stream(@RequestParam String message,
			@RequestParam(defaultValue = "openai") String provider) {
		if (!StringUtils.hasText(message)) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'message' must not be empty");
		}
		return this.providers.get(provider)
			.chatClient()
			.prompt()
			.user(message)
			.stream()
			.content()
			.map((content) -> ServerSentEvent.builder(eventData(content)).build())
			.onErrorResume((ex) -> {
				logger.warn("Chat stream failed: " + ex.getClass().getName());
				// Spring MVC has sent the status by now
				String reason = (ex instanceof TokenBudgetExceededException) ? "The budget is spent"
						: "The provider answered with an error";
				return Flux.just(ServerSentEvent.builder(eventData(reason)).event("failure").build());
			});
	}

	private static String eventData(String content) {
		// A client drops one space at the start of each line. Spring writes none, so
		// without this one a token would lose its own.
		return " " + content.replaceAll("\r\n?|\n", "\n ");
	}

}
