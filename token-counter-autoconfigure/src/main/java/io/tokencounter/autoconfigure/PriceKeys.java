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

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.tokencounter.pricing.InvalidPriceException;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;

/**
 * Finds names of models in the keys of prices that Spring Boot changes on the way, as
 * they are not in brackets: {@code models.openai/gpt-4o.input} would silently be the
 * price of {@code openaigpt-4o}. Stops the start, and says how to write it.
 */
final class PriceKeys implements BeanFactoryPostProcessor {

	private static final Pattern KEY = Pattern
		.compile("token-?counter\\.pricing\\.models\\.([^\\[].*?)(\\.[a-zA-Z_-]+)?");

	private static final Pattern UNCHANGED = Pattern.compile("[a-zA-Z0-9-]+");

	private final Environment environment;

	PriceKeys(Environment environment) {
		this.environment = environment;
	}

	// Before properties are bound, as binding fails on some such keys without saying why
	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		List<String> problems = problems();
		if (!problems.isEmpty()) {
			throw new InvalidPriceException("the properties 'token-counter.pricing'", problems, null);
		}
	}

	private List<String> problems() {
		Set<String> problems = new TreeSet<>();
		if (this.environment instanceof ConfigurableEnvironment configurable) {
			for (PropertySource<?> source : configurable.getPropertySources()) {
				if (source instanceof EnumerablePropertySource<?> enumerable) {
					for (String name : enumerable.getPropertyNames()) {
						addProblem(name, problems);
					}
				}
			}
		}
		return new ArrayList<>(problems);
	}

	private static void addProblem(String name, Set<String> problems) {
		Matcher key = KEY.matcher(name);
		if (key.matches() && !UNCHANGED.matcher(key.group(1)).matches()) {
			String field = (key.group(2) != null) ? key.group(2) : "";
			problems
				.add(("'%s': names of models with other characters than letters, digits and '-' must be in brackets:"
						+ " 'token-counter.pricing.models[%s]%s', in YAML \"[%s]\" in quotes")
					.formatted(name, key.group(1), field, key.group(1)));
		}
	}

}
