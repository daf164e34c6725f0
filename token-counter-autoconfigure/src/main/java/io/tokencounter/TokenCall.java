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

package io.tokencounter;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * One counted call to a model. It never holds text of a prompt or an answer.
 * <p>
 * Names and tags come from users and providers: they are cut at {@value #MAX_NAME}
 * characters, and characters that would break a line of a log are replaced.
 *
 * @since 0.1.0
 */
public final class TokenCall {

	/**
	 * Name of a model or provider that is not known.
	 */
	public static final String UNKNOWN = "unknown";

	/**
	 * Feature of a call outside of any tracked method.
	 */
	public static final String NO_FEATURE = "none";

	/**
	 * Number of characters that a name or the value of a tag has at the most.
	 */
	public static final int MAX_NAME = 256;

	private final UUID id;

	private final String operation;

	private final String provider;

	private final @Nullable String requestModel;

	private final @Nullable String responseModel;

	private final @Nullable String responseId;

	private final TokenUsage usage;

	private final @Nullable TokenCost cost;

	private final CallOutcome outcome;

	private final boolean streaming;

	private final Instant startedAt;

	private final Duration duration;

	private final @Nullable Duration timeToFirstToken;

	private final @Nullable Duration generationTime;

	private final String feature;

	private final Map<String, String> tags;

	private final @Nullable String modelBean;

	private TokenCall(Builder builder) {
		this.id = Objects.requireNonNullElseGet(builder.id, CallIds::next);
		this.operation = Names.clean(builder.operation);
		this.provider = Names.clean(builder.provider);
		this.requestModel = Names.cleanNullable(builder.requestModel);
		this.responseModel = Names.cleanNullable(builder.responseModel);
		this.responseId = Names.cleanNullable(builder.responseId);
		this.usage = builder.usage;
		this.cost = builder.cost;
		this.outcome = builder.outcome;
		this.streaming = builder.streaming;
		this.startedAt = Objects.requireNonNullElseGet(builder.startedAt, Instant::now);
		this.duration = builder.duration;
		this.timeToFirstToken = builder.timeToFirstToken;
		this.generationTime = builder.generationTime;
		this.feature = Names.clean(builder.feature);
		this.tags = Names.clean(builder.tags);
		this.modelBean = builder.modelBean;
	}

	/**
	 * Return a builder of a successful call of unreported usage.
	 * @param operation the {@code gen_ai.operation.name}, such as {@code chat}
	 * @param provider the {@code gen_ai.provider.name}, {@link #UNKNOWN} if there is none
	 * @return the builder
	 */
	public static Builder builder(String operation, String provider) {
		return new Builder(operation, provider);
	}

	/**
	 * Return an id for a call that is about to be made.
	 * @return a UUID of version 7
	 */
	public static UUID nextId() {
		return CallIds.next();
	}

	/**
	 * Return the id that the call got when it was made.
	 * @return a UUID of version 7, which sorts by the time
	 */
	public UUID id() {
		return this.id;
	}

	/**
	 * Return the kind of call.
	 * @return the {@code gen_ai.operation.name}, such as {@code chat}
	 */
	public String operation() {
		return this.operation;
	}

	/**
	 * Return the provider of the model.
	 * @return the {@code gen_ai.provider.name}, {@link #UNKNOWN} if there is none
	 */
	public String provider() {
		return this.provider;
	}

	/**
	 * Return the model that was asked for.
	 * @return the model, {@code null} if unknown
	 */
	public @Nullable String requestModel() {
		return this.requestModel;
	}

	/**
	 * Return the model that answered.
	 * @return the model, {@code null} if it did not say or the name is known to be
	 * corrupted
	 */
	public @Nullable String responseModel() {
		return this.responseModel;
	}

	/**
	 * Return the provider's own id of the answer.
	 * @return the id, which need not be unique, {@code null} if unknown
	 */
	public @Nullable String responseId() {
		return this.responseId;
	}

	/**
	 * Return the tokens of the call.
	 * @return the tokens
	 */
	public TokenUsage usage() {
		return this.usage;
	}

	/**
	 * Return the money spent.
	 * @return the cost, {@code null} if the usage or the price is not known
	 */
	public @Nullable TokenCost cost() {
		return this.cost;
	}

	/**
	 * Return how the call ended.
	 * @return the outcome
	 */
	public CallOutcome outcome() {
		return this.outcome;
	}

	/**
	 * Return whether the answer was streamed.
	 * @return whether it was
	 */
	public boolean streaming() {
		return this.streaming;
	}

	/**
	 * Return when the request was made.
	 * @return the time
	 */
	public Instant startedAt() {
		return this.startedAt;
	}

	/**
	 * Return the time from the request to the last token.
	 * @return the time
	 */
	public Duration duration() {
		return this.duration;
	}

	/**
	 * Return the time from the request to the first token of a stream.
	 * @return the time, {@code null} if it was not seen
	 */
	public @Nullable Duration timeToFirstToken() {
		return this.timeToFirstToken;
	}

	/**
	 * Return the time in which the output was generated: for a stream the time from the
	 * first to the last token where both were seen apart, else the duration.
	 * @return the time, {@code null} if it is not known
	 */
	public @Nullable Duration generationTime() {
		return this.generationTime;
	}

	/**
	 * Return the feature that the call belongs to.
	 * @return the feature, {@link #NO_FEATURE} if there is none
	 */
	public String feature() {
		return this.feature;
	}

	/**
	 * Return the caller tags, such as a tenant.
	 * @return the tags by their keys
	 */
	public Map<String, String> tags() {
		return this.tags;
	}

	/**
	 * Return the name of the model's bean.
	 * @return the name, {@code null} if unknown
	 */
	public @Nullable String modelBean() {
		return this.modelBean;
	}

	/**
	 * Return the model to count and price the call by.
	 * @return the response model, else the request model, else {@link #UNKNOWN}
	 */
	public String model() {
		if (this.responseModel != null) {
			return this.responseModel;
		}
		return (this.requestModel != null) ? this.requestModel : UNKNOWN;
	}

	@Override
	public String toString() {
		return "TokenCall{id=%s, operation=%s, provider=%s, model=%s, usage=%s, cost=%s, outcome=%s, feature=%s}"
			.formatted(this.id, this.operation, this.provider, model(), this.usage,
					(this.cost != null) ? this.cost : "unknown", this.outcome, this.feature);
	}

	/**
	 * Builder of a call.
	 */
	public static final class Builder {

		private final String operation;

		private final String provider;

		private @Nullable UUID id;

		private @Nullable String requestModel;

		private @Nullable String responseModel;

		private @Nullable String responseId;

		private TokenUsage usage = TokenUsage.unreported();

		private @Nullable TokenCost cost;

		private CallOutcome outcome = CallOutcome.SUCCESS;

		private boolean streaming;

		private @Nullable Instant startedAt;

		private Duration duration = Duration.ZERO;

		private @Nullable Duration timeToFirstToken;

		private @Nullable Duration generationTime;

		private String feature = NO_FEATURE;

		private Map<String, String> tags = Map.of();

		private @Nullable String modelBean;

		private Builder(String operation, String provider) {
			this.operation = Objects.requireNonNull(operation, "'operation' must not be null");
			this.provider = Objects.requireNonNull(provider, "'provider' must not be null");
		}

		/**
		 * Set the id.
		 * @param id the id, {@code null} for a new one
		 * @return this builder
		 */
		public Builder id(@Nullable UUID id) {
			this.id = id;
			return this;
		}

		/**
		 * Set the model that was asked for.
		 * @param requestModel the model, {@code null} if unknown
		 * @return this builder
		 */
		public Builder requestModel(@Nullable String requestModel) {
			this.requestModel = requestModel;
			return this;
		}

		/**
		 * Set the model that answered.
		 * @param responseModel the model, {@code null} if it did not say
		 * @return this builder
		 */
		public Builder responseModel(@Nullable String responseModel) {
			this.responseModel = responseModel;
			return this;
		}

		/**
		 * Set the provider's own id of the answer.
		 * @param responseId the id, {@code null} if unknown
		 * @return this builder
		 */
		public Builder responseId(@Nullable String responseId) {
			this.responseId = responseId;
			return this;
		}

		/**
		 * Set the tokens.
		 * @param usage the tokens
		 * @return this builder
		 */
		public Builder usage(TokenUsage usage) {
			this.usage = Objects.requireNonNull(usage, "'usage' must not be null");
			return this;
		}

		/**
		 * Set the money spent.
		 * @param cost the cost, {@code null} if it is not known
		 * @return this builder
		 */
		public Builder cost(@Nullable TokenCost cost) {
			this.cost = cost;
			return this;
		}

		/**
		 * Set how the call ended.
		 * @param outcome the outcome
		 * @return this builder
		 */
		public Builder outcome(CallOutcome outcome) {
			this.outcome = Objects.requireNonNull(outcome, "'outcome' must not be null");
			return this;
		}

		/**
		 * Set whether the answer was streamed.
		 * @param streaming whether it was
		 * @return this builder
		 */
		public Builder streaming(boolean streaming) {
			this.streaming = streaming;
			return this;
		}

		/**
		 * Set when the request was made.
		 * @param startedAt the time, {@code null} for now
		 * @return this builder
		 */
		public Builder startedAt(@Nullable Instant startedAt) {
			this.startedAt = startedAt;
			return this;
		}

		/**
		 * Set the time from the request to the last token.
		 * @param duration the time
		 * @return this builder
		 */
		public Builder duration(Duration duration) {
			this.duration = Objects.requireNonNull(duration, "'duration' must not be null");
			return this;
		}

		/**
		 * Set the time from the request to the first token of a stream.
		 * @param timeToFirstToken the time, {@code null} if it was not seen
		 * @return this builder
		 */
		public Builder timeToFirstToken(@Nullable Duration timeToFirstToken) {
			this.timeToFirstToken = timeToFirstToken;
			return this;
		}

		/**
		 * Set the time in which the output was generated.
		 * @param generationTime the time, {@code null} if it is not known
		 * @return this builder
		 */
		public Builder generationTime(@Nullable Duration generationTime) {
			this.generationTime = generationTime;
			return this;
		}

		/**
		 * Set the feature that the call belongs to.
		 * @param feature the feature
		 * @return this builder
		 */
		public Builder feature(String feature) {
			this.feature = Objects.requireNonNull(feature, "'feature' must not be null");
			return this;
		}

		/**
		 * Set the caller tags.
		 * @param tags the tags by their keys
		 * @return this builder
		 */
		public Builder tags(Map<String, String> tags) {
			this.tags = Objects.requireNonNull(tags, "'tags' must not be null");
			return this;
		}

		/**
		 * Set the name of the model's bean.
		 * @param modelBean the name, {@code null} if unknown
		 * @return this builder
		 */
		public Builder modelBean(@Nullable String modelBean) {
			this.modelBean = modelBean;
			return this;
		}

		/**
		 * Build the call.
		 * @return the call
		 */
		public TokenCall build() {
			return new TokenCall(this);
		}

	}

}
