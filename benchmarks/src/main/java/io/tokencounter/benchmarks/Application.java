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

package io.tokencounter.benchmarks;

import java.util.ArrayList;
import java.util.List;

import io.micrometer.observation.ObservationRegistry;

import org.springframework.ai.benchmarks.FinalInstantChatModel;
import org.springframework.ai.benchmarks.InstantChatModel;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * The application that each benchmark is run in, with the real auto-configurations.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
public class Application {

	/**
	 * Starts an application.
	 * @param counting what counts its tokens
	 * @param chunks the number of chunks of a stream
	 * @param properties further properties
	 * @return the application
	 */
	static ConfigurableApplicationContext run(Counting counting, int chunks, String... properties) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.add("benchmarks.counting=" + counting.name());
		all.add("benchmarks.chunks=" + chunks);
		all.add("spring.ai.model.chat=none");
		all.add("spring.ai.model.embedding=none");
		all.add("spring.main.banner-mode=off");
		all.add("logging.level.root=warn");
		all.addAll(counting.properties());
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(all.toArray(String[]::new))
			.run();
	}

	@Bean
	ChatModel chatModel(ObservationRegistry observationRegistry, Environment environment) {
		Counting counting = environment.getRequiredProperty("benchmarks.counting", Counting.class);
		int chunks = environment.getRequiredProperty("benchmarks.chunks", Integer.class);
		ObservationRegistry used = counting.isObserved() ? observationRegistry : ObservationRegistry.NOOP;
		return switch (counting.model()) {
			case OPEN -> new InstantChatModel(used, chunks);
			case FINAL -> new FinalInstantChatModel(used, chunks);
			case OWN -> new OwnChatModel(used, chunks);
		};
	}

	@Bean
	@ConditionalOnProperty("token-counter.metrics.tags")
	TagSetsBenchmark.Tenants tenants() {
		return new TagSetsBenchmark.Tenants();
	}

	@Bean
	@ConditionalOnBooleanProperty("management.observations.annotations.enabled")
	TrackedMethodBenchmark.Methods methods() {
		return new TrackedMethodBenchmark.Methods();
	}

}
