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

import java.util.List;
import java.util.function.Supplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.KnownMeters;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.function.SingletonSupplier;

/**
 * Publishes counted calls to Micrometer.
 *
 * @since 0.1.0
 * @see TokenMeterDocumentation
 */
public final class TokenMetrics implements TokenCallListener {

	private final Supplier<MeterRegistry> registry;

	private final List<String> callerTags;

	private final boolean priced;

	private final TagSets tagSets;

	private final KnownMeters<TagSet, CallMeters> meters = new KnownMeters<>();

	private final FaultLog faults = new FaultLog(LogFactory.getLog(TokenMetrics.class));

	/**
	 * Create a listener.
	 * @param registry the application's registry, asked for on the first call
	 * @param callerTags the keys of the caller tags that become tags of the meters
	 * @param maxTagValues the number of distinct values per caller tag key, of features,
	 * of providers and of models
	 * @param priced whether calls are priced, so that one without a cost is an unpriced
	 * one
	 */
	public TokenMetrics(Supplier<MeterRegistry> registry, List<String> callerTags, int maxTagValues, boolean priced) {
		this.registry = SingletonSupplier.of(() -> {
			MeterRegistry created = registry.get();
			this.meters.forgetRemoved(created);
			return created;
		});
		this.callerTags = callerTags.stream().distinct().toList();
		this.priced = priced;
		this.tagSets = new TagSets(this.callerTags, maxTagValues);
	}

	@Override
	public void onCall(TokenCall call) {
		TagSet told = this.tagSets.told(call);
		CallMeters meters = this.meters.find(told);
		if (meters == null) {
			meters = this.meters.get(this.tagSets.limit(call, told), this::createMeters);
		}
		meters.count(call, this.priced);
	}

	private CallMeters createMeters(TagSet tagSet) {
		return new CallMeters(this.registry.get(), tagSet.toTags(this.callerTags), this.faults);
	}

}
