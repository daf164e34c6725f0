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

package io.tokencounter.wire;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

import io.tokencounter.call.UnseenCalls;
import io.tokencounter.support.FaultLog;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Looks at the answers of OpenAI and Anthropic, and of what speaks their protocols, as
 * their clients read them. It reads nothing that the client does not read, and changes
 * nothing.
 * <p>
 * The clients of Spring AI's auto-configured models have it. One that is built by hand
 * gets it as an interceptor, before all others:
 * {@code OpenAiChatModel.builder().httpClientBuilderCustomizer((client) -> client.interceptor(usageInterceptor))}.
 *
 * @since 0.1.0
 */
public final class UsageInterceptor implements Interceptor {

	private final WireAnswers answers;

	private final SingletonSupplier<Optional<UnseenCalls>> unseenCalls;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(UsageInterceptor.class));

	/**
	 * Create an interceptor.
	 * @param answers where to keep what is heard
	 * @param unseenCalls counts calls that nothing else sees, asked for with the first
	 * answer; may give {@code null}
	 */
	public UsageInterceptor(WireAnswers answers, Supplier<@Nullable UnseenCalls> unseenCalls) {
		this.answers = answers;
		this.unseenCalls = SingletonSupplier.of(() -> Optional.ofNullable(unseenCalls.get()));
	}

	@Override
	public Response intercept(Chain chain) throws IOException {
		Instant requestedAt = Instant.now();
		long start = System.nanoTime();
		Response response = chain.proceed(chain.request());
		try {
			return tap(response, requestedAt, start);
		}
		catch (Throwable ex) {
			this.faults.log("An answer could not be looked at", ex);
			return response;
		}
	}

	private Response tap(Response response, Instant requestedAt, long start) throws IOException {
		WireProtocol protocol = WireProtocol.of(response.request().url());
		ResponseBody body = response.body();
		if (protocol == null || body == null || !response.isSuccessful()) {
			return response;
		}
		MediaType type = body.contentType();
		boolean streaming = type != null && "event-stream".equals(type.subtype());
		WireAnswer answer = new WireAnswer(protocol, streaming, requestedAt, this.answers::identified);
		UsageScanner scanner = new UsageScanner(answer, streaming);
		UnseenCalls calls = streaming ? null : this.unseenCalls.obtain().orElse(null);
		UnseenCall unseen = (calls != null) ? UnseenCall.of(calls, protocol, response.request(), requestedAt, start)
				: null;
		return response.newBuilder()
			.body(new TappedBody(body, answer, scanner, unseen, this.answers, this.faults))
			.build();
	}

}
