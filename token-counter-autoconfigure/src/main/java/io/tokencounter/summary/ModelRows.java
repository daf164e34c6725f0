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

package io.tokencounter.summary;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.UsageSummary.ModelTotals;
import io.tokencounter.support.ReservedNames;

/**
 * Sums by model. Who asks for {@code gpt-4o-mini} is answered by
 * {@code gpt-4o-mini-2024-07-18}, if at all: a call without an answer is added to the row
 * of the model that answers its request, which may turn out later.
 * <p>
 * Names that never answered may be made up. They have a few places of their own, so that
 * they take none from models.
 */
final class ModelRows {

	private static final int ANSWERED_PER_UNANSWERED = 10;

	private final int max;

	private final UsageRows<Model> answered;

	private final UsageRows<Model> unanswered;

	private final Map<Model, Model> answeredBy = new HashMap<>();

	/**
	 * Create sums without a row.
	 * @param max the number of models to keep apart
	 */
	ModelRows(int max) {
		this.max = max;
		this.answered = new UsageRows<>(max, null, Model::other);
		this.unanswered = new UsageRows<>(Math.max(1, max / ANSWERED_PER_UNANSWERED), null, Model::other);
	}

	void add(TokenCall call) {
		String name = Objects.requireNonNullElse(call.requestModel(), call.model());
		Model asked = Model.of(call, name);
		if (call.outcome() == CallOutcome.SUCCESS || call.responseModel() != null) {
			Model model = name.equals(call.model()) ? asked : Model.of(call, call.model());
			this.answered.add(model, call);
			if (!model.equals(this.answeredBy.get(asked))) {
				answered(asked, model);
			}
			return;
		}
		Model model = this.answeredBy.get(asked);
		if (model != null) {
			this.answered.add(model, call);
		}
		else {
			this.unanswered.add(asked, call);
		}
	}

	private void answered(Model asked, Model model) {
		if (this.answeredBy.size() < this.max || this.answeredBy.containsKey(asked)) {
			this.answeredBy.put(asked, model);
		}
		if (this.unanswered.contains(asked)) {
			this.answered.add(model, this.unanswered.remove(asked));
		}
	}

	void clear() {
		this.answered.clear();
		this.unanswered.clear();
		this.answeredBy.clear();
	}

	List<ModelTotals> snapshot() {
		Map<Model, RunningTotals> rows = new LinkedHashMap<>();
		this.answered.addTo(rows);
		this.unanswered.addTo(rows);
		return UsageRows.snapshot(rows,
				(model, totals) -> new ModelTotals(model.operation(), model.provider(), model.name(), totals));
	}

	/**
	 * A model, or the name of one that is asked for.
	 *
	 * @param operation the operation
	 * @param provider the name of the provider, empty for all that have no place
	 * @param name the name of the model
	 */
	private record Model(String operation, String provider, String name) {

		static Model of(TokenCall call, String name) {
			return new Model(call.operation(), call.provider(), ReservedNames.shown(name));
		}

		Model other() {
			return new Model(this.operation, "", ReservedNames.OTHER);
		}

	}

}
