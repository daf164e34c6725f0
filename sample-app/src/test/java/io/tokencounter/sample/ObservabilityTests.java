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

package io.tokencounter.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tokencounter.budget.BudgetMeterDocumentation;
import io.tokencounter.ledger.LedgerCounts;
import io.tokencounter.ledger.LedgerMetrics;
import io.tokencounter.metrics.TokenMeterDocumentation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the names in {@code observability} to those that Prometheus is given, of the
 * meters that the sample's provider never causes, too.
 */
class ObservabilityTests {

	private static final Path DIRECTORY = Path.of("../observability");

	@ParameterizedTest
	@ValueSource(strings = { "dashboard.json", "rules.yml" })
	void namesMetersAsPrometheusDoes(String file) throws Exception {
		assertThat(namesIn(file)).isNotEmpty().isSubsetOf(namesOfMeters());
	}

	@Test
	void showsEveryMeter() throws Exception {
		Set<String> shown = namesIn("dashboard.json");
		meters().forEach((meter) -> {
			Set<String> names = namesOf(meter);
			assertThat(shown).as(meter.getName()).anyMatch(names::contains);
		});
		assertThat(shown).containsAll(namesOfLedger());
	}

	private static Set<String> namesIn(String file) throws Exception {
		// Behind a colon these are the names of recording rules
		return find("(?<![\\w:])llm_\\w+", Files.readString(DIRECTORY.resolve(file)));
	}

	private static Set<String> namesOfMeters() {
		return Stream.concat(meters().flatMap((meter) -> namesOf(meter).stream()), namesOfLedger().stream())
			.collect(Collectors.toSet());
	}

	private static Stream<MeterDocumentation> meters() {
		return Stream.concat(Stream.of(TokenMeterDocumentation.values()), Stream.of(BudgetMeterDocumentation.values()));
	}

	private static Set<String> namesOfLedger() {
		PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		new LedgerMetrics(new LedgerCounts()).bindTo(registry);
		return find("(?m)^llm_\\w+", registry.scrape());
	}

	private static Set<String> namesOf(MeterDocumentation meter) {
		PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		switch (meter.getType()) {
			case COUNTER -> Counter.builder(meter.getName()).baseUnit(meter.getBaseUnit()).register(registry);
			case GAUGE -> Gauge.builder(meter.getName(), () -> 1).baseUnit(meter.getBaseUnit()).register(registry);
			case TIMER -> Timer.builder(meter.getName()).register(registry);
			default -> DistributionSummary.builder(meter.getName()).baseUnit(meter.getBaseUnit()).register(registry);
		}
		return find("(?m)^llm_\\w+", registry.scrape());
	}

	private static Set<String> find(String pattern, String text) {
		return Pattern.compile(pattern).matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
	}

}
