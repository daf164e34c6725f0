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

package io.tokencounter.budget.web;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

import io.tokencounter.TokenBudgetExceededException;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/**
 * Answers a call that a budget refused with status 429, the time to come back, and a
 * problem document. It is the last one to be asked, so an application that handles the
 * exception itself is not disturbed.
 *
 * @since 0.1.0
 */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
public final class BudgetExceededAdvice {

	private final InstantSource clock;

	/**
	 * Create an advice.
	 * @param clock the time
	 */
	public BudgetExceededAdvice(InstantSource clock) {
		this.clock = clock;
	}

	/**
	 * Answer a refused call. Neither the subject nor amounts are told to who asks.
	 * @param exception what was thrown
	 * @return the answer
	 */
	@ExceptionHandler
	public ResponseEntity<ProblemDetail> budgetExceeded(TokenBudgetExceededException exception) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.TOO_MANY_REQUESTS,
				"The budget '" + exception.budget() + "' does not allow the call to a model that this needs.");
		problem.setTitle("Budget exceeded");
		problem.setProperty("budget", exception.budget());
		HttpHeaders headers = new HttpHeaders();
		headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
		Instant resetsAt = exception.resetsAt();
		if (resetsAt != null) {
			problem.setProperty("resetsAt", resetsAt.toString());
			headers.set(HttpHeaders.RETRY_AFTER, Long.toString(secondsUntil(resetsAt)));
		}
		return new ResponseEntity<>(problem, headers, HttpStatus.TOO_MANY_REQUESTS);
	}

	private long secondsUntil(Instant time) {
		return Math.max(1, Duration.between(this.clock.instant(), time).plusMillis(999).toSeconds());
	}

}
