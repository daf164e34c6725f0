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

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How one provider's chat API writes requests and answers.
 */
abstract class ChatProtocol {

	static final JsonMapper JSON = JsonMapper.builder().build();

	/**
	 * Return the name of the provider.
	 */
	abstract String provider();

	/**
	 * Return the content type of a stream.
	 */
	abstract String streamType();

	/**
	 * Return whether a request asks for a stream.
	 */
	abstract boolean isStreaming(JsonNode request);

	/**
	 * Return the name that the model answers with.
	 */
	abstract String responseModel(String requestModel);

	/**
	 * Return the bill as this provider can tell it.
	 */
	abstract Bill tellable(Bill bill);

	/**
	 * Return the name of the first tool of a request, {@code null} if it has none.
	 */
	abstract @Nullable String firstTool(JsonNode request);

	/**
	 * Return whether a message holds the result of a tool.
	 */
	boolean isToolResult(JsonNode message) {
		return "tool".equals(message.path("role").asString());
	}

	/**
	 * Return a synchronous answer.
	 */
	abstract String sync(Answer answer);

	/**
	 * Return the first frames of a stream, up to its first text.
	 */
	abstract List<String> opening(Answer answer);

	/**
	 * Return a frame with more text.
	 */
	abstract String more(Answer answer, String text);

	/**
	 * Return the last frames of a stream, the usage among them.
	 */
	abstract List<String> closing(Answer answer);

	/**
	 * Return the body of an error.
	 */
	abstract String error(int status);

	/**
	 * Return the frame of an error in the middle of a stream.
	 */
	abstract String errorEvent();

	static Map<String, @Nullable Object> object(@Nullable Object... keysAndValues) {
		Map<String, @Nullable Object> object = new LinkedHashMap<>();
		for (int i = 0; i < keysAndValues.length; i += 2) {
			object.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
		}
		return object;
	}

	static String json(@Nullable Object... keysAndValues) {
		return JSON.writeValueAsString(object(keysAndValues));
	}

	/**
	 * What to answer.
	 *
	 * @param id the id of the answer
	 * @param text the text, of which a stream sends the first word first
	 * @param tool the name of the tool to ask for, {@code null} to answer with the text
	 * @param empty whether to leave out choices or content
	 * @param bill the tokens
	 */
	record Answer(String id, String text, @Nullable String tool, boolean empty, Bill bill) {

		static final String TOOL_ARGUMENTS = "{\"port\":\"Nowhere\"}";

		String model() {
			return this.bill.model();
		}

		boolean reported() {
			return this.bill.reported();
		}

	}

}
