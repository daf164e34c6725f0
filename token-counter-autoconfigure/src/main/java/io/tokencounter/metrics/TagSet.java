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

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.tokencounter.metrics.TokenMeterDocumentation.CommonTags;
import io.tokencounter.support.ReservedNames;

/**
 * The values of the common tags.
 *
 * @param operation the operation
 * @param provider the provider
 * @param responseModel the model that answered
 * @param requestModel the model that was asked for
 * @param feature the feature
 * @param callerTags the values of the caller tags
 */
record TagSet(String operation, String provider, String responseModel, String requestModel, String feature,
		List<String> callerTags) {

	TagSet ofOtherCallers() {
		return new TagSet(this.operation, this.provider, this.responseModel, this.requestModel, ReservedNames.OTHER,
				Collections.nCopies(this.callerTags.size(), ReservedNames.OTHER));
	}

	TagSet ofOtherModels() {
		return new TagSet(this.operation, ReservedNames.OTHER, ReservedNames.OTHER, ReservedNames.OTHER,
				ReservedNames.OTHER, Collections.nCopies(this.callerTags.size(), ReservedNames.OTHER));
	}

	Tags toTags(List<String> callerTagKeys) {
		List<Tag> tags = new ArrayList<>();
		tags.add(Tag.of(CommonTags.OPERATION.asString(), this.operation));
		tags.add(Tag.of(CommonTags.PROVIDER.asString(), this.provider));
		tags.add(Tag.of(CommonTags.RESPONSE_MODEL.asString(), this.responseModel));
		tags.add(Tag.of(CommonTags.REQUEST_MODEL.asString(), this.requestModel));
		tags.add(Tag.of(CommonTags.FEATURE.asString(), this.feature));
		for (int i = 0; i < callerTagKeys.size(); i++) {
			tags.add(Tag.of(callerTagKeys.get(i), this.callerTags.get(i)));
		}
		return Tags.of(tags);
	}

}
