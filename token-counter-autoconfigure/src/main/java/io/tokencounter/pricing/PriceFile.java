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

package io.tokencounter.pricing;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.io.Resource;

/**
 * A file of prices. Both formats can be in one file: an array {@code prices} has entries
 * of our own format, and any other object at the top is an entry of LiteLLM's price map,
 * {@code model_prices_and_context_window.json}.
 *
 * @param updated when the prices were last checked, {@code null} if the file does not say
 * @param prices the prices by the name of the model and the provider
 */
record PriceFile(@Nullable LocalDate updated, Map<String, Map<String, List<ModelPrice>>> prices) {

	private static final Log logger = LogFactory.getLog(PriceFile.class);

	private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
		.streamReadConstraints(
				StreamReadConstraints.builder().maxNestingDepth(50).maxNumberLength(100).maxNameLength(1000).build())
		.build())
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
		.build();

	private static final int MAX_PROBLEMS = 10;

	static PriceFile read(Resource file, ProviderAliases aliases) {
		byte[] content = PriceFileContent.read(file);
		Reader reader = new Reader(aliases);
		try (JsonParser parser = MAPPER.createParser(content)) {
			reader.read(parser);
		}
		catch (JacksonException ex) {
			TokenStreamLocation location = ex.getLocation();
			String problem = (location != null && location.getLineNr() > 0)
					? "Line %d is not JSON: %s".formatted(location.getLineNr(), ex.getOriginalMessage())
					: "The file is not JSON that can be read: " + ex.getOriginalMessage();
			throw new InvalidPriceException(file.getDescription(), List.of(problem), ex);
		}
		return reader.finish(file);
	}

	/**
	 * Reads all entries and says everything that is wrong with them.
	 */
	private static final class Reader {

		/**
		 * LiteLLM's description of its own format.
		 */
		private static final String LITELLM_SAMPLE = "sample_spec";

		private final PriceListing listing = new PriceListing();

		private final List<String> problems = new ArrayList<>();

		private final PriceEntryReader entryReader;

		private final LiteLlmEntryReader liteLlmReader;

		private @Nullable LocalDate updated;

		Reader(ProviderAliases aliases) {
			this.entryReader = new PriceEntryReader(aliases);
			this.liteLlmReader = new LiteLlmEntryReader(aliases);
		}

		// One entry after the other, as a tree of all would silently have only one of two
		// with the same name
		void read(JsonParser parser) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				this.problems.add("The file must have a JSON object");
				return;
			}
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				parser.nextToken();
				JsonNode value = parser.readValueAsTree();
				try {
					readProperty(name, value);
				}
				catch (IllegalArgumentException ex) {
					this.problems.add("'%s': %s".formatted(PriceFields.shown(name), ex.getMessage()));
				}
			}
			if (parser.nextToken() != null) {
				this.problems.add("The file must have one JSON object and nothing else");
			}
		}

		private void readProperty(String name, JsonNode value) {
			if (name.equals("updated")) {
				this.updated = PriceFields.date(name, value);
			}
			else if (name.equals("prices")) {
				readEntries(value);
			}
			else if (!name.equals(LITELLM_SAMPLE)) {
				this.liteLlmReader.read(name, value, this.listing);
			}
		}

		private void readEntries(JsonNode entries) {
			if (!entries.isArray()) {
				throw new IllegalArgumentException("must be an array");
			}
			int index = 0;
			for (JsonNode entry : entries) {
				String name = "prices[%d]".formatted(index++);
				try {
					this.entryReader.read(entry, this.listing);
				}
				catch (IllegalArgumentException ex) {
					JsonNode models = entry.get("models");
					this.problems.add("'%s'%s: %s".formatted(name,
							(models != null) ? " " + PriceFields.shown(models) : "", ex.getMessage()));
				}
			}
		}

		PriceFile finish(Resource file) {
			Map<String, Map<String, List<ModelPrice>>> prices = this.listing.prices();
			if (this.problems.isEmpty() && prices.isEmpty()) {
				this.problems.add("The file has no price of a model that is sold by tokens");
			}
			if (!this.problems.isEmpty()) {
				throw new InvalidPriceException(file.getDescription(), firstOf(this.problems), null);
			}
			if (!this.listing.contradictions().isEmpty()) {
				logger.warn("Different prices of one model are listed in " + file.getDescription() + ": "
						+ String.join(", ", firstOf(this.listing.contradictions()))
						+ ". In LiteLLM's format the last one applies, else the first one.");
			}
			return new PriceFile(this.updated, prices);
		}

		private static List<String> firstOf(List<String> lines) {
			if (lines.size() <= MAX_PROBLEMS) {
				return lines;
			}
			List<String> first = new ArrayList<>(lines.subList(0, MAX_PROBLEMS));
			first.add("and %d more".formatted(lines.size() - MAX_PROBLEMS));
			return first;
		}

	}

}
