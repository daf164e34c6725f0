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
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * OpenAI's chat completions, synchronous and as server-sent events.
 */
final class OpenAiChatHandler extends ChatHandler {

	private static final int TOKENS_PER_MESSAGE = 3;

	private final AtomicLong completions = new AtomicLong();

	private final ProviderSettings settings;

	OpenAiChatHandler(ProviderSettings settings) {
		super(TOKENS_PER_MESSAGE, settings);
		this.settings = settings;
	}

	@Override
	boolean isStream(ChatRequest request) {
		// An invalid option is to be found before the stream has begun
		isUsageIncluded(request);
		return request.flag("/stream", false);
	}

	private static boolean isUsageIncluded(ChatRequest request) {
		return request.flag("/stream_options/include_usage", false);
	}

	@Override
	Map<String, ?> response(ChatRequest request, Answer answer) {
		Map<String, Object> response = header("chat.completion", request);
		response.put("choices", List.of(choice("message", message("assistant", answer.text()), "stop")));
		response.put("usage", usage(answer));
		return response;
	}

	@Override
	String streamContentType() {
		return "text/event-stream";
	}

	@Override
	void stream(ChatRequest request, Answer answer, OutputStream body) throws IOException {
		Map<String, Object> chunk = header("chat.completion.chunk", request);
		writeChunk(body, chunk, List.of(choice("delta", message("assistant", ""), null)));
		for (String token : answer.tokens()) {
			generate(1);
			writeChunk(body, chunk, List.of(choice("delta", message(null, token), null)));
		}
		writeChunk(body, chunk, List.of(choice("delta", Map.of(), "stop")));
		if (isUsageIncluded(request)) {
			chunk.put("usage", usage(answer));
			writeChunk(body, chunk, List.of());
		}
		body.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
	}

	private void writeChunk(OutputStream body, Map<String, Object> chunk, List<?> choices) throws IOException {
		chunk.put("choices", choices);
		write(body, "data: ", chunk, "\n\n");
	}

	private Map<String, Object> header(String object, ChatRequest request) {
		Map<String, Object> header = new LinkedHashMap<>();
		header.put("id", "chatcmpl-" + this.completions.incrementAndGet());
		header.put("object", object);
		header.put("created", Instant.now().getEpochSecond());
		header.put("model", this.settings.answeringModel(request.model()));
		return header;
	}

	private static Map<String, Object> choice(String contentName, Map<String, ?> content,
			@Nullable String finishReason) {
		Map<String, Object> choice = new LinkedHashMap<>();
		choice.put("index", 0);
		choice.put(contentName, content);
		choice.put("logprobs", null);
		choice.put("finish_reason", finishReason);
		return choice;
	}

	private static Map<String, Object> message(@Nullable String role, String content) {
		Map<String, Object> message = new LinkedHashMap<>();
		if (role != null) {
			message.put("role", role);
			message.put("refusal", null);
		}
		message.put("content", content);
		return message;
	}

	private static Map<String, Object> usage(Answer answer) {
		return Map.of("prompt_tokens", answer.promptTokens(), "completion_tokens", answer.completionTokens(),
				"total_tokens", answer.promptTokens() + answer.completionTokens());
	}

	@Override
	Map<String, ?> error(String message) {
		return Map.of("error", Map.of("message", message, "type", "invalid_request_error"));
	}

}
