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

import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.tokencounter.budget.BudgetWindow;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties of budgets.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("token-counter")
public class TokenCounterBudgetProperties {

	/**
	 * Budgets by their names.
	 */
	private final Map<String, Budget> budgets = new LinkedHashMap<>();

	private final BudgetStore budgetStore = new BudgetStore();

	private final BudgetResponses budgetResponses = new BudgetResponses();

	public Map<String, Budget> getBudgets() {
		return this.budgets;
	}

	public BudgetStore getBudgetStore() {
		return this.budgetStore;
	}

	public BudgetResponses getBudgetResponses() {
		return this.budgetResponses;
	}

	/**
	 * Limits of one window.
	 */
	public static class Limits {

		/**
		 * Limit of the money spent in one window.
		 */
		private @Nullable BigDecimal maxCost;

		/**
		 * Limit of the tokens of one window, input and output.
		 */
		private @Nullable Long maxTokens;

		/**
		 * Limit of the calls of one window.
		 */
		private @Nullable Long maxCalls;

		public @Nullable BigDecimal getMaxCost() {
			return this.maxCost;
		}

		public void setMaxCost(@Nullable BigDecimal maxCost) {
			this.maxCost = maxCost;
		}

		public @Nullable Long getMaxTokens() {
			return this.maxTokens;
		}

		public void setMaxTokens(@Nullable Long maxTokens) {
			this.maxTokens = maxTokens;
		}

		public @Nullable Long getMaxCalls() {
			return this.maxCalls;
		}

		public void setMaxCalls(@Nullable Long maxCalls) {
			this.maxCalls = maxCalls;
		}

	}

	/**
	 * A budget.
	 */
	public static class Budget extends Limits {

		/**
		 * ISO 4217 code of the currency of "max-cost".
		 */
		private String currency = "USD";

		/**
		 * How long the budget lasts.
		 */
		private BudgetWindow window = BudgetWindow.MONTH;

		/**
		 * Time zone whose calendar the windows follow.
		 */
		private ZoneId zone = ZoneOffset.UTC;

		/**
		 * "feature", "model", "provider" or the key of a caller tag: each value has the
		 * budget for itself.
		 */
		private @Nullable String per;

		private final Match match = new Match();

		/**
		 * Other limits for single values of "per".
		 */
		private final Map<String, Limits> overrides = new LinkedHashMap<>();

		/**
		 * What happens to calls that the budget does not allow.
		 */
		private Action action = Action.REFUSE;

		/**
		 * Share of a limit at which it is logged and an event is published, once a
		 * window.
		 */
		private double warnAt = 0.8;

		/**
		 * What happens to calls of models without a price where the cost is limited.
		 */
		private Unpriced unpriced = Unpriced.ALLOW;

		public String getCurrency() {
			return this.currency;
		}

		public void setCurrency(String currency) {
			this.currency = currency;
		}

		public BudgetWindow getWindow() {
			return this.window;
		}

		public void setWindow(BudgetWindow window) {
			this.window = window;
		}

		public ZoneId getZone() {
			return this.zone;
		}

		public void setZone(ZoneId zone) {
			this.zone = zone;
		}

		public @Nullable String getPer() {
			return this.per;
		}

		public void setPer(@Nullable String per) {
			this.per = per;
		}

		public Match getMatch() {
			return this.match;
		}

		public Map<String, Limits> getOverrides() {
			return this.overrides;
		}

		public Action getAction() {
			return this.action;
		}

		public void setAction(Action action) {
			this.action = action;
		}

		public double getWarnAt() {
			return this.warnAt;
		}

		public void setWarnAt(double warnAt) {
			this.warnAt = warnAt;
		}

		public Unpriced getUnpriced() {
			return this.unpriced;
		}

		public void setUnpriced(Unpriced unpriced) {
			this.unpriced = unpriced;
		}

	}

	/**
	 * Calls that a budget is for. In patterns "*" stands for any characters.
	 */
	public static class Match {

		/**
		 * Patterns of features. For the window "run" also of names of sessions.
		 */
		private List<String> features = new ArrayList<>();

		/**
		 * Patterns of models that are asked for.
		 */
		private List<String> models = new ArrayList<>();

		/**
		 * Patterns of providers.
		 */
		private List<String> providers = new ArrayList<>();

		/**
		 * Patterns of operations, such as "chat" and "embeddings".
		 */
		private List<String> operations = new ArrayList<>();

		/**
		 * Patterns of caller tags, by their keys.
		 */
		private final Map<String, List<String>> tags = new LinkedHashMap<>();

		public List<String> getFeatures() {
			return this.features;
		}

		public void setFeatures(List<String> features) {
			this.features = features;
		}

		public List<String> getModels() {
			return this.models;
		}

		public void setModels(List<String> models) {
			this.models = models;
		}

		public List<String> getProviders() {
			return this.providers;
		}

		public void setProviders(List<String> providers) {
			this.providers = providers;
		}

		public List<String> getOperations() {
			return this.operations;
		}

		public void setOperations(List<String> operations) {
			this.operations = operations;
		}

		public Map<String, List<String>> getTags() {
			return this.tags;
		}

	}

	/**
	 * Where it is kept what budgets have spent.
	 */
	public static class BudgetStore {

		/**
		 * Where it is kept what budgets have spent.
		 */
		private Type type = Type.MEMORY;

		/**
		 * What happens to calls while the store does not answer.
		 */
		private OnUnavailable onUnavailable = OnUnavailable.ALLOW;

		/**
		 * How long to wait for an answer of the store.
		 */
		private Duration timeout = Duration.ofMillis(200);

		/**
		 * Time after which a hold whose owner died is charged with what it was likely to
		 * cost.
		 */
		private Duration holdTimeout = Duration.ofMinutes(10);

		/**
		 * What all keys in Redis begin with.
		 */
		private String keyPrefix = "token-counter:";

		public Type getType() {
			return this.type;
		}

		public void setType(Type type) {
			this.type = type;
		}

		public OnUnavailable getOnUnavailable() {
			return this.onUnavailable;
		}

		public void setOnUnavailable(OnUnavailable onUnavailable) {
			this.onUnavailable = onUnavailable;
		}

		public Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(Duration timeout) {
			this.timeout = timeout;
		}

		public Duration getHoldTimeout() {
			return this.holdTimeout;
		}

		public void setHoldTimeout(Duration holdTimeout) {
			this.holdTimeout = holdTimeout;
		}

		public String getKeyPrefix() {
			return this.keyPrefix;
		}

		public void setKeyPrefix(String keyPrefix) {
			this.keyPrefix = keyPrefix;
		}

	}

	/**
	 * What web applications answer.
	 */
	public static class BudgetResponses {

		/**
		 * Whether web applications answer a refused call with status 429, unless they
		 * handle the exception themselves.
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
	 * What happens to calls that a budget does not allow.
	 */
	public enum Action {

		/**
		 * They are refused before anything is sent.
		 */
		REFUSE,

		/**
		 * They are let pass and counted.
		 */
		OBSERVE

	}

	/**
	 * What happens to calls of models without a price.
	 */
	public enum Unpriced {

		/**
		 * They are let pass at no cost.
		 */
		ALLOW,

		/**
		 * They are refused.
		 */
		REFUSE

	}

	/**
	 * Stores of budgets.
	 */
	public enum Type {

		/**
		 * In memory, for one instance.
		 */
		MEMORY,

		/**
		 * In Redis, for all instances.
		 */
		REDIS

	}

	/**
	 * What happens to calls while a store does not answer.
	 */
	public enum OnUnavailable {

		/**
		 * They are let pass and charged later.
		 */
		ALLOW,

		/**
		 * They are refused.
		 */
		REFUSE

	}

}
