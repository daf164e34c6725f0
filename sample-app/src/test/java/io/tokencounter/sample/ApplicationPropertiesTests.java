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

package io.tokencounter.sample;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code application.properties} to the metadata of token-counter's properties.
 */
class ApplicationPropertiesTests {

	private final JsonMapper jsonMapper = new JsonMapper();

	@Test
	void showsEveryPropertyAndItsDefault() throws IOException {
		Map<String, String> expected = new TreeMap<>();
		for (JsonNode property : properties()) {
			expected.put(property.path("name").stringValue(), property.path("defaultValue").asString(""));
		}
		assertThat(expected).containsEntry("token-counter.enabled", "true");
		// Empty by default, and its entries are shown
		expected.remove("token-counter.pricing.models");
		expected.remove("token-counter.budgets");
		// What the sample needs
		Map<String, String> needed = shown("");
		needed.keySet().removeIf((key) -> key.startsWith("token-counter.budgets."));
		assertThat(needed).containsOnly(Map.entry("token-counter.metrics.tags", "tenant"),
				Map.entry("token-counter.ledger.enabled", "true"),
				Map.entry("token-counter.ledger.spool.directory", "./target/ledger/spool"),
				Map.entry("token-counter.ledger.jdbc.initialize-schema", "always"));
		expected.keySet().removeAll(needed.keySet());
		Map<String, String> defaults = shown("#");
		List<String> prices = defaults.keySet().stream().filter((key) -> key.contains("[")).toList();
		assertThat(prices).hasSize(4);
		defaults.keySet().removeAll(prices);
		assertThat(defaults).isEqualTo(expected);
	}

	private static Map<String, String> shown(String prefix) throws IOException {
		Map<String, String> properties = new TreeMap<>();
		Pattern.compile("^" + prefix + "(token-counter\\.[^=]+)=(.*)$", Pattern.MULTILINE)
			.matcher(new ClassPathResource("application.properties").getContentAsString(StandardCharsets.UTF_8))
			.results()
			.forEach((line) -> properties.put(line.group(1), line.group(2)));
		return properties;
	}

	private List<JsonNode> properties() throws IOException {
		List<JsonNode> properties = new ArrayList<>();
		for (URL url : Collections
			.list(getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream metadata = url.openStream()) {
				this.jsonMapper.readTree(metadata)
					.path("properties")
					.valueStream()
					.filter((property) -> property.path("name").stringValue().startsWith("token-counter."))
					.forEach(properties::add);
			}
		}
		return properties;
	}

}
