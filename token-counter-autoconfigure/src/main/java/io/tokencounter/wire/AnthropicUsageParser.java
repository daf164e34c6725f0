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
import java.util.Map;

import com.anthropic.core.ObjectMappers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;

/**
 * Reads Anthropic's usage with the types of its client. A stream begins with a usage that
 * has everything but the output, and ends with one whose counts are those of the whole
 * stream, but which compatible servers do not fill.
 */
final class AnthropicUsageParser {

	private AnthropicUsageParser() {
	}

	static Usage parse(byte @Nullable [] start, byte @Nullable [] last) throws IOException {
		JsonMapper mapper = ObjectMappers.jsonMapper();
		ObjectNode merged = mapper.createObjectNode();
		add(merged, start, mapper);
		add(merged, last, mapper);
		com.anthropic.models.messages.Usage usage = mapper.treeToValue(merged,
				com.anthropic.models.messages.Usage.class);
		int input = Counts.toInt(usage._inputTokens().asKnown());
		int output = Counts.toInt(usage._outputTokens().asKnown());
		return new DefaultUsage(input, output, input + output, usage,
				usage._cacheReadInputTokens().asKnown().orElse(null),
				usage._cacheCreationInputTokens().asKnown().orElse(null));
	}

	private static void add(ObjectNode merged, byte @Nullable [] json, JsonMapper mapper) throws IOException {
		if (json == null) {
			return;
		}
		for (Map.Entry<String, JsonNode> member : mapper.readTree(json).properties()) {
			JsonNode value = member.getValue();
			boolean says = !value.isNull() && !(value.isNumber() && value.asLong() <= 0);
			if (says || !merged.has(member.getKey())) {
				merged.set(member.getKey(), value);
			}
		}
	}

}
