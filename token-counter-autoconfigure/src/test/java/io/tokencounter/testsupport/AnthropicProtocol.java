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
 * Anthropic's messages. Its {@code input_tokens} leave out what was read from and written
 * to the cache. A stream tells its input at the start and its output at the end.
 */
final class AnthropicProtocol extends ChatProtocol {

	@Override
	String provider() {
		return "anthropic";
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
		return requestModel;
	}

	@Override
	Bill tellable(Bill bill) {
		// Anthropic's client fails on an answer without usage, so there is always one
		return new Bill(bill.provider(), bill.requestModel(), bill.model(), bill.streaming(), bill.ending(), true,
				bill.input(), bill.output(), bill.cacheRead(), bill.cacheWrite(), bill.reasoning());
	}

	@Override
	@Nullable String firstTool(JsonNode request) {
		return request.path("tools").path(0).path("name").asString(null);
	}

	@Override
	boolean isToolResult(JsonNode message) {
		return message.path("content").path(0).path("type").asString("").equals("tool_result");
	}

	@Override
	String sync(Answer answer) {
		Map<String, @Nullable Object> block = (answer.tool() != null)
				? object("type", "tool_use", "id", "toolu_" + answer.id(), "name", answer.tool(), "input",
						JSON.readTree(Answer.TOOL_ARGUMENTS))
				: object("type", "text", "text", answer.text(), "citations", null);
		return JSON
			.writeValueAsString(message(answer, answer.empty() ? List.of() : List.of(block), stopReason(answer)));
	}

	@Override
	List<String> opening(Answer answer) {
		List<String> frames = new ArrayList<>();
		frames.add(event("message_start", "message", message(answer, List.of(), null)));
		if (answer.empty()) {
			return frames;
		}
		if (answer.tool() != null) {
			frames.add(event("content_block_start", "index", 0, "content_block", object("type", "tool_use", "id",
					"toolu_" + answer.id(), "name", answer.tool(), "input", Map.of())));
			frames.add(event("content_block_delta", "index", 0, "delta",
					object("type", "input_json_delta", "partial_json", Answer.TOOL_ARGUMENTS)));
			return frames;
		}
		frames.add(event("content_block_start", "index", 0, "content_block",
				object("type", "text", "text", "", "citations", null)));
		frames.add(more(answer, answer.text()));
		return frames;
	}

	@Override
	String more(Answer answer, String text) {
		return event("content_block_delta", "index", 0, "delta", object("type", "text_delta", "text", text));
	}

	@Override
	List<String> closing(Answer answer) {
		List<String> frames = new ArrayList<>();
		if (!answer.empty()) {
			frames.add(event("content_block_stop", "index", 0));
		}
		Map<String, @Nullable Object> usage = usage(answer.bill());
		usage.remove("cache_creation");
		usage.remove("service_tier");
		frames.add(event("message_delta", "delta",
				object("stop_reason", stopReason(answer), "stop_sequence", null, "container", null), "usage", usage));
		frames.add(event("message_stop"));
		return frames;
	}

	@Override
	String error(int status) {
		return json("type", "error", "error",
				object("type", (status == 429) ? "rate_limit_error" : "api_error", "message", "Made up."), "request_id",
				"req_madeup");
	}

	@Override
	String errorEvent() {
		return "event: error\ndata: " + error(500) + "\n\n";
	}

	private static String stopReason(Answer answer) {
		return (answer.tool() != null) ? "tool_use" : "end_turn";
	}

	private static Map<String, @Nullable Object> message(Answer answer, List<?> content, @Nullable String stopReason) {
		Map<String, @Nullable Object> usage = usage(answer.bill());
		if (stopReason == null) {
			// The output at the start of a stream is provisional
			usage.put("output_tokens", 1);
			usage.remove("output_tokens_details");
		}
		return object("id", answer.id(), "type", "message", "role", "assistant", "model", answer.model(), "content",
				content, "stop_reason", stopReason, "stop_sequence", null, "container", null, "usage", usage);
	}

	private static Map<String, @Nullable Object> usage(Bill bill) {
		return object("input_tokens", bill.input() - bill.cacheRead() - bill.cacheWrite(),
				"cache_creation_input_tokens", bill.cacheWrite(), "cache_read_input_tokens", bill.cacheRead(),
				"cache_creation",
				object("ephemeral_5m_input_tokens", bill.cacheWrite(), "ephemeral_1h_input_tokens", 0), "output_tokens",
				bill.output(), "output_tokens_details", object("thinking_tokens", bill.reasoning()), "server_tool_use",
				null, "service_tier", "standard");
	}

	private static String event(String type, @Nullable Object... keysAndValues) {
		Map<String, @Nullable Object> data = object("type", type);
		data.putAll(object(keysAndValues));
		return "event: " + type + "\ndata: " + JSON.writeValueAsString(data) + "\n\n";
	}

}
