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

package io.tokencounter.provider;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reads usage in a class loader without the classes of one or all providers. These are
 * really missing there, unlike below a loader that only hides them from look-ups by name.
 */
class MissingProvidersTests {

	private static final List<String> NATIVE_TYPES = List.of("com.openai.models.completions.CompletionUsage",
			"com.anthropic.models.messages.MessageDeltaUsage",
			"com.google.genai.types.GenerateContentResponseUsageMetadata");

	@ParameterizedTest
	@ValueSource(strings = { "openai-java.*|spring-ai-openai.*", "anthropic-java.*|spring-ai-anthropic.*",
			"google-genai.*|spring-ai-google-genai.*",
			"(openai|anthropic)-java.*|google-genai.*|spring-ai-(openai|anthropic|google-genai|ollama).*" })
	void readsUsageWithoutTheClassesOfAProvider(String missing) throws Exception {
		try (URLClassLoader classLoader = without(missing)) {
			assertThat(NATIVE_TYPES).anyMatch((type) -> !ClassUtils.isPresent(type, classLoader));
			Object usage = classLoader.loadClass("org.springframework.ai.chat.metadata.DefaultUsage")
				.getConstructor(Integer.class, Integer.class)
				.newInstance(7, 5);
			Class<?> usageType = classLoader.loadClass("org.springframework.ai.chat.metadata.Usage");
			Class<?> readerType = classLoader.loadClass(TokenUsageReader.class.getName());
			Supplier<List<?>> none = List::of;
			Object reader = readerType.getConstructor(Supplier.class).newInstance(none);
			Object read = readerType.getMethod("read", usageType, String.class).invoke(reader, usage, "openai");
			assertThat(read).hasToString(
					"TokenUsage[input=7, output=5, cacheRead=0, cacheWrite=0, reasoning=0, " + "reported=true]");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring-ai-openai.*", "openai-java.*|spring-ai-openai.*" })
	void namesTheProviderWithoutTheOpenAiClient(String missing) throws Exception {
		try (URLClassLoader classLoader = without(missing)) {
			Class<?> options = classLoader.loadClass("org.springframework.ai.chat.prompt.ChatOptions");
			Class<?> modelOptions = classLoader.loadClass("org.springframework.ai.model.ModelOptions");
			Object builder = options.getMethod("builder").invoke(null);
			Object portable = classLoader.loadClass("org.springframework.ai.chat.prompt.ChatOptions$Builder")
				.getMethod("build")
				.invoke(builder);
			Object name = classLoader.loadClass(ProviderNames.class.getName())
				.getMethod("resolve", String.class, modelOptions, modelOptions)
				.invoke(null, "openai", portable, null);
			assertThat(name).isEqualTo("openai");
		}
	}

	private static URLClassLoader without(String missing) {
		Pattern pattern = Pattern.compile(missing);
		URL[] urls = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
			.map(File::new)
			.filter((file) -> !pattern.matcher(file.getName()).matches())
			.map(MissingProvidersTests::url)
			.toArray(URL[]::new);
		return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
	}

	private static URL url(File file) {
		try {
			return file.toURI().toURL();
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
