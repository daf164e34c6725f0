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

import java.time.Duration;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

import org.springframework.http.HttpStatus;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Sends a message to both providers, one after the other, and puts their tokens and times
 * side by side.
 */
@RestController
class ComparisonController {

	private static final Log logger = LogFactory.getLog(ComparisonController.class);

	private final ChatProviders providers;

	ComparisonController(ChatProviders providers) {
		this.providers = providers;
	}

	@GetMapping("/compare")
	Comparison compare(@RequestParam String message) {
		if (!StringUtils.hasText(message)) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'message' must not be empty");
		}
		return new Comparison(ask(this.providers.openAi(), message), ask(this.providers.ollama(), message));
	}

	private Result ask(ChatProvider provider, String message) {
		long start = System.nanoTime();
		try {
			SpentTokens tokenUsage = SpentTokens.of(provider.chatClient().prompt().user(message).call().chatResponse(),
					provider);
			return Result.of(tokenUsage, Duration.ofNanos(System.nanoTime() - start), null);
		}
		catch (RuntimeException ex) {
			logger.warn("Model " + provider.model() + " failed: " + ex.getClass().getName());
			return Result.of(SpentTokens.none(provider), Duration.ofNanos(System.nanoTime() - start),
					"The provider could not be asked or answered with an error");
		}
	}

	record Comparison(Result openai, Result ollama) {
	}

	/**
	 * What one provider needed.
	 *
	 * @param tokenUsage the tokens of the call and the model's name
	 * @param durationMs the time from the request to the answer, in milliseconds
	 * @param tokensPerSecond output tokens over the whole time of the call
	 * @param error what went wrong, if anything
	 */
	@JsonNaming(SnakeCaseStrategy.class)
	@JsonInclude(JsonInclude.Include.NON_NULL)
	record Result(SpentTokens tokenUsage, long durationMs, double tokensPerSecond, @Nullable String error) {

		static Result of(SpentTokens tokenUsage, Duration duration, @Nullable String error) {
			double seconds = Math.max(1, duration.toNanos()) / 1e9;
			return new Result(tokenUsage, duration.toMillis(), tokenUsage.completionTokens() / seconds, error);
		}

	}

}
