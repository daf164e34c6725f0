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

import java.util.ArrayList;
import java.util.List;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What both protocols have in common in a request.
 *
 * @param model the requested model
 * @param messages the texts of all messages, the last of which is to be answered
 * @param body the whole request
 */
record ChatRequest(String model, List<String> messages, JsonNode body) {

	/**
	 * Read a request.
	 * @param json the request's body
	 * @param jsonMapper the mapper to read it with
	 * @return the request
	 * @throws IllegalArgumentException if it is not a valid request; the message tells
	 * what is wrong with it
	 */
	static ChatRequest read(byte[] json, JsonMapper jsonMapper) {
		JsonNode body = readTree(json, jsonMapper);
		String model = body.path("model").stringValue("");
		require(!model.isBlank(), "'model' must be a non-empty string");
		JsonNode messages = body.path("messages");
		require(messages.isArray() && !messages.isEmpty(), "'messages' must be a non-empty array");
		List<String> texts = new ArrayList<>();
		for (JsonNode message : messages) {
			require(message.path("role").isString(), "'role' of a message must be a string");
			require(message.path("content").isString(), "'content' of a message must be a string");
			texts.add(message.path("content").stringValue());
		}
		return new ChatRequest(model, List.copyOf(texts), body);
	}

	private static JsonNode readTree(byte[] json, JsonMapper jsonMapper) {
		try {
			JsonNode body = jsonMapper.readTree(json);
			require(body.isObject(), "The body must be a JSON object");
			return body;
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("The body must be a JSON object", ex);
		}
	}

	/**
	 * Return the value of a boolean field.
	 * @param field a JSON pointer to the field
	 * @param defaultValue the value of an absent field
	 * @return the value
	 * @throws IllegalArgumentException if the field is something else than a boolean
	 */
	boolean flag(String field, boolean defaultValue) {
		JsonNode value = this.body.at(field);
		require(value.isMissingNode() || value.isNull() || value.isBoolean(), "'" + field + "' must be a boolean");
		return value.booleanValue(defaultValue);
	}

	private static void require(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}

}
