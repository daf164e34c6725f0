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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers by simple rules. Where Spring AI's structured output asks for JSON, the fields
 * of its schema are looked up in the text; everything else is answered with a sentence
 * about it. A token is a word or a sign, with the space before it.
 */
final class ScriptedModel {

	/**
	 * Has a request for JSON answered in prose.
	 */
	static final String PROSE_MARKER = "not-json";

	private static final String FORMAT_INSTRUCTIONS = "Your response should be in JSON format.";

	private static final Pattern SCHEMA = Pattern.compile("```(\\{.*})```", Pattern.DOTALL);

	private static final Pattern EMAIL = Pattern.compile("[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+");

	private static final Pattern TOKEN = Pattern.compile("\\s*(?:[\\p{L}\\p{N}]+|\\S)");

	private final JsonMapper jsonMapper;

	ScriptedModel(JsonMapper jsonMapper) {
		this.jsonMapper = jsonMapper;
	}

	/**
	 * Answer a message.
	 * @param message the text of the message
	 * @return the answer
	 * @throws IllegalArgumentException if the message asks for JSON of a schema that
	 * cannot be read
	 */
	String answer(String message) {
		int instructions = message.lastIndexOf(FORMAT_INSTRUCTIONS);
		if (instructions < 0 || message.contains(PROSE_MARKER)) {
			return "I have read your " + tokens(message).size() + " tokens: " + message.strip();
		}
		Matcher schema = SCHEMA.matcher(message.substring(instructions));
		if (!schema.find()) {
			return "{}";
		}
		try {
			JsonNode properties = this.jsonMapper.readTree(schema.group(1)).path("properties");
			return extract(message.substring(0, instructions).strip(), properties).toString();
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("The JSON schema of a message cannot be read", ex);
		}
	}

	private ObjectNode extract(String text, JsonNode properties) {
		Map<String, String> labelled = labelledLines(text);
		String headline = text.lines().findFirst().map(String::strip).orElse("");
		ObjectNode fields = this.jsonMapper.createObjectNode();
		for (Map.Entry<String, JsonNode> property : properties.properties()) {
			String name = property.getKey();
			String value = labelled.get(name);
			if (property.getValue().path("type").toString().contains("array")) {
				fields.putPOJO(name, items(value));
			}
			else if (value != null) {
				fields.put(name, value);
			}
			else if (name.equals("email")) {
				Matcher email = EMAIL.matcher(text);
				fields.put(name, email.find() ? email.group() : null);
			}
			else {
				boolean first = name.equals("name") || (name.equals("title") && !properties.has("name"));
				fields.put(name, first ? headline : null);
			}
		}
		return fields;
	}

	private static Map<String, String> labelledLines(String text) {
		Map<String, String> lines = new TreeMap<>();
		text.lines().forEach((line) -> {
			int colon = line.indexOf(':');
			if (colon > 0) {
				lines.putIfAbsent(line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
						line.substring(colon + 1).strip());
			}
		});
		return lines;
	}

	private static List<String> items(@Nullable String value) {
		return (value != null)
				? Arrays.stream(value.split(",")).map(String::strip).filter((item) -> !item.isEmpty()).toList()
				: List.of();
	}

	/**
	 * Split a text into tokens.
	 * @param text the text
	 * @return the tokens
	 */
	static List<String> tokens(String text) {
		List<String> tokens = new ArrayList<>();
		Matcher matcher = TOKEN.matcher(text);
		while (matcher.find()) {
			tokens.add(matcher.group());
		}
		return tokens;
	}

}
