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

package io.tokencounter.metrics;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.metrics.TokenMeterDocumentation.CommonTags;

/**
 * The values of the two tags of models. What a request asks for can come from the
 * application's user: names that never answered have a few places of their own, so that
 * they take none from models.
 */
final class ModelTagValues {

	private static final int ANSWERED_PER_UNANSWERED = 10;

	private final TagValues responseModels;

	private final TagValues requestModels;

	private final TagValues unansweredModels;

	ModelTagValues(int max) {
		this.responseModels = new TagValues(CommonTags.RESPONSE_MODEL.asString(), max);
		this.requestModels = new TagValues(CommonTags.REQUEST_MODEL.asString(), max);
		this.unansweredModels = new TagValues(CommonTags.REQUEST_MODEL.asString(),
				Math.max(1, max / ANSWERED_PER_UNANSWERED));
	}

	/**
	 * Limit the models of a set.
	 * @param call the call that the set is of
	 * @param told the set with the models as they were told
	 * @return the two models
	 */
	Values limit(TokenCall call, TagSet told) {
		String asked = told.requestModel();
		if (isAnswered(call)) {
			return new Values(this.responseModels.limit(told.responseModel()), this.requestModels.limit(asked));
		}
		String limited = (this.requestModels.contains(asked) ? this.requestModels : this.unansweredModels).limit(asked);
		return new Values(limited, limited);
	}

	/**
	 * Hear of a call. A model that answers gets a place among those that do, if it had
	 * one among the others.
	 * @param call the call
	 * @param told the set with the models as they were told
	 */
	void ended(TokenCall call, TagSet told) {
		if (isAnswered(call) && this.unansweredModels.contains(told.requestModel())) {
			this.unansweredModels.remove(told.requestModel());
			limit(call, told);
		}
	}

	private static boolean isAnswered(TokenCall call) {
		return call.outcome() == CallOutcome.SUCCESS || call.responseModel() != null;
	}

	/**
	 * The two values of one call.
	 *
	 * @param responseModel the model that answered, else the one that was asked for
	 * @param requestModel the model that was asked for, else the one that answered
	 */
	record Values(String responseModel, String requestModel) {

	}

}
