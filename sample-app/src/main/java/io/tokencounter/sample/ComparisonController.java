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
import java.util.concurrent.CompletableFuture;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.http.HttpStatus;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Sends a message to both providers at once, each in a session of its own, and puts their
 * tokens and times side by side.
 */
@RestController
class ComparisonController {

	private static final Log logger = LogFactory.getLog(ComparisonController.class);

	private final ChatProviders providers;

	private final TokenCounter tokenCounter;

	private final AsyncTaskExecutor executor;

	ComparisonController(ChatProviders providers, TokenCounter tokenCounter, AsyncTaskExecutor executor) {
		this.providers = providers;
		this.tokenCounter = tokenCounter;
		this.executor = executor;
	}

	@TrackTokens(feature = "compare", log = true)
	@GetMapping("/compare")
	Comparison compare(@RequestParam String message) {
		if (!StringUtils.hasText(message)) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'message' must not be empty");
		}
		// The feature and the tenant get to these threads by context propagation
		CompletableFuture<Result> openAi = this.executor.submitCompletable(() -> ask(this.providers.openAi(), message));
		CompletableFuture<Result> ollama = this.executor.submitCompletable(() -> ask(this.providers.ollama(), message));
		return new Comparison(openAi.join(), ollama.join());
	}

	private Result ask(ChatProvider provider, String message) {
		try (TokenSession session = this.tokenCounter.openSession("comparison with " + provider.model())) {
			String error = null;
			try {
				provider.chatClient().prompt().user(message).call().content();
			}
			catch (TokenBudgetExceededException ex) {
				error = "The budget is spent";
			}
			catch (RuntimeException ex) {
				logger.warn("Model " + provider.model() + " failed: " + ex.getClass().getName());
				error = "The provider could not be asked or answered with an error";
			}
			return Result.of(session, provider, error);
		}
	}

	record Comparison(Result openai, Result ollama) {
	}

	/**
	 * What one provider needed.
	 *
	 * @param tokenUsage the tokens of the call and the model's name
	 * @param durationMs the time from the request to the answer, in milliseconds
	 * @param tokensPerSecond output tokens over the time of the call
	 * @param error what went wrong, if anything
	 */
	@JsonNaming(SnakeCaseStrategy.class)
	@JsonInclude(JsonInclude.Include.NON_NULL)
	record Result(SpentTokens tokenUsage, long durationMs, double tokensPerSecond, @Nullable String error) {

		static Result of(TokenSession session, ChatProvider provider, @Nullable String error) {
			TokenCall call = session.lastCall();
			Duration duration = (call != null) ? call.duration() : Duration.ZERO;
			return new Result(SpentTokens.of(session, provider), duration.toMillis(),
					session.summary().totals().outputTokensPerSecond(), error);
		}

	}

}
