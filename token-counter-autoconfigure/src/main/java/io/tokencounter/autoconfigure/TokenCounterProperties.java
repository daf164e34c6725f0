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

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties of the counting.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("token-counter")
public class TokenCounterProperties {

	/**
	 * Whether to count the tokens of chat models.
	 */
	private boolean enabled = true;

	private final ChatModels chatModels = new ChatModels();

	private final EmbeddingModels embeddingModels = new EmbeddingModels();

	private final Metrics metrics = new Metrics();

	private final TrackTokens trackTokens = new TrackTokens();

	private final Summary summary = new Summary();

	private final Wire wire = new Wire();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public ChatModels getChatModels() {
		return this.chatModels;
	}

	public EmbeddingModels getEmbeddingModels() {
		return this.embeddingModels;
	}

	public Metrics getMetrics() {
		return this.metrics;
	}

	public TrackTokens getTrackTokens() {
		return this.trackTokens;
	}

	public Summary getSummary() {
		return this.summary;
	}

	public Wire getWire() {
		return this.wire;
	}

	/**
	 * Which chat models to count.
	 */
	public static class ChatModels {

		/**
		 * Names of chat model beans whose calls are not counted.
		 */
		private Set<String> exclude = new LinkedHashSet<>();

		/**
		 * Names of chat model beans that call other counted models and also ask a
		 * provider themselves. Their own calls count beside those.
		 */
		private Set<String> include = new LinkedHashSet<>();

		public Set<String> getExclude() {
			return this.exclude;
		}

		public void setExclude(Set<String> exclude) {
			this.exclude = exclude;
		}

		public Set<String> getInclude() {
			return this.include;
		}

		public void setInclude(Set<String> include) {
			this.include = include;
		}

	}

	/**
	 * Which embedding models to count.
	 */
	public static class EmbeddingModels {

		/**
		 * Names of embedding model beans whose calls are not counted.
		 */
		private Set<String> exclude = new LinkedHashSet<>();

		public Set<String> getExclude() {
			return this.exclude;
		}

		public void setExclude(Set<String> exclude) {
			this.exclude = exclude;
		}

	}

	/**
	 * Meters of counted calls.
	 */
	public static class Metrics {

		/**
		 * Whether to publish meters of counted calls.
		 */
		private boolean enabled = true;

		/**
		 * Keys of the caller tags that become tags of the meters and rows of the summary.
		 */
		private List<String> tags = new ArrayList<>();

		/**
		 * Maximum number of distinct values of each caller tag, of features, of providers
		 * and of models. Further ones are counted under "other". The number of
		 * combinations of values is bounded, too.
		 */
		private int maxTagValues = 100;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public List<String> getTags() {
			return this.tags;
		}

		public void setTags(List<String> tags) {
			this.tags = tags;
		}

		public int getMaxTagValues() {
			return this.maxTagValues;
		}

		public void setMaxTagValues(int maxTagValues) {
			this.maxTagValues = maxTagValues;
		}

	}

	/**
	 * Methods annotated with {@code @TrackTokens}.
	 */
	public static class TrackTokens {

		/**
		 * Whether to track methods annotated with @TrackTokens.
		 */
		private boolean enabled = true;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

	}

	/**
	 * Running summary and sessions.
	 */
	public static class Summary {

		/**
		 * Number of single calls that the running summary and each session keep. Older
		 * ones leave the list, never the totals.
		 */
		private int maxCalls = 1000;

		public int getMaxCalls() {
			return this.maxCalls;
		}

		public void setMaxCalls(int maxCalls) {
			this.maxCalls = maxCalls;
		}

	}

	/**
	 * Usage that is read where it arrives.
	 */
	public static class Wire {

		/**
		 * Whether to read usage also where it arrives, below the clients of OpenAI and
		 * Anthropic.
		 */
		private boolean enabled = true;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

	}

}
