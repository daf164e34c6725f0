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

package io.tokencounter.pricing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names under which a price of a model may be listed. Only parts that are known not
 * to tell models apart are taken off a name; no name is ever matched by its beginning.
 */
final class ModelNames {

	/**
	 * Region of an inference profile, vendor, and name.
	 */
	private static final Pattern BEDROCK = Pattern.compile("(?:(?:us|us-gov|eu|apac|ap|jp|au|ca|global)\\.)?"
			+ "((?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer)"
			+ "\\.(.+))");

	private static final Pattern BEDROCK_VERSION = Pattern.compile("-v\\d+(?::\\d+)?(?::\\d+k)?$");

	/**
	 * Year, month and day, or month and day.
	 */
	private static final Pattern DATE = Pattern
		.compile("[-@](?:20\\d{2}-\\d{2}-\\d{2}|20\\d{6}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01]))$");

	/**
	 * A fine-tuned model: its base, and whose it is.
	 */
	private static final Pattern FINE_TUNED = Pattern.compile("(ft:[^:]+):.*");

	private static final Pattern GEMINI_REVISION = Pattern.compile("(gemini-.+)-00\\d");

	private ModelNames() {
	}

	/**
	 * Return whether a model is one of Ollama's cloud, which is not free of charge.
	 */
	static boolean runsInOllamaCloud(String model) {
		return model.endsWith("-cloud") || model.endsWith(":cloud");
	}

	/**
	 * Return the names of a model, the most exact one first.
	 * @param model a name as a provider writes it
	 * @return the names in lower case: as written, then without a path, region, vendor,
	 * version or date
	 */
	static List<String> of(String model) {
		Set<String> names = new LinkedHashSet<>();
		String name = model.trim().toLowerCase(Locale.ROOT);
		addWithoutDate(names, name);
		Matcher fineTuned = FINE_TUNED.matcher(name);
		if (fineTuned.matches()) {
			addWithoutDate(names, fineTuned.group(1));
		}
		String prefix = name.startsWith("arn:") ? "/" : "models/";
		int end = name.lastIndexOf(prefix);
		if (end >= 0) {
			name = name.substring(end + prefix.length());
			addWithoutDate(names, name);
		}
		Matcher bedrock = BEDROCK.matcher(name);
		if (bedrock.matches()) {
			addWithoutVersion(names, name);
			addWithoutVersion(names, bedrock.group(1));
			addWithoutVersion(names, bedrock.group(2));
		}
		return List.copyOf(names);
	}

	private static void addWithoutVersion(Set<String> names, String name) {
		addWithoutDate(names, name);
		addWithoutDate(names, BEDROCK_VERSION.matcher(name).replaceFirst(""));
	}

	private static void addWithoutDate(Set<String> names, String name) {
		names.add(name);
		names.add(DATE.matcher(name).replaceFirst(""));
		Matcher gemini = GEMINI_REVISION.matcher(name);
		if (gemini.matches()) {
			names.add(gemini.group(1));
		}
	}

}
