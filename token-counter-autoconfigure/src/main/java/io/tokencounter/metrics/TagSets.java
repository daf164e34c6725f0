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
import java.util.Objects;
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

	/**
	 * Hear of a call, and return its set with all values as they were told. If that has
	 * meters already, none of them is to be limited.
	 * @param call the call
	 * @return the set
	 */
	TagSet told(TokenCall call) {
		String asked = Objects.requireNonNullElse(call.requestModel(), call.model());
		TagSet told = new TagSet(call.operation(), ReservedNames.shown(call.provider()),
				ReservedNames.shown(call.model()), ReservedNames.shown(asked), feature(call), callerTagValues(call));
		this.models.ended(call, told);
		return told;
	}

	/**
	 * Return the set that a call is counted with.
	 * @param call the call
	 * @param told the set with all values as they were told
	 * @return the set
	 */
	TagSet limit(TokenCall call, TagSet told) {
		ModelTagValues.Values models = this.models.limit(call, told);
		List<String> callerTagValues = new ArrayList<>(told.callerTags().size());
		for (int i = 0; i < told.callerTags().size(); i++) {
			callerTagValues.add(this.callerTags.get(i).limit(told.callerTags().get(i)));
		}
		TagSet set = new TagSet(told.operation(), this.providers.limit(told.provider()), models.responseModel(),
				models.requestModel(), limitFeature(told.feature()), callerTagValues);
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

	private static String feature(TokenCall call) {
		return TokenCall.NO_FEATURE.equals(call.feature()) ? ReservedNames.NONE : ReservedNames.shown(call.feature());
	}

	private String limitFeature(String feature) {
		return ReservedNames.NONE.equals(feature) ? feature : this.features.limit(feature);
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
