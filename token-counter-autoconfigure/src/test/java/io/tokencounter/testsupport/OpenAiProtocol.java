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

package io.tokencounter.testsupport;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * OpenAI's chat completions. A stream tells its usage on a last chunk without choices.
 */
final class OpenAiProtocol extends ChatProtocol {

	static final String DATE = "-2026-10-01";

	@Override
	String provider() {
		return "openai";
	}

	@Override
	String streamType() {
		return "text/event-stream";
	}

	@Override
	boolean isStreaming(JsonNode request) {
		return request.path("stream").asBoolean(false);
	}

	@Override
	String responseModel(String requestModel) {
		return requestModel + DATE;
	}

	@Override
	Bill tellable(Bill bill) {
		return bill;
	}

	@Override
	@Nullable String firstTool(JsonNode request) {
		return request.path("tools").path(0).path("function").path("name").asString(null);
	}

	@Override
	String sync(Answer answer) {
		Map<String, @Nullable Object> message = object("role", "assistant", "content",
				(answer.tool() != null) ? null : answer.text(), "refusal", null, "annotations", List.of());
		if (answer.tool() != null) {
			message.put("tool_calls", List.of(toolCall(answer, answer.tool())));
		}
		Map<String, @Nullable Object> choice = object("index", 0, "message", message, "logprobs", null, "finish_reason",
				finishReason(answer));
		Map<String, @Nullable Object> body = object("id", answer.id(), "object", "chat.completion", "created",
				1790000000, "model", answer.model(), "choices", (answer.empty() ? List.of() : List.of(choice)));
		if (answer.reported()) {
			body.put("usage", usage(answer.bill()));
		}
		return JSON.writeValueAsString(body);
	}

	@Override
	List<String> opening(Answer answer) {
		List<String> frames = new ArrayList<>();
		if (answer.tool() != null) {
			Map<String, @Nullable Object> call = toolCall(answer, answer.tool());
			call.put("index", 0);
			call.put("function", object("name", answer.tool(), "arguments", ""));
			frames.add(chunk(answer, object("role", "assistant", "content", null, "tool_calls", List.of(call)), null));
			frames.add(chunk(answer,
					object("tool_calls",
							List.of(object("index", 0, "function", object("arguments", Answer.TOOL_ARGUMENTS)))),
					null));
			return frames;
		}
		frames.add(chunk(answer, object("role", "assistant", "content", "", "refusal", null), null));
		if (!answer.empty()) {
			frames.add(more(answer, answer.text()));
		}
		return frames;
	}

	@Override
	String more(Answer answer, String text) {
		return chunk(answer, object("content", text), null);
	}

	@Override
	List<String> closing(Answer answer) {
		List<String> frames = new ArrayList<>();
		frames.add(chunk(answer, object(), finishReason(answer)));
		if (answer.reported()) {
			frames.add(frame(answer, List.of(), usage(answer.bill())));
		}
		frames.add("data: [DONE]\n\n");
		return frames;
	}

	@Override
	String error(int status) {
		return json("error",
				object("message", "Made up.", "type", "requests", "param", null, "code", "status_" + status));
	}

	@Override
	String errorEvent() {
		return "data: " + error(500) + "\n\n";
	}

	private static String finishReason(Answer answer) {
		return (answer.tool() != null) ? "tool_calls" : "stop";
	}

	private static Map<String, @Nullable Object> toolCall(Answer answer, String tool) {
		return object("id", "call_" + answer.id(), "type", "function", "function",
				object("name", tool, "arguments", Answer.TOOL_ARGUMENTS));
	}

	private static String chunk(Answer answer, Map<String, @Nullable Object> delta, @Nullable String finishReason) {
		return frame(answer,
				List.of(object("index", 0, "delta", delta, "logprobs", null, "finish_reason", finishReason)), null);
	}

	private static String frame(Answer answer, List<?> choices, @Nullable Object usage) {
		return "data: " + json("id", answer.id(), "object", "chat.completion.chunk", "created", 1790000000, "model",
				answer.model(), "choices", choices, "usage", usage) + "\n\n";
	}

	private static Map<String, @Nullable Object> usage(Bill bill) {
		return object("prompt_tokens", bill.input(), "completion_tokens", bill.output(), "total_tokens",
				bill.input() + bill.output(), "prompt_tokens_details",
				object("cached_tokens", bill.cacheRead(), "cache_write_tokens", bill.cacheWrite(), "audio_tokens", 0),
				"completion_tokens_details", object("reasoning_tokens", bill.reasoning(), "audio_tokens", 0,
						"accepted_prediction_tokens", 0, "rejected_prediction_tokens", 0));
	}

}
