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

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TokenCounterProperties}.
 */
class TokenCounterPropertiesTests {

	private static final String METADATA = "META-INF/spring-configuration-metadata.json";

	@Test
	void hasTheDocumentedDefaults() {
		TokenCounterProperties properties = new TokenCounterProperties();
		assertThat(properties.isEnabled()).isTrue();
		assertThat(properties.getChatModels().getExclude()).isEmpty();
		assertThat(properties.getMetrics().isEnabled()).isTrue();
		assertThat(properties.getMetrics().getTags()).isEmpty();
		assertThat(properties.getMetrics().getMaxTagValues()).isEqualTo(100);
		assertThat(properties.getTrackTokens().isEnabled()).isTrue();
		assertThat(properties.getSummary().getMaxCalls()).isEqualTo(1000);
		assertThat(properties.getWire().isEnabled()).isTrue();
	}

	@Test
	void bindsEachProperty() {
		TokenCounterProperties properties = bind(Map.of("token-counter.enabled", "false",
				"token-counter.chat-models.exclude", "one,two", "token-counter.metrics.enabled", "false",
				"token-counter.metrics.tags", "tenant,user", "token-counter.metrics.max-tag-values", "7"));
		assertThat(properties.isEnabled()).isFalse();
		assertThat(properties.getChatModels().getExclude()).containsExactly("one", "two");
		assertThat(properties.getMetrics().isEnabled()).isFalse();
		assertThat(properties.getMetrics().getTags()).containsExactly("tenant", "user");
		assertThat(properties.getMetrics().getMaxTagValues()).isEqualTo(7);
	}

	@Test
	void doesNotBindWhatIsNoNumber() {
		assertThatExceptionOfType(BindException.class)
			.isThrownBy(() -> bind(Map.of("token-counter.metrics.max-tag-values", "many")))
			.withMessageContaining("token-counter.metrics.max-tag-values");
	}

	@Test
	void metadataDescribesEachPropertyWithItsDefault() throws IOException {
		Map<String, JsonNode> metadata = metadata();
		Map<String, Object> defaults = new LinkedHashMap<>();
		defaults.put("token-counter.enabled", true);
		defaults.put("token-counter.chat-models.exclude", List.of());
		defaults.put("token-counter.metrics.enabled", true);
		defaults.put("token-counter.metrics.tags", List.of());
		defaults.put("token-counter.metrics.max-tag-values", 100);
		defaults.put("token-counter.track-tokens.enabled", true);
		defaults.put("token-counter.summary.max-calls", 1000);
		defaults.put("token-counter.wire.enabled", true);
		defaults.put("token-counter.pricing.enabled", true);
		defaults.put("token-counter.pricing.currency", "USD");
		defaults.put("token-counter.ledger.enabled", false);
		defaults.put("token-counter.ledger.spool.sync", "interval");
		defaults.put("token-counter.ledger.jdbc.table-prefix", "token_");
		defaults.put("token-counter.ledger.jdbc.initialize-schema", "embedded");
		defaults.forEach((name, value) -> {
			assertThat(metadata).containsKey(name);
			JsonNode property = metadata.get(name);
			assertThat(property.path("description").asString()).as(name).isNotBlank();
			if (!value.equals(List.of())) {
				assertThat(property.path("defaultValue").asString()).as(name).isEqualTo(value.toString());
			}
		});
	}

	@Test
	void metadataHasNoPropertyWithoutDescription() throws IOException {
		assertThat(metadata()).allSatisfy((name, property) -> {
			assertThat(property.path("description").asString()).isNotBlank();
			assertThat(property.path("description").asString()).doesNotStartWith("The ").endsWith(".");
		});
	}

	private static TokenCounterProperties bind(Map<String, String> values) {
		return new Binder(new MapConfigurationPropertySource(values))
			.bind("token-counter", TokenCounterProperties.class)
			.get();
	}

	/**
	 * The tests' own classes have a file of the same name.
	 */
	private static Map<String, JsonNode> metadata() throws IOException {
		Map<String, JsonNode> properties = new LinkedHashMap<>();
		for (URL file : Collections.list(TokenCounterProperties.class.getClassLoader().getResources(METADATA))) {
			try (InputStream json = file.openStream()) {
				for (JsonNode property : JsonMapper.shared().readTree(json).path("properties").values()) {
					String name = property.path("name").asString();
					if (name.startsWith("token-counter.")) {
						properties.put(name, property);
					}
				}
			}
		}
		assertThat(properties).as(METADATA).isNotEmpty();
		return properties;
	}

}
