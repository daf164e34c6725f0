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

package io.tokencounter.ledger.jdbc;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Caller tags as the JSON that is in the tables. Equal tags are equal texts.
 */
final class CallTags {

	private static final JsonMapper JSON = JsonMapper.builder().build();

	private static final TypeReference<Map<String, String>> TYPE = new TypeReference<>() {
	};

	private CallTags() {
	}

	static String write(Map<String, String> tags) {
		return JSON.writeValueAsString(new TreeMap<>(tags));
	}

	static String write(Map<String, String> tags, Collection<String> keys) {
		Map<String, String> some = new TreeMap<>(tags);
		some.keySet().retainAll(keys);
		return JSON.writeValueAsString(some);
	}

	static Map<String, String> read(String json) {
		return JSON.readValue(json, TYPE);
	}

	/**
	 * Return what matches the texts with a tag. It cannot match inside of a value, where
	 * a quote follows a backslash.
	 */
	static String likeTag(String key, String value) {
		return like(JSON.writeValueAsString(key) + ":" + JSON.writeValueAsString(value));
	}

	static String likeKey(String key) {
		return like(JSON.writeValueAsString(key) + ":");
	}

	private static String like(String text) {
		return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
	}

}
