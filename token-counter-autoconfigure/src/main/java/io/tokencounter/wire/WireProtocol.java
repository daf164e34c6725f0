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
import java.io.UncheckedIOException;

import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.model.ModelOptions;

/**
 * The protocols whose answers are heard. Those classes that need a client are apart, as
 * an application may have only one of them.
 */
enum WireProtocol {

	/**
	 * OpenAI's chat completions, which many others speak too.
	 */
	OPENAI("openai", "/chat/completions") {

		@Override
		Usage parse(byte @Nullable [] start, byte @Nullable [] last) throws IOException {
			return OpenAiUsageParser.parse((last != null) ? last : start);
		}

		@Override
		ModelOptions options(HttpUrl url) {
			return OpenAiUsageParser.options(url.toString());
		}

	},

	/**
	 * Anthropic's messages.
	 */
	ANTHROPIC("anthropic", "/messages") {

		@Override
		Usage parse(byte @Nullable [] start, byte @Nullable [] last) throws IOException {
			return AnthropicUsageParser.parse(start, last);
		}

	};

	private final String provider;

	private final String path;

	WireProtocol(String provider, String path) {
		this.provider = provider;
		this.path = path;
	}

	/**
	 * Return the name that Spring AI gives to the provider.
	 */
	String provider() {
		return this.provider;
	}

	/**
	 * Return the protocol of a request. The clients ask for images, audio and more, too.
	 * @param url where the request goes
	 * @return the protocol, {@code null} if its answers are not heard
	 */
	static @Nullable WireProtocol of(HttpUrl url) {
		String path = url.encodedPath();
		for (WireProtocol protocol : values()) {
			if (path.endsWith(protocol.path)) {
				return protocol;
			}
		}
		return null;
	}

	/**
	 * Read a usage, of which at least one part is there.
	 * @param start the usage at the start of a stream, as JSON
	 * @param last the last usage, as JSON
	 * @return the usage, as the provider's model would tell it
	 */
	Usage read(byte @Nullable [] start, byte @Nullable [] last) {
		try {
			return parse(start, last);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return what the address of a request tells of its options: which of the services
	 * that speak OpenAI's protocol it is.
	 * @param url where the request goes
	 * @return the options, {@code null} if it tells nothing
	 */
	@Nullable ModelOptions options(HttpUrl url) {
		return null;
	}

	abstract Usage parse(byte @Nullable [] start, byte @Nullable [] last) throws IOException;

}
