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

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Ollama's chat. It knows neither cache nor reasoning tokens, and tells its counts on the
 * last line of a stream.
 */
final class OllamaProtocol extends ChatProtocol {

	@Override
	String provider() {
		return "ollama";
	}

	@Override
	String streamType() {
		return "application/x-ndjson";
	}

	@Override
	boolean isStreaming(JsonNode request) {
		return request.path("stream").asBoolean(true);
	}

	@Override
	String responseModel(String requestModel) {
		return requestModel;
	}

	@Override
	Bill tellable(Bill bill) {
		return new Bill(bill.provider(), bill.requestModel(), bill.model(), bill.streaming(), bill.ending(),
				bill.reported(), bill.input(), bill.output(), 0, 0, 0);
	}

	@Override
	@Nullable String firstTool(JsonNode request) {
		return request.path("tools").path(0).path("function").path("name").asString(null);
	}

	@Override
	String sync(Answer answer) {
		return last(answer, message(answer, answer.empty() ? "" : answer.text(), answer.tool()));
	}

	@Override
	List<String> opening(Answer answer) {
		if (answer.tool() != null) {
			return List.of(line(answer, message(answer, "", answer.tool())));
		}
		return answer.empty() ? List.of() : List.of(more(answer, answer.text()));
	}

	@Override
	String more(Answer answer, String text) {
		return line(answer, message(answer, text, null));
	}

	@Override
	List<String> closing(Answer answer) {
		return List.of(last(answer, message(answer, "", null)) + "\n");
	}

	@Override
	String error(int status) {
		return json("error", "made up");
	}

	@Override
	String errorEvent() {
		return error(500) + "\n";
	}

	private static Map<String, @Nullable Object> message(Answer answer, String text, @Nullable String tool) {
		Map<String, @Nullable Object> message = object("role", "assistant", "content", text);
		if (tool != null) {
			message.put("tool_calls", List.of(object("id", "call_" + answer.id(), "function",
					object("name", tool, "arguments", JSON.readTree(Answer.TOOL_ARGUMENTS)))));
		}
		return message;
	}

	private static String line(Answer answer, Map<String, @Nullable Object> message) {
		return json("model", answer.model(), "created_at", "2026-10-01T00:00:00.123456Z", "message", message, "done",
				false) + "\n";
	}

	private static String last(Answer answer, Map<String, @Nullable Object> message) {
		Map<String, @Nullable Object> body = object("model", answer.model(), "created_at",
				"2026-10-01T00:00:00.123456Z", "message", message, "done", true, "done_reason", "stop",
				"total_duration", 4883583458L, "load_duration", 1334875L);
		if (answer.reported()) {
			body.put("prompt_eval_count", answer.bill().input());
			body.put("prompt_eval_duration", 342546000L);
			body.put("eval_count", answer.bill().output());
			body.put("eval_duration", 4535599000L);
		}
		return JSON.writeValueAsString(body);
	}

}
