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

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.anthropic.errors.AnthropicServiceException;
import com.google.genai.errors.ApiException;
import com.openai.errors.OpenAIServiceException;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/**
 * Tells whether a provider refused a call before it did any work, or was not reached at
 * all, so that the call is not billed.
 */
final class ProviderRefusals {

	private static final int MAX_CAUSES = 20;

	// Spring AI's own error handler keeps the status in the message alone
	private static final Pattern STATUS = Pattern.compile("^(?:HTTP )?(\\d{3})(?: \\w+)? - ");

	// Of Anthropic
	private static final int OVERLOADED = 529;

	private static final int REQUEST_TIMEOUT = 408;

	// Of nginx: the client went away
	private static final int CLIENT_CLOSED = 499;

	private static final List<ToIntFunction<Throwable>> readers = readers();

	private ProviderRefusals() {
	}

	// Not by references to the methods, which would load what is not there
	private static List<ToIntFunction<Throwable>> readers() {
		List<ToIntFunction<Throwable>> readers = new ArrayList<>();
		addIf("com.openai.errors.OpenAIServiceException", (error) -> OpenAi.statusOf(error), readers);
		addIf("com.anthropic.errors.AnthropicServiceException", (error) -> Anthropic.statusOf(error), readers);
		addIf("com.google.genai.errors.ApiException", (error) -> Google.statusOf(error), readers);
		addIf("org.springframework.web.client.RestClientResponseException", (error) -> SpringWeb.statusOf(error),
				readers);
		addIf("org.springframework.web.reactive.function.client.WebClientResponseException",
				(error) -> SpringWebFlux.statusOf(error), readers);
		addIf("org.springframework.ai.retry.NonTransientAiException", (error) -> SpringAi.statusOf(error), readers);
		return readers;
	}

	private static void addIf(String className, ToIntFunction<Throwable> reader,
			List<ToIntFunction<Throwable>> readers) {
		if (ClassUtils.isPresent(className, ProviderRefusals.class.getClassLoader())) {
			readers.add(reader);
		}
	}

	static boolean isRefused(@Nullable Throwable error) {
		Throwable cause = error;
		for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
			if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
				return true;
			}
			int status = statusOf(cause);
			if (status > 0) {
				return status >= 400 && status < 500 && status != REQUEST_TIMEOUT && status != CLIENT_CLOSED
						|| status == OVERLOADED;
			}
			cause = cause.getCause();
		}
		return false;
	}

	private static int statusOf(Throwable error) {
		for (ToIntFunction<Throwable> reader : readers) {
			int status = reader.applyAsInt(error);
			if (status > 0) {
				return status;
			}
		}
		return 0;
	}

	private static final class OpenAi {

		static int statusOf(Throwable error) {
			return (error instanceof OpenAIServiceException ex) ? ex.statusCode() : 0;
		}

	}

	private static final class Anthropic {

		static int statusOf(Throwable error) {
			return (error instanceof AnthropicServiceException ex) ? ex.statusCode() : 0;
		}

	}

	private static final class Google {

		static int statusOf(Throwable error) {
			return (error instanceof ApiException ex) ? ex.code() : 0;
		}

	}

	private static final class SpringWeb {

		static int statusOf(Throwable error) {
			return (error instanceof RestClientResponseException ex) ? ex.getStatusCode().value() : 0;
		}

	}

	private static final class SpringWebFlux {

		static int statusOf(Throwable error) {
			return (error instanceof WebClientResponseException ex) ? ex.getStatusCode().value() : 0;
		}

	}

	private static final class SpringAi {

		static int statusOf(Throwable error) {
			boolean known = error instanceof NonTransientAiException || error instanceof TransientAiException;
			if (!known || error.getMessage() == null) {
				return 0;
			}
			Matcher status = STATUS.matcher(error.getMessage());
			return status.find() ? Integer.parseInt(status.group(1)) : 0;
		}

	}

}
