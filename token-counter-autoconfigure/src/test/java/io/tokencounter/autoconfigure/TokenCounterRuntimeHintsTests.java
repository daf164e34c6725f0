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

package io.tokencounter.autoconfigure;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.tokencounter.UsageReport;
import io.tokencounter.actuate.TokensEndpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenCounterRuntimeHints}.
 */
class TokenCounterRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@Test
	void hintsAtEveryFileThatIsRead() throws Exception {
		SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter(TokenCounterRuntimeHints.class::isInstance)
			.forEach((registrar) -> registrar.registerHints(this.hints, getClass().getClassLoader()));
		List<String> files = files();
		assertThat(files).contains("io/tokencounter/actuate/tokens.html", "io/tokencounter/budget/redis/common.lua",
				"io/tokencounter/ledger/jdbc/schema-h2.sql", "io/tokencounter/pricing/prices.json");
		assertThat(files)
			.allSatisfy((file) -> assertThat(RuntimeHintsPredicates.resource().forResource(file)).accepts(this.hints));
	}

	/**
	 * Return the names of all files in our packages that are not classes.
	 */
	private static List<String> files() throws Exception {
		URI classes = TokenCounterRuntimeHints.class.getProtectionDomain().getCodeSource().getLocation().toURI();
		Path root = Path.of(classes);
		try (Stream<Path> files = Files.walk(root.resolve("io/tokencounter"))) {
			return files.filter(Files::isRegularFile)
				.map((file) -> root.relativize(file).toString().replace('\\', '/'))
				.filter((file) -> !file.endsWith(".class"))
				.toList();
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { UsageReport.class, UsageReport.Details.class, UsageReport.Sums.class,
			UsageReport.ModelEntry.class, UsageReport.FeatureEntry.class, UsageReport.TagEntry.class,
			UsageReport.Call.class })
	void operationsHintAtWhatTheyAnswer(Class<?> type) {
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(this.hints, TokensEndpoint.class);
		assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(this.hints);
	}

	@Test
	void operationsCanBeInvoked() throws Exception {
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(this.hints, TokensEndpoint.class);
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(TokensEndpoint.class.getMethod("summary", Integer.class))).accepts(this.hints);
	}

}
