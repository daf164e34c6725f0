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

package io.tokencounter.sample.provider;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ollama's chat, synchronous and as lines of JSON.
 */
final class OllamaChatHandler extends ChatHandler {

	private static final int TOKENS_PER_MESSAGE = 5;

	OllamaChatHandler(ProviderSettings settings) {
		super(TOKENS_PER_MESSAGE, settings);
	}

	@Override
	boolean isStream(ChatRequest request) {
		return request.flag("/stream", true);
	}

	@Override
	Map<String, ?> response(ChatRequest request, Answer answer) {
		return last(request, answer, answer.text());
	}

	@Override
	String streamContentType() {
		return "application/x-ndjson";
	}

	@Override
	void stream(ChatRequest request, Answer answer, OutputStream body) throws IOException {
		for (String token : answer.tokens()) {
			generate(1);
			write(body, "", chunk(request, token, false), "\n");
		}
		write(body, "", last(request, answer, ""), "\n");
	}

	private static Map<String, Object> chunk(ChatRequest request, String content, boolean done) {
		Map<String, Object> chunk = new LinkedHashMap<>();
		chunk.put("model", request.model());
		chunk.put("created_at", Instant.now().toString());
		chunk.put("message", Map.of("role", "assistant", "content", content));
		chunk.put("done", done);
		return chunk;
	}

	private Map<String, Object> last(ChatRequest request, Answer answer, String content) {
		long nanos = durationOf(answer.completionTokens()).toNanos();
		Map<String, Object> last = chunk(request, content, true);
		last.put("done_reason", "stop");
		last.put("total_duration", nanos);
		last.put("load_duration", 0);
		last.put("prompt_eval_count", answer.promptTokens());
		last.put("prompt_eval_duration", 0);
		last.put("eval_count", answer.completionTokens());
		last.put("eval_duration", nanos);
		return last;
	}

	@Override
	Map<String, ?> error(String message) {
		return Map.of("error", message);
	}

}
