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
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import io.tokencounter.TokenCall;
import io.tokencounter.metrics.TokenMeterDocumentation.CommonTags;
import io.tokencounter.support.DistinctValues;
import io.tokencounter.support.ReservedNames;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells which tags calls are counted with. The values of each tag are bounded, and as the
 * numbers of several tags multiply, so are the sets of them.
 */
final class TagSets {

	static final int SETS_PER_VALUE = 20;

	private static final Log logger = LogFactory.getLog(TagSets.class);

	private final ModelTagValues models;

	private final TagValues providers;

	private final TagValues features;

	private final List<CallerTag> callerTags;

	private final int maxSets;

	private final DistinctValues<TagSet> sets;

	private final DistinctValues<TagSet> setsOfOtherCallers;

	private final AtomicBoolean exceeded = new AtomicBoolean();

	TagSets(List<String> callerTags, int maxValues) {
		this.models = new ModelTagValues(maxValues);
		this.providers = new TagValues(CommonTags.PROVIDER.asString(), maxValues);
		this.features = new TagValues(CommonTags.FEATURE.asString(), maxValues);
		this.callerTags = callerTags.stream().map((key) -> new CallerTag(key, maxValues)).toList();
		this.maxSets = (int) Math.min(Integer.MAX_VALUE, (long) maxValues * SETS_PER_VALUE);
		this.sets = new DistinctValues<>(this.maxSets);
		this.setsOfOtherCallers = new DistinctValues<>(this.maxSets);
	}

	TagSet of(TokenCall call) {
		ModelTagValues.Values model = this.models.of(call);
		TagSet set = new TagSet(call.operation(), this.providers.limit(call.provider()), model.responseModel(),
				model.requestModel(), feature(call), callerTagValues(call));
		return this.sets.admit(set) ? set : limit(set);
	}

	private TagSet limit(TagSet set) {
		if (this.exceeded.compareAndSet(false, true)) {
			logger.warn("More than " + this.maxSets + " combinations of the values of tags. Further ones are counted"
					+ " with '" + ReservedNames.OTHER + "' as feature and caller tags. See"
					+ " token-counter.metrics.max-tag-values, and allow fewer tags in token-counter.metrics.tags.");
		}
		TagSet ofOtherCallers = set.ofOtherCallers();
		return this.setsOfOtherCallers.admit(ofOtherCallers) ? ofOtherCallers : set.ofOtherModels();
	}

	private String feature(TokenCall call) {
		return TokenCall.NO_FEATURE.equals(call.feature()) ? ReservedNames.NONE : this.features.limit(call.feature());
	}

	private List<String> callerTagValues(TokenCall call) {
		if (this.callerTags.isEmpty()) {
			return List.of();
		}
		List<String> values = new ArrayList<>(this.callerTags.size());
		this.callerTags.forEach((tag) -> values.add(tag.valueOf(call)));
		return values;
	}

}
