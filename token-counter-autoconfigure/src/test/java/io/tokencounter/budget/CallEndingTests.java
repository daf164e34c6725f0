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

package io.tokencounter.budget;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import com.anthropic.core.JsonValue;
import com.anthropic.core.http.Headers;
import com.anthropic.errors.UnexpectedStatusCodeException;
import com.google.genai.errors.ClientException;
import com.google.genai.errors.ServerException;
import io.tokencounter.CallOutcome;
import io.tokencounter.call.CallRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.http.HttpStatus;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a call is charged with, by how it ended. 24 tokens of input and 100 of output are
 * held, of which 100 are likely.
 */
class CallEndingTests {

	private static final Budget BUDGET = BudgetTestCalls.budget("all", BudgetTestCalls.tokens(10_000));

	private static final Amounts NOTHING = Amounts.NONE;

	// Of 24 and 100 tokens at $1 and $10 per million
	private static final Amounts INPUT_AND_LIKELY_OUTPUT = new Amounts(1_024_000, 124, 1);

	private static final Amounts INPUT = new Amounts(24_000, 24, 1);

	private static final Amounts INPUT_AND_SEVEN = new Amounts(94_000, 31, 1);

	@ParameterizedTest(name = "{0}")
	@MethodSource
	void isCharged(String how, boolean streaming, BiConsumer<BudgetTestCalls, CallRequest> ending, Amounts spent,
			Amounts estimated) {
		BudgetTestCalls calls = new BudgetTestCalls(BUDGET);
		CallRequest request = calls.admit(streaming ? calls.stream() : calls.request());
		ending.accept(calls, request);
		assertThat(calls.state(BUDGET)).isEqualTo(new BudgetWindowState(spent, NOTHING, estimated, 0));
	}

	static Stream<Arguments> isCharged() {
		return Stream.of(
				ended("success", false, (calls, request) -> calls.succeed(request, 30, 40), new Amounts(430_000, 70, 1),
						NOTHING),
				ended("success of more than was held", false, (calls, request) -> calls.succeed(request, 30, 4000),
						new Amounts(40_030_000, 4030, 1), NOTHING),
				ended("success without usage", false,
						(calls, request) -> calls.endWithoutUsage(request, CallOutcome.SUCCESS, 0, null), NOTHING,
						INPUT_AND_LIKELY_OUTPUT),
				ended("stream without usage", true,
						(calls, request) -> calls.endWithoutUsage(request, CallOutcome.SUCCESS, 7, null), NOTHING,
						INPUT_AND_SEVEN),
				ended("stream cancelled before its first token", true,
						(calls, request) -> calls.endWithoutUsage(request, CallOutcome.CANCELLED, 0, null), NOTHING,
						INPUT),
				ended("stream cancelled after seven", true,
						(calls, request) -> calls.endWithoutUsage(request, CallOutcome.CANCELLED, 7, null), NOTHING,
						INPUT_AND_SEVEN),
				ended("stream cancelled, which told its input at the beginning", true,
						(calls, request) -> calls.end(request, CallOutcome.CANCELLED, 24, 1, 7, null), NOTHING,
						INPUT_AND_SEVEN),
				ended("stream cancelled that told all of its usage", true,
						(calls, request) -> calls.end(request, CallOutcome.CANCELLED, 30, 40, 7, null),
						new Amounts(430_000, 70, 1), NOTHING),
				ended("stream failed after seven, with a 400", true,
						(calls, request) -> calls.endWithoutUsage(request, CallOutcome.ERROR, 7,
								new NonTransientAiException("HTTP 400 - no")),
						NOTHING, INPUT_AND_SEVEN),
				failed("timeout", new RuntimeException(new SocketTimeoutException()), INPUT_AND_LIKELY_OUTPUT),
				failed("connection broken", new RuntimeException(new IOException("reset")), INPUT_AND_LIKELY_OUTPUT),
				failed("no cause told", null, INPUT_AND_LIKELY_OUTPUT),
				failed("500", new HttpServerErrorException(HttpStatus.INTERNAL_SERVER_ERROR), INPUT_AND_LIKELY_OUTPUT),
				failed("503 of Spring AI", new TransientAiException("HTTP 503 - busy"), INPUT_AND_LIKELY_OUTPUT),
				failed("408", new HttpClientErrorException(HttpStatus.REQUEST_TIMEOUT), INPUT_AND_LIKELY_OUTPUT),
				failed("499 of Google", new ClientException(499, "CANCELLED", "cancelled"), INPUT_AND_LIKELY_OUTPUT),
				failed("500 of Google", new ServerException(500, "INTERNAL", "internal"), INPUT_AND_LIKELY_OUTPUT),
				failed("connection refused", new RuntimeException(new ConnectException()), NOTHING),
				failed("unknown host", new RuntimeException(new UnknownHostException()), NOTHING),
				failed("400 of Spring AI", new NonTransientAiException("HTTP 400 - {\"error\"}"), NOTHING),
				failed("429 of Spring AI", new NonTransientAiException("429 - {\"error\"}"), NOTHING),
				failed("429 of a wrapped RestClient",
						new IllegalStateException(new HttpClientErrorException(HttpStatus.TOO_MANY_REQUESTS)), NOTHING),
				failed("404 of WebClient",
						WebClientResponseException.create(HttpStatus.NOT_FOUND, "", null, new byte[0], null, null),
						NOTHING),
				failed("429 of OpenAI",
						com.openai.errors.UnexpectedStatusCodeException.builder()
							.statusCode(429)
							.headers(com.openai.core.http.Headers.builder().build())
							.build(),
						NOTHING),
				failed("529 of Anthropic",
						UnexpectedStatusCodeException.builder()
							.statusCode(529)
							.headers(Headers.builder().build())
							.body(JsonValue.from("overloaded"))
							.build(),
						NOTHING),
				failed("429 of Google", new ClientException(429, "RESOURCE_EXHAUSTED", "quota"), NOTHING));
	}

	private static Arguments ended(String how, boolean streaming, BiConsumer<BudgetTestCalls, CallRequest> ending,
			Amounts spent, Amounts estimated) {
		return Arguments.of(how, streaming, ending, spent, estimated);
	}

	private static Arguments failed(String how, Throwable error, Amounts estimated) {
		BiConsumer<BudgetTestCalls, CallRequest> ending = (calls, request) -> calls.endWithoutUsage(request,
				CallOutcome.ERROR, 0, error);
		return Arguments.of(how, false, ending, NOTHING, estimated);
	}

}
