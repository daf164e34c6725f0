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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallListener;
import io.tokencounter.metrics.TokenMeterDocumentation.CommonTags;

import org.springframework.util.StringUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Publishes counted calls to Micrometer.
 *
 * @since 0.1.0
 * @see TokenMeterDocumentation
 */
public final class TokenMetrics implements TokenCallListener {

	private static final String NO_VALUE = "none";

	private final Supplier<MeterRegistry> registry;

	private final List<String> callerTags;

	private final boolean priced;

	private final TagValues tagValues;

	private final Map<Key, CallMeters> meters = new ConcurrentHashMap<>();

	/**
	 * Create a listener.
	 * @param registry the application's registry, asked for on the first call
	 * @param callerTags the keys of the caller tags that become tags of the meters
	 * @param maxTagValues the number of distinct values per caller tag key, of features
	 * and of models
	 * @param priced whether calls are priced, so that one without a cost is an unpriced
	 * one
	 */
	public TokenMetrics(Supplier<MeterRegistry> registry, List<String> callerTags, int maxTagValues, boolean priced) {
		this.registry = SingletonSupplier.of(() -> {
			MeterRegistry created = registry.get();
			// A meter that was removed, say by clear(), must not be counted on unseen. A
			// MeterFilter may have renamed it, so any removal counts.
			created.config().onMeterRemoved((meter) -> this.meters.clear());
			return created;
		});
		this.callerTags = List.copyOf(callerTags);
		this.priced = priced;
		this.tagValues = new TagValues(maxTagValues);
	}

	@Override
	public void onCall(TokenCall call) {
		CallMeters meters = meters(call);
		meters.countCall(call.outcome(), call.usage().reported());
		meters.duration(call.outcome()).record(call.duration());
		Duration timeToFirstToken = call.timeToFirstToken();
		if (timeToFirstToken != null) {
			meters.timeToFirstToken().record(timeToFirstToken);
		}
		if (call.usage().reported()) {
			meters.countTokens(call.usage());
			rate(call, meters);
			cost(call, meters);
		}
	}

	private void rate(TokenCall call, CallMeters meters) {
		Duration generation = call.generationTime();
		if (generation != null && generation.toNanos() > 0 && call.usage().output() > 0) {
			meters.outputRate().record(call.usage().output() * 1e9 / generation.toNanos());
		}
	}

	private void cost(TokenCall call, CallMeters meters) {
		if (call.cost() != null) {
			meters.cost(call.cost().currency()).increment(call.cost().amount().doubleValue());
		}
		else if (this.priced) {
			meters.countUnpriced(call.usage());
		}
	}

	private CallMeters meters(TokenCall call) {
		// Values that have meters are within the limits
		CallMeters meters = this.meters.get(key(call, (key, value) -> value));
		return (meters != null) ? meters : limitedMeters(key(call, this.tagValues::limit));
	}

	private CallMeters limitedMeters(Key key) {
		CallMeters meters = this.meters.get(key);
		return (meters != null) ? meters
				: this.meters.computeIfAbsent(key, (values) -> new CallMeters(this.registry.get(), tags(values)));
	}

	private Key key(TokenCall call, BinaryOperator<String> limit) {
		String feature = TokenCall.NO_FEATURE.equals(call.feature()) ? NO_VALUE
				: limit.apply(CommonTags.FEATURE.asString(), call.feature());
		// What a request asks for can come from the application's user
		String model = limit.apply(CommonTags.MODEL.asString(), call.model());
		return new Key(call.operation(), call.provider(), model, feature, callerTagValues(call, limit));
	}

	private List<String> callerTagValues(TokenCall call, BinaryOperator<String> limit) {
		if (this.callerTags.isEmpty()) {
			return List.of();
		}
		List<String> values = new ArrayList<>(this.callerTags.size());
		for (String tag : this.callerTags) {
			String value = call.tags().get(tag);
			values.add(StringUtils.hasText(value) ? limit.apply(tag, value) : NO_VALUE);
		}
		return values;
	}

	private Tags tags(Key key) {
		List<Tag> tags = new ArrayList<>();
		tags.add(Tag.of(CommonTags.OPERATION.asString(), key.operation()));
		tags.add(Tag.of(CommonTags.PROVIDER.asString(), key.provider()));
		tags.add(Tag.of(CommonTags.MODEL.asString(), key.model()));
		tags.add(Tag.of(CommonTags.FEATURE.asString(), key.feature()));
		for (int i = 0; i < this.callerTags.size(); i++) {
			tags.add(Tag.of(this.callerTags.get(i), key.callerTags().get(i)));
		}
		return Tags.of(tags);
	}

	/**
	 * The values of the common tags.
	 *
	 * @param operation the operation
	 * @param provider the provider
	 * @param model the model
	 * @param feature the feature
	 * @param callerTags the values of the caller tags
	 */
	private record Key(String operation, String provider, String model, String feature, List<String> callerTags) {

	}

}
