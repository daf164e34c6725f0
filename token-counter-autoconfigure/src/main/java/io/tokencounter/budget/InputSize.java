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

package io.tokencounter.budget;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.content.Media;
import org.springframework.ai.content.MediaContent;
import org.springframework.ai.model.ModelOptions;
import org.springframework.ai.model.ModelRequest;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tokenizer.TokenCountEstimator;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;

/**
 * Tells how many tokens the input of a call has, by its characters. Media count as so
 * many tokens by their kind, as what they are sent as says nothing.
 */
final class InputSize {

	private static final double CHARACTERS = 4;

	private static final double DENSE_CHARACTERS = 1.5;

	private static final int EACH_MESSAGE = 4;

	private static final int MAX_LOOKED_AT = 200;

	// Byte-pair encoding is quadratic on long runs without separators
	private static final int MAX_ESTIMATED = 100_000;

	private static final int IMAGE = 1_000;

	private static final int AUDIO = 2_000;

	private static final int VIDEO = 10_000;

	private static final int DOCUMENT = 5_000;

	private final @Nullable TokenCountEstimator estimator;

	private double tokens;

	private boolean plainText = true;

	private InputSize(@Nullable TokenCountEstimator estimator) {
		this.estimator = estimator;
	}

	static InputSize of(@Nullable ModelRequest<?> request, @Nullable ModelOptions options,
			@Nullable TokenCountEstimator estimator) {
		InputSize size = new InputSize(estimator);
		if (request != null && request.getInstructions() instanceof List<?> parts) {
			for (int i = 0; i < parts.size(); i++) {
				size.addPart(parts.get(i));
			}
		}
		if (options instanceof ToolCallingChatOptions toolOptions) {
			size.addTools(toolOptions.getToolCallbacks());
		}
		return size;
	}

	double tokens() {
		return this.tokens;
	}

	boolean plainText() {
		return this.plainText;
	}

	private void addPart(@Nullable Object part) {
		this.tokens += EACH_MESSAGE;
		if (part instanceof Message message) {
			addText(message.getText());
			addRest(message);
		}
		else if (part instanceof String text) {
			addText(text);
		}
	}

	private void addRest(Message message) {
		if (message instanceof AssistantMessage assistant) {
			assistant.getToolCalls().forEach((call) -> addText(call.arguments()));
		}
		if (message instanceof ToolResponseMessage toolResponses) {
			toolResponses.getResponses().forEach((response) -> addText(response.responseData()));
		}
		if (message instanceof MediaContent mediaContent) {
			List<Media> media = mediaContent.getMedia();
			for (int i = 0; i < media.size(); i++) {
				this.plainText = false;
				this.tokens += tokensOf(media.get(i));
			}
		}
	}

	private static int tokensOf(Media media) {
		return switch (media.getMimeType().getType()) {
			case "image" -> IMAGE;
			case "audio" -> AUDIO;
			case "video" -> VIDEO;
			default -> DOCUMENT;
		};
	}

	private void addTools(@Nullable List<ToolCallback> tools) {
		if (tools != null) {
			for (ToolCallback tool : tools) {
				ToolDefinition definition = tool.getToolDefinition();
				this.tokens += EACH_MESSAGE;
				addText(definition.name());
				addText(definition.description());
				addText(definition.inputSchema());
			}
		}
	}

	private void addText(@Nullable String text) {
		if (text == null || text.isEmpty()) {
			return;
		}
		if (this.estimator != null) {
			String beginning = text.substring(0, Math.min(text.length(), MAX_ESTIMATED));
			this.tokens += (double) this.estimator.estimate(beginning) * text.length() / beginning.length();
		}
		else {
			this.tokens += text.length() * tokensEach(text);
		}
	}

	/**
	 * Looks at some of the characters of a long text.
	 */
	private static double tokensEach(String text) {
		int step = 1 + text.length() / MAX_LOOKED_AT;
		int looked = 0;
		int dense = 0;
		for (int i = 0; i < text.length(); i += step) {
			looked++;
			if (isDense(text.charAt(i))) {
				dense++;
			}
		}
		double share = (double) dense / looked;
		return share / DENSE_CHARACTERS + (1 - share) / CHARACTERS;
	}

	/**
	 * Korean, Japanese and Chinese have a token or so for each character.
	 */
	private static boolean isDense(char character) {
		return character >= '\u2E80' && (character <= '\uD7FF' || character >= '\uF900' && character <= '\uFAFF'
				|| character >= '\uFF00' && character <= '\uFFEF');
	}

}
